"""Tickets: a call is written down, gets a time by the business calendar, is answered and closed (O-8)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import authorise
from applications.models import Application
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotAllowed, RuleViolated, Stale, Violation
from audit.services import record, transition
from certificates.models import Certificate
from regulations.calendar import tokyo
from regulations.numbers import ticket_number
from regulations.selectors import business_calendar
from regulations.text import TextError, clean
from support_desk import rules
from support_desk.models import Ticket, TicketEntry
from support_desk.states import TICKET


@dataclass(frozen=True)
class Call:
    """What an agent types while somebody speaks."""

    kind: str
    caller_name: str
    matter: str
    callback_number: str = ""
    channel: str = "telephone"


@dataclass(frozen=True)
class About:
    """Whom and what a call is about, as far as known."""

    person: User | None = None
    certificate: Certificate | None = None
    application: Application | None = None

    @property
    def story(self) -> UUID:
        """Return the story that the ticket belongs to; a matter of its own begins a new one."""
        if self.certificate is not None:
            return self.certificate.story
        return self.application.story if self.application is not None else uuid4()


@transaction.atomic
def open_ticket(*, call: Call, about: About, actor: Actor, at: datetime) -> Ticket:
    """Write a call down and say until when it is answered.

    Inside service hours the time runs at once; outside them from the opening of the next business day
    (O-8.3, O-8.4). Raises RuleViolated with what is missing.
    """
    actor = authorise(actor=actor, act=Act.TICKET_OPEN)
    found = rules.check_call(kind=call.kind, caller_name=call.caller_name, matter=call.matter)
    if found:
        raise RuleViolated(found)
    kind = rules.KINDS[call.kind]
    ticket = Ticket.objects.create(
        number=ticket_number(tokyo(at).year),
        story=about.story,
        channel=call.channel,
        kind=kind.key,
        caller_name=_clean(call.caller_name, "caller_name")[:120],
        callback_number=_clean(call.callback_number, "callback_number")[:30],
        person=about.person,
        certificate=about.certificate,
        application=about.application,
        matter=_clean(call.matter, "matter"),
        agent_id=actor.person_id,
        status_since=at,
        received_at=at,
        due_at=business_calendar().due(at, business_hours=kind.hours),
    )
    details = {"number": ticket.number, "kind": kind.key, "due_at": ticket.due_at}
    record(act=Act.TICKET_OPEN, actor=actor, at=at, subject=ticket, details=details)
    return ticket


@transaction.atomic
def link(*, ticket: Ticket, about: About, actor: Actor, at: datetime) -> Ticket:
    """Tie a ticket to a person, and to one of their certificates or applications.

    Once answers were matched, the person stays: what was matched for one is worth nothing for another.
    """
    actor = authorise(actor=actor, act=Act.TICKET_LINK)
    row = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    if row.checks.exists() and row.person != about.person:
        message = _("Answers were matched for somebody else in this ticket. Please write down a new call.")
        raise RuleViolated([Violation("person", "checked", message)])
    for held in (
        about.certificate and about.certificate.holder_id,
        about.application and about.application.applicant_id,
    ):
        if held is not None and (about.person is None or held != about.person.pk):
            raise NotAllowed
    row.person, row.certificate, row.application = about.person, about.certificate, about.application
    if about.certificate is not None or about.application is not None:
        row.story = about.story
    row.save(update_fields=["person", "certificate", "application", "story"])
    person = str(about.person.pk) if about.person else ""
    record(act=Act.TICKET_LINK, actor=actor, at=at, subject=row, details={"person": person})
    return row


@transaction.atomic
def add_entry(*, ticket: Ticket, kind: str, text: str, actor: Actor, at: datetime) -> TicketEntry:
    """Add a note, an instruction to the caller, or the caller's word that it is done (O-16.2.4)."""
    actor = authorise(actor=actor, act=Act.TICKET_NOTE)
    if kind not in rules.TYPED_KINDS:
        raise RuleViolated([Violation("kind", "kind_unknown", _("Please choose what this is."))])
    return _entry(ticket, kind, text, Act.TICKET_NOTE, actor, at)


@transaction.atomic
def answer(*, ticket: Ticket, text: str, actor: Actor, at: datetime) -> Ticket:
    """Write down the answer that the caller got; the clock stops. Raises Stale when it was answered already."""
    actor = authorise(actor=actor, act=Act.TICKET_ANSWER)
    _entry(ticket, "answer", text, Act.TICKET_NOTE, actor, at)
    late = ticket.due_at < at
    columns = {"answered_at": at}
    return transition(
        machine=TICKET, row=ticket, act=Act.TICKET_ANSWER, actor=actor, at=at, details={"late": late}, columns=columns
    )


@transaction.atomic
def close(*, ticket: Ticket, text: str, actor: Actor, at: datetime) -> Ticket:
    """Close a ticket; one without an answer needs its answer or reason now. Closing twice changes nothing."""
    actor = authorise(actor=actor, act=Act.TICKET_CLOSE)
    row = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    if row.status == "closed":
        return row
    columns = {}
    if row.status == "open":
        _entry(row, "answer", text, Act.TICKET_NOTE, actor, at)
        columns = {"answered_at": at}
    elif text.strip():
        _entry(row, "note", text, Act.TICKET_NOTE, actor, at)
    return transition(machine=TICKET, row=row, act=Act.TICKET_CLOSE, actor=actor, at=at, columns=columns)


def _entry(ticket: Ticket, kind: str, text: str, act: Act, actor: Actor, at: datetime) -> TicketEntry:
    if ticket.status == "closed":
        raise Stale(state=ticket.status)
    violations = rules.check_text(text)
    if violations:
        raise RuleViolated(violations)
    entry = TicketEntry.objects.create(
        ticket=ticket, kind=kind, text=_clean(text, "text"), author_id=actor.person_id, at=at
    )
    record(act=act, actor=actor, at=at, subject=ticket, details={"entry": kind})
    return entry


def _clean(text: str, field: str) -> str:
    try:
        return clean(text, multiline=field in {"matter", "text"})
    except TextError as error:
        raise RuleViolated([Violation(field, error.code, error.message)]) from error
