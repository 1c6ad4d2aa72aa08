"""The one page on which a case is decided: examiner and approver see the same."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of, person_of, roles_of
from applications.forms.examination import ContactForm, VerdictForm
from applications.models import Application
from applications.rules.viewing import ViewState
from applications.selectors.case import Case, case_of, case_rows
from applications.services import examination, looking, overriding
from applications.views.queue import list_again
from audit.refusals import RuleViolated, Violation

Errors = Mapping[str, list[Violation]]


def application_of(key: UUID) -> Application:
    """Return an application that the office sees; a draft or an unknown id does not exist."""
    found: Application | None = case_rows().filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def back_to(application: Application, anchor: str = "", query: str = "") -> HttpResponse:
    """Send the reader to the case page, to the row in question, with the view of the documents that they had."""
    place = f"#{anchor}" if anchor else ""
    return redirect(f"{reverse('applications:case', args=[application.pk])}{query}{place}")


@require_GET
def case(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show one application: documents left, judgement right, the decision at the foot."""
    application, at = application_of(key), timezone.now()
    if not request.htmx:  # type: ignore[attr-defined]
        looking.open_case(application=application, actor=actor_of(request), at=at)
    return show_case(request, application)


def show_case(
    request: HttpRequest,
    application: Application,
    *,
    opened: Mapping[str, str] | None = None,
    wrong: tuple[str, RuleViolated, Mapping[str, str]] | None = None,
    contact: ContactForm | None = None,
) -> HttpResponse:
    """Render the page; `wrong` is the item that could not be kept, why, and what was typed."""
    view = ViewState.parse(request.POST if request.method == "POST" else request.GET)
    page = case_of(
        application=application,
        person=person_of(request),
        roles=roles_of(request),
        at=timezone.now(),
        view=view,
        opened=opened,
    )
    context = {"case": page, "wrong": wrong_of(page, wrong), "contact": contact or ContactForm()}
    failed = wrong is not None or (contact is not None and bool(contact.errors))
    status = 422 if failed and not request.htmx else 200  # type: ignore[attr-defined]
    return render(request, "applications/staff/case.html", context, status=status)


def wrong_of(page: Case, wrong: tuple[str, RuleViolated, Mapping[str, str]] | None) -> dict[str, object]:
    """Return what the template says at the item that could not be kept; every row looks whether it is the one."""
    if wrong is None:
        return {"key": None, "violations": ()}
    key, refused, typed = wrong
    messages_of = [{"field": found.field, "message": found.message} for found in refused.violations]
    label = next((str(row.item.label) for row in page.rows if row.item.key == key), "")
    return {"key": key, "label": label, "violations": messages_of, "typed": typed}


@require_POST
def claim(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take a case."""
    application = application_of(key)
    examination.claim(application=application, actor=actor_of(request), at=timezone.now())
    return list_again(request, application) if "list" in request.POST else back_to(application)


@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    """Take the case that is due next, or say that there is none."""
    application = examination.claim_next(actor=actor_of(request), at=timezone.now())
    if application is None:
        messages.info(request, _("Nothing waits that nobody has."))
        return redirect("applications:queue")
    return back_to(application)


@require_POST
def release(request: HttpRequest, key: UUID) -> HttpResponse:
    """Put a case back."""
    application = application_of(key)
    examination.release(application=application, actor=actor_of(request), at=timezone.now())
    if "list" in request.POST:
        return list_again(request, application)
    messages.success(request, _("The application is back among those that nobody has."))
    return redirect("applications:queue")


@require_POST
def item(request: HttpRequest, key: UUID, item_key: str) -> HttpResponse:
    """Keep what was found about one item; words without a result, or with one that is refused, stay as a draft."""
    application = application_of(key)
    sheet_item = examination.sheet_item(application, item_key)
    verdict = VerdictForm(request.POST).verdict(telephone=sheet_item.kind == "telephone")
    kept: dict[str, Any] = {"application": application, "key": item_key, "verdict": verdict, "actor": actor_of(request)}
    try:
        if verdict.result or not request.htmx:  # type: ignore[attr-defined]
            examination.judge(**kept, at=timezone.now())
        else:  # written before a result was chosen
            examination.keep_words(**kept, at=timezone.now())
    except RuleViolated as refused:
        with suppress(RuleViolated):
            examination.keep_words(**kept, at=timezone.now())
        return show_case(request, application, wrong=(item_key, refused, request.POST.dict()))
    if request.htmx:  # type: ignore[attr-defined]
        return show_case(request, application)
    return back_to(application, f"item-{item_key}", ViewState.parse(request.POST).query())


@require_POST
def note(request: HttpRequest, key: UUID) -> HttpResponse:
    """Keep the findings."""
    application, text = application_of(key), request.POST.get("note", "")
    examination.write_findings(application=application, text=text, actor=actor_of(request), at=timezone.now())
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    return back_to(application, "findings-note")


@require_POST
def override(request: HttpRequest, key: UUID) -> HttpResponse:
    """Override a finding with a reason; what is wrong with it stands at the finding."""
    application, typed = application_of(key), request.POST.dict()
    try:
        overriding.override(
            application=application,
            code=str(typed.get("code", "")),
            about=str(typed.get("about", "")),
            reason=str(typed.get("reason", "")),
            actor=actor_of(request),
            at=timezone.now(),
        )
    except RuleViolated as refused:
        return show_case(request, application, wrong=("findings", refused, typed))
    return back_to(application, "findings")


@require_http_methods(["POST"])
def contact(request: HttpRequest, key: UUID) -> HttpResponse:
    """Keep a call or mail that the office made (O-17.1)."""
    application, form = application_of(key), ContactForm(request.POST)
    if not form.is_valid():
        return show_case(request, application, contact=form)
    examination.log_contact(application=application, talk=form.talk(), actor=actor_of(request), at=timezone.now())
    return back_to(application, "contacts")


@require_POST
def look(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show one masked value after a reason; it shows until the page is left."""
    application, field = application_of(key), request.POST.get("field", "")
    value = looking.look_at_value(
        application=application,
        key=field,
        reason=request.POST.get("reason", ""),
        actor=actor_of(request),
        at=timezone.now(),
    )
    return show_case(request, application, opened={field: value})
