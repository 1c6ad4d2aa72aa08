"""Pages on which something is asked or decided: consequences first, then the button."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import actor_of, person_of, roles_of
from applications.forms.asking import AskForm
from applications.forms.examination import NoteForm, RefusalForm, put_at_fields
from applications.models import Application
from applications.selectors.case import Case, case_of
from applications.selectors.watching import sheet_for
from applications.services import asking, deciding
from applications.services.asking import Question
from applications.views.case import application_of, back_to, show_case
from audit.refusals import RuleViolated, Violation

get_and_post = require_http_methods(["GET", "POST"])


def case_for(request: HttpRequest, application: Application) -> Case:
    """Return the case as the reader sees it now."""
    return case_of(application=application, person=person_of(request), roles=roles_of(request), at=timezone.now())


def page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """Render a page of this module; a form with faults answers 422."""
    form = context.get("form")
    wrong = isinstance(form, Form) and form.is_bound and bool(form.errors)
    return render(request, f"applications/staff/{template}.html", context, status=422 if wrong else 200)


def faulty(form: Form, violations: Sequence[Violation]) -> bool:
    """Put violations at their fields; tell whether there were any, so that nothing impossible gets a preview."""
    if violations:
        put_at_fields(form, RuleViolated(list(violations)))
    return bool(violations)


def done(form: Form, act: Callable[[], object]) -> bool:
    """Do `act` when the form is right; tell whether it was done, with violations put at the fields."""
    if not form.is_valid():
        return False
    try:
        act()
    except RuleViolated as refused:
        put_at_fields(form, refused)
        return False
    return True


@get_and_post
def ask(request: HttpRequest, key: UUID) -> HttpResponse:
    """Ask the applicant for more: form, preview of the mail, then sending."""
    application, at = application_of(key), timezone.now()
    results = dict(application.items.values_list("key", "result"))
    sheet = sheet_for(application)
    form = AskForm(request.POST or None, ruleset=application.rules.ruleset, sheet=sheet, results=results)

    def send() -> None:
        asking.ask(application=application, question=form.asked(), actor=actor_of(request), at=at)

    if request.POST.get("act") == "send" and done(form, send):
        messages.success(request, _("Sent. The clock stands still until the applicant answers."))
        return redirect("applications:queue")
    question = form.asked() if form.is_bound and form.is_valid() else Question()
    mail = asking.mail_of(application, question, asking.due_of(question, at))
    preview = request.POST.get("act") == "preview" and form.is_valid()
    return page(
        request, "ask", case=case_for(request, application), form=form, mail=mail, preview=preview, question=question
    )


@require_POST
def recommend(request: HttpRequest, key: UUID) -> HttpResponse:
    """Hand the case to the approver; what is missing is named on the page."""
    application, seen = application_of(key), request.POST.get("seen", "")
    try:
        deciding.recommend(application=application, seen=seen, actor=actor_of(request), at=timezone.now())
    except RuleViolated as refused:
        return show_case(request, application, wrong=("", refused, {}))
    messages.success(request, _("%(number)s waits for approval.") % {"number": application.receipt_number})
    return redirect("applications:queue")


def proposed_in(application: Application) -> dict[str, str]:
    """Return ground and text as they were proposed last, so that nobody writes them twice."""
    return {"ground": application.refusal_ground, "text": application.refusal_text}


@get_and_post
def propose_refusal(request: HttpRequest, key: UUID) -> HttpResponse:
    """Propose to refuse, with ground and text."""
    application = application_of(key)
    form = RefusalForm(request.POST or None, initial=proposed_in(application))

    def propose() -> None:
        deciding.propose_refusal(
            application=application,
            refusal=form.refusal(),
            seen=request.POST.get("seen", ""),
            actor=actor_of(request),
            at=timezone.now(),
        )

    if done(form, propose):
        messages.success(request, _("The proposal waits for the approver."))
        return redirect("applications:queue")
    return page(request, "propose_refusal", case=case_for(request, application), form=form)


@get_and_post
def approve(request: HttpRequest, key: UUID) -> HttpResponse:
    """Approve: the consequences first; what was seen is bound by its digest."""
    application = application_of(key)
    if request.method == "GET":
        return page(request, "approve", case=case_for(request, application))
    try:
        deciding.approve(
            application=application,
            seen=request.POST.get("seen", ""),
            actor=actor_of(request),
            at=timezone.now(),
        )
    except RuleViolated as refused:
        return show_case(request, application, wrong=("", refused, {}))
    messages.success(request, _("%(number)s is approved. The signer issues.") % {"number": application.receipt_number})
    return back_to(application)


@get_and_post
def send_back(request: HttpRequest, key: UUID) -> HttpResponse:
    """Give a case back to the examiner with a note."""
    application = application_of(key)
    form = NoteForm(request.POST or None)

    def send() -> None:
        note = form.cleaned_data["note"]
        deciding.send_back(application=application, note=note, actor=actor_of(request), at=timezone.now())

    if done(form, send):
        messages.success(request, _("The case is back with its examiner."))
        return redirect("applications:queue")
    return page(request, "send_back", case=case_for(request, application), form=form)


@get_and_post
def refuse(request: HttpRequest, key: UUID) -> HttpResponse:
    """Refuse: ground and text as the applicant will read them, the consequences, the button."""
    application = application_of(key)
    form = RefusalForm(request.POST or None, initial=proposed_in(application))

    def decide() -> None:
        deciding.refuse(
            application=application,
            refusal=form.refusal(),
            seen=request.POST.get("seen", ""),
            actor=actor_of(request),
            at=timezone.now(),
        )

    if done(form, decide):
        messages.success(request, _("%(number)s is refused.") % {"number": application.receipt_number})
        return redirect("applications:queue")
    return page(request, "refuse", case=case_for(request, application), form=form)
