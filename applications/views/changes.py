"""Notices of change: the holder's form, its written form on paper, and the office's pages about them (O-13, J-5.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from accounts.services import authorise
from applications import paper
from applications.forms.applicant import StepForm, initial_of
from applications.forms.changes import NoteForm, NoticeForm, ProposalForm
from applications.forms.examination import put_at_fields
from applications.models import ChangeNotice
from applications.rules import changes as rules
from applications.selectors import changes as selectors
from applications.selectors.facts import side_of
from applications.services import changing
from applications.services.changing import Proposal, Said
from applications.views.intake import note_refusal
from audit.acts import Act
from audit.refusals import RuleViolated, Violation
from audit.services import record
from certificates.models import Certificate
from certificates.selectors import own, standing_of


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Write the new value beside the old one, field by field, and hand it in."""
    certificate = own(person_of(request), certificate_id)
    ruleset, old = selectors.ruleset_for(certificate), selectors.said_now(certificate)
    values = StepForm(
        ruleset.fields, request.POST if request.method == "POST" else None, initial=initial_of(ruleset.fields, {}, old)
    )
    form = NoticeForm(request.POST if request.method == "POST" else None)
    refused: list[Violation] = []
    if request.method == "POST":
        try:
            notice = handed_in(request, certificate, values, form)
        except RuleViolated as error:
            note_refusal(request, error, Act.CHANGE_SUBMIT)
            refused = error.violations
            put(refused, values, form)
        else:
            return redirect("applications:change", notice.pk)
    rows = [(bound, width, old.get(bound.name, "")) for bound, width in values.rows()]
    page = {"certificate": certificate, "form": form, "rows": rows, "values": values}
    page["refusals"] = [row for row in refused if row.field is None]
    return render(request, "applications/changes/report.html", page, status=422 if refused else 200)


def handed_in(request: HttpRequest, certificate: Certificate, values: StepForm, form: NoticeForm) -> ChangeNotice:
    """Hand in what was typed. Raises RuleViolated with everything that is wrong."""
    form.is_valid()
    if "since" in form.errors:
        raise RuleViolated([Violation("since", "date", str(form.errors["since"][0]))])
    kind, text = request.POST.get("kind", ""), request.POST.get("text", "")
    said = Said(values.typed(), kind, form.cleaned_data.get("since"), text)
    return changing.submit(certificate=certificate, said=said, actor=actor_of(request), at=timezone.now())


def put(violations: list[Violation], values: StepForm, form: NoticeForm) -> None:
    """Put each violation at its field, in whichever of the two forms it stands."""
    form.errors.clear()
    for row in violations:
        if row.field in form.fields:
            form.add_error(row.field, str(row.message))
        elif row.field in values.fields:
            values.add_error(row.field, str(row.message))


def own_notice(request: HttpRequest, notice_id: UUID) -> ChangeNotice:
    """The visitor's own notice; anything else is absent (404)."""
    return get_object_or_404(selectors.own_notices(person_of(request)), pk=notice_id)


def printable(request: HttpRequest, notice_id: UUID) -> ChangeNotice:
    """The visitor's own notice as long as what it said is kept; there is nothing to sign afterwards (404)."""
    notice = own_notice(request, notice_id)
    if notice.contents_erased_at is not None:
        raise Http404
    return notice


@require_GET
def detail(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """How one's own notice stands, and what is to be done now."""
    return render(request, "applications/changes/detail.html", notice_page(own_notice(request, notice_id)))


@require_GET
def printed(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """The written notice as a page for paper."""
    return render(request, "applications/changes/print.html", notice_page(printable(request, notice_id)))


@require_GET
def written(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """The written notice as a PDF; without Japanese letters on this machine, the page for paper instead."""
    notice = printable(request, notice_id)
    if not paper.has_letters():
        messages.info(request, _("The PDF can't be made here. Please print this page."))
        return redirect("applications:change_print", notice.pk)
    response = HttpResponse(paper.written_notice(on_paper(notice)), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{notice.receipt_number}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def withdraw(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Take one's own notice back."""
    notice = own_notice(request, notice_id)
    changing.withdraw(notice=notice, actor=actor_of(request), at=timezone.now())
    messages.success(request, _("The notice was withdrawn."))
    return redirect("applications:change", notice.pk)


def notice_page(notice: ChangeNotice) -> dict[str, Any]:
    """What every page about a notice shows."""
    return {
        "notice": notice,
        "certificate": notice.certificate,
        "kind": rules.KINDS[notice.kind],
        "outcome": rules.OUTCOMES.get(notice.outcome, ""),
        "at": timezone.now(),
        "withdrawable": notice.status in ("received", "examining"),
    }


def on_paper(notice: ChangeNotice) -> dict[str, Any]:
    """What the PDF says, in the reader's language."""
    facts = [
        [_("Receipt number"), notice.receipt_number],
        [_("Received"), day_on_paper(timezone.localtime(notice.received_at).date())],
        [_("Printed"), day_on_paper(timezone.localtime().date())],
        [_("Certificate"), f"{notice.certificate.management_number}  {notice.certificate.common_name}"],
        [_("Holder"), notice.person.name or notice.person.email],
        [_("What happened"), str(rules.KINDS[notice.kind])],
    ]
    if notice.since is not None:
        facts.append([_("Day of the change"), day_on_paper(notice.since)])
    rows = [[_localised(row["label"]), row["old"] or "—", row["new"] or "—"] for row in notice.changes]
    heads = [_("Item"), _("Old"), _("New")]
    sign = _("Name and seal or signature:") + " ________________________"
    return {
        "title": _("Notice of change"),
        "facts": facts,
        "heads": heads,
        "rows": rows,
        "text": notice.text,
        "sign": sign,
    }


def day_on_paper(day: date) -> str:
    """A day for paper, by both calendars."""
    return render_to_string("applications/changes/day.txt", {"day": day}).strip()


def _localised(label: dict[str, str]) -> str:
    return render_to_string("applications/changes/label.txt", {"label": label}).strip()


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for the office, urgent first."""
    return render(request, "applications/changes/queue.html", {"rows": selectors.notices_of_office()[:200]})


def notice_of(key: UUID) -> ChangeNotice:
    """A notice that the office sees."""
    return get_object_or_404(selectors.notices_of_office(), pk=key)


@require_GET
def case(request: HttpRequest, key: UUID) -> HttpResponse:
    """One notice: old beside new, what may follow, the decision."""
    notice = notice_of(key)
    actor = authorise(actor=actor_of(request), act=Act.CHANGE_READ)
    record(act=Act.CHANGE_READ, actor=actor, at=timezone.now(), subject=notice)
    return show_case(request, notice)


def show_case(request: HttpRequest, notice: ChangeNotice, *, form: Form | None = None) -> HttpResponse:
    """The page of a notice for whoever of the office looks at it; `form` came back with faults."""
    person = person_of(request)
    roles, own_one = person.role_names(), person.pk in side_of(notice)
    examines = notice.status == "examining" and notice.examiner_id == person.pk
    outcomes = outcomes_of(notice)
    page = notice_page(notice) | {
        "own_one": own_one,
        "standing": standing_of(notice.certificate, timezone.now()),
        "examines": examines,
        "may_claim": "examiner" in roles and not own_one and notice.status == "received",
        "may_decide": "approver" in roles
        and not own_one
        and notice.status == "awaiting_approval"
        and not (notice.four_eyes and notice.examiner_id == person.pk),
        "form": form if isinstance(form, ProposalForm) else ProposalForm(outcomes=outcomes, initial=proposed(notice)),
        "note_form": form if isinstance(form, NoteForm) else NoteForm(),
    }
    return render(request, "applications/changes/case.html", page, status=422 if form is not None else 200)


def outcomes_of(notice: ChangeNotice) -> list[str]:
    """What may follow from a notice now."""
    usable = selectors.is_usable(notice.certificate, timezone.now())
    return rules.outcomes_of(selectors.ruleset_for(notice.certificate), notice.changes, usable=usable)


def proposed(notice: ChangeNotice) -> dict[str, str]:
    """What was proposed before, to begin with."""
    return {"outcome": notice.outcome, "findings": notice.findings, "answer": notice.answer}


@require_POST
def claim(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take a notice."""
    changing.claim(notice=notice_of(key), actor=actor_of(request), at=timezone.now())
    return redirect("applications:change_case", key)


@require_POST
def release(request: HttpRequest, key: UUID) -> HttpResponse:
    """Put a notice back."""
    changing.release(notice=notice_of(key), actor=actor_of(request), at=timezone.now())
    return redirect("applications:changes")


@require_POST
def propose(request: HttpRequest, key: UUID) -> HttpResponse:
    """Hand a notice to the approver with what is to follow."""
    notice = notice_of(key)
    outcomes = outcomes_of(notice)
    form = ProposalForm(request.POST, outcomes=outcomes)

    def act() -> None:
        said = {name: request.POST.get(name, "") for name in ("outcome", "findings", "answer")}
        changing.propose(notice=notice, proposal=Proposal(**said), actor=actor_of(request), at=timezone.now())

    return after(request, notice, form, act)


@require_POST
def send_back(request: HttpRequest, key: UUID) -> HttpResponse:
    """Give a notice back to its examiner with a note."""
    notice, form = notice_of(key), NoteForm(request.POST)

    def act() -> None:
        note = request.POST.get("note", "")
        changing.send_back(notice=notice, note=note, actor=actor_of(request), at=timezone.now())

    return after(request, notice, form, act)


@require_POST
def settle(request: HttpRequest, key: UUID) -> HttpResponse:
    """Decide what was proposed."""
    notice, seen = notice_of(key), request.POST.get("seen", "")

    def act() -> None:
        changing.settle(notice=notice, seen=seen, actor=actor_of(request), at=timezone.now())
        messages.success(request, _("Decided. The holder is told."))

    return after(request, notice, NoteForm({}), act)


def after(request: HttpRequest, notice: ChangeNotice, form: Form, act: Callable[[], None]) -> HttpResponse:
    """Do `act` and show the notice, or show what was wrong at its field."""
    form.is_valid()
    try:
        act()
    except RuleViolated as refused:
        note_refusal(request, refused, Act.CHANGE_READ)
        form.errors.clear()
        put_at_fields(form, refused)
        return show_case(request, notice, form=form)
    return redirect("applications:change_case", notice.pk)
