"""Asking the applicant for more: which items, by when, and what happens without an answer (O-4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.services import authorise
from applications.emails import link_to, named_in_both
from applications.models import Application, InformationRequest
from applications.rules import clock
from applications.services.examination import held, person_id_of
from applications.services.telling import tell_examiner, tell_side
from applications.states import APPLICATION
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Violation
from audit.services import record, transition
from certificates.services import orders
from regulations.selectors import business_calendar
from regulations.text import TextError, clean

LEAST_DAYS, MOST_DAYS, USUAL_DAYS = 1, 30, 5
LONGEST_MESSAGE = 2000
MOST_WISHES = 20
BATCH = 200


@dataclass(frozen=True)
class Wish:
    """One thing that is asked for: a document of the rules, or an answer in words, a file with it if need be.

    `key` is the document's; what belongs to no document gets a key of its own. `about` is the item of the sheet.
    """

    key: str
    label: dict[str, str]
    note: str = ""
    kind: str = "document"
    about: str = ""

    def to_json(self, key: str) -> dict[str, Any]:
        """Return the wish as it is kept with the request, under `key`."""
        label = named_in_both(self.label)
        return {"key": key, "label": label, "note": self.note, "kind": self.kind, "about": self.about}


@dataclass(frozen=True)
class Question:
    """Everything that goes to the applicant."""

    wishes: Sequence[Wish] = field(default=())
    message: str = ""
    business_days: int = USUAL_DAYS


def due_of(question: Question, at: datetime) -> datetime:
    """Return until when the applicant may answer: the close of that many business days from now."""
    return business_calendar().due(at, business_days=question.business_days)


@transaction.atomic
def ask(*, application: Application, question: Question, actor: Actor, at: datetime) -> InformationRequest:
    """Ask for documents or answers; the clock of examination stops and the applicant gets a mail.

    Raises RuleViolated when nothing is asked or the time is out of bounds, Stale when somebody else
    has the application or it was withdrawn meanwhile.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_ASK)
    application = held(application, actor)
    _check(question)
    due_at = due_of(question, at)
    request = InformationRequest.objects.create(
        application=application,
        items=items_of(application, question),
        message=question.message,
        asked_by_id=person_id_of(actor),
        asked_at=at,
        due_at=due_at,
        lapses_at=clock.lapses_at(due_at=due_at, calendar=business_calendar()),
    )
    details = {"items": [item["label"]["ja"] for item in request.items], "due_at": due_at}
    transition(machine=APPLICATION, row=application, act=Act.APPLICATION_ASK, actor=actor, at=at, details=details)
    tell_side(
        application=application,
        kind="applications/information_requested",
        context=mail_of(application, question, due_at),
        dedupe=f"information_requested:{request.pk}",
        at=at,
    )
    return request


def items_of(application: Application, question: Question) -> list[dict[str, Any]]:
    """Return the wishes as they are kept; what is no document gets a key that no other request has."""
    number = application.information_requests.count() + 1
    return [wish.to_json(wish.key or f"q{number}-{place}") for place, wish in enumerate(question.wishes, start=1)]


def mail_of(application: Application, question: Question, due_at: datetime) -> dict[str, Any]:
    """Return what the mail says; the examiner's preview is made of the same."""
    return {
        "receipt_number": application.receipt_number,
        "items": [wish.to_json(wish.key) for wish in question.wishes],
        "message": question.message,
        "due_at": due_at.isoformat(),
        "link": link_to("applications:answer", application.pk),
    }


def _check(question: Question) -> None:
    found = []
    if not question.wishes and not question.message.strip():
        found.append(Violation("items", "nothing_asked", _("Please choose what is needed, or write a question.")))
    if len(question.wishes) > MOST_WISHES:
        text = _("Please ask for %(most)d things at the most at a time.") % {"most": MOST_WISHES}
        found.append(Violation("items", "too_many", text))
    for text in (question.message, *(wish.note for wish in question.wishes)):
        try:
            clean(text, multiline=True)
        except TextError as error:
            found.append(Violation("message", error.code, error.message))
        if len(text) > LONGEST_MESSAGE:
            found.append(Violation("message", "too_long", _("Please shorten the text.")))
    if not LEAST_DAYS <= question.business_days <= MOST_DAYS:
        text = _("Between %(least)d and %(most)d business days.") % {"least": LEAST_DAYS, "most": MOST_DAYS}
        found.append(Violation("business_days", "days", text))
    if found:
        raise RuleViolated(found)


@transaction.atomic
def remind(*, actor: Actor, at: datetime) -> int:
    """Remind, once each, whoever was asked and has one business day or less to answer; returns how many."""
    actor = authorise(actor=actor, act=Act.APPLICATION_REMIND)
    calendar = business_calendar()
    open_requests = InformationRequest.objects.filter(
        answered_at=None, reminded_at=None, lapses_at__gte=at, application__status="waiting_information"
    )
    rows = open_requests.select_for_update(skip_locked=True, of=("self",)).select_related("application__applicant")
    near = [row for row in rows.order_by("due_at")[:BATCH] if calendar.business_days_left(at, row.due_at) <= 1]
    for row in near:
        InformationRequest.objects.filter(pk=row.pk).update(reminded_at=at)
        tell_side(
            application=row.application,
            kind="applications/information_reminder",
            context=_context(row),
            dedupe=f"information_reminder:{row.pk}:{row.due_at.isoformat()}",
            at=at,
        )
        record(act=Act.APPLICATION_REMIND, actor=actor, at=at, subject=row.application)
    return len(near)


@transaction.atomic
def lapse_unanswered(*, actor: Actor, at: datetime) -> int:
    """Let applications lapse whose applicants did not answer in time; returns how many."""
    actor = authorise(actor=actor, act=Act.APPLICATION_LAPSE)
    late = InformationRequest.objects.filter(
        answered_at=None, lapses_at__lt=at, application__status="waiting_information"
    )
    locked = late.select_for_update(skip_locked=True, of=("self", "application"))
    rows = list(locked.select_related("application__order", "application__rules")[:BATCH])
    for row in rows:
        application = row.application
        application = transition(machine=APPLICATION, row=application, act=Act.APPLICATION_LAPSE, actor=actor, at=at)
        until = clock.reopens_until(lapsed_at=at, days=application.rules.ruleset.reopen_days)
        if application.order is not None:
            orders.cancel(order=application.order, reason="lapsed", actor=actor, at=at)
        ends = {"reopen_until": until.isoformat() if until is not None else ""}
        dedupe = f"lapsed:{row.pk}:{row.lapses_at.isoformat()}"
        tell_side(
            application=application, kind="applications/lapsed", context=_context(row) | ends, dedupe=dedupe, at=at
        )
        tell_examiner(application=application, word="lapsed", at=at)
    return len(rows)


def _context(request: InformationRequest) -> dict[str, Any]:
    return {
        "receipt_number": request.application.receipt_number,
        "items": request.items,
        "message": request.message,
        "due_at": request.due_at.isoformat(),
        "link": link_to("applications:answer", request.application_id),
    }
