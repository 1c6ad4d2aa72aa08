"""Tickets: an inquiry is written down, gets its times by the business calendar, is answered and closed (O-8)."""

from dataclasses import dataclass, replace
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
from audit.services import record
from certificates.models import Certificate
from regulations.calendar import tokyo
from regulations.models import Contract
from regulations.numbers import ticket_number
from support_desk import rules
from support_desk.models import Ticket, TicketEntry
from support_desk.services import due_times, sending
from support_desk.services.entries import UNSEEN, Seen, Words, changed, cleaned, held, moved, write


@dataclass(frozen=True)
class Call:
    """An inquiry as an agent types it, or as it was written: who, about what, and how to reach them."""

    kind: str
    caller_name: str
    matter: str
    callback_number: str = ""
    channel: str = "telephone"
    email: str = ""
    subject: str = ""
    language: str = "ja"


@dataclass(frozen=True)
class About:
    """Whom and what a call is about, as far as known."""

    person: User | None = None
    certificate: Certificate | None = None
    application: Application | None = None
    contract: Contract | None = None

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
    return made(call=plain(call), about=about, actor=actor, at=at, agent_id=actor.person_id)


def plain(call: Call) -> Call:
    """Return an inquiry that somebody typed in the spelling in which it is kept. Raises RuleViolated."""
    names = ("caller_name", "callback_number", "matter", "subject")
    return replace(call, **{name: cleaned(getattr(call, name), name) for name in names})


def made(*, call: Call, about: About, actor: Actor, at: datetime, agent_id: UUID | None = None) -> Ticket:
    """Make the ticket of an inquiry whose words were made plain, numbered and on record; the actor is authorised."""
    kind = rules.KINDS[call.kind]
    ticket = Ticket.objects.create(
        number=ticket_number(tokyo(at).year),
        story=about.story,
        channel=call.channel,
        kind=kind.key,
        priority=kind.priority,
        subject=call.subject[:200],
        caller_name=call.caller_name[:120],
        callback_number=call.callback_number[:30],
        email=call.email,
        language=call.language,
        person=about.person,
        certificate=about.certificate,
        application=about.application,
        contract=about.contract,
        matter=call.matter,
        agent_id=agent_id,
        status_since=at,
        **due_times.of_new(channel=call.channel, kind=kind.key, received_at=at),
    )
    details = {"number": ticket.number, "kind": kind.key, "channel": call.channel, "due_at": ticket.due_at}
    record(act=Act.TICKET_OPEN, actor=actor, at=at, subject=ticket, details=details)
    return ticket


@transaction.atomic
def link(*, ticket: Ticket, about: About, actor: Actor, at: datetime) -> Ticket:
    """Tie a ticket to a person, and to one of their certificates, applications or contracts.

    Once answers were matched, the person stays: what was matched for one is worth nothing for another.
    """
    actor = authorise(actor=actor, act=Act.TICKET_LINK)
    row = held(ticket)
    if row.checks.exists() and row.person != about.person:
        message = _("Answers were matched for somebody else in this ticket. Please write down a new call.")
        raise RuleViolated([Violation("person", "checked", message)])
    for holder in (
        about.certificate and about.certificate.holder_id,
        about.application and about.application.applicant_id,
    ):
        if holder is not None and (about.person is None or holder != about.person.pk):
            raise NotAllowed
    columns = {
        "person": about.person,
        "certificate": about.certificate,
        "application": about.application,
        "contract": about.contract,
    }
    if about.certificate is not None or about.application is not None:
        columns["story"] = about.story  # type: ignore[assignment]
    changed(row, **columns)
    person = str(about.person.pk) if about.person else ""
    record(act=Act.TICKET_LINK, actor=actor, at=at, subject=row, details={"person": person})
    return row


@transaction.atomic
def add_entry(*, ticket: Ticket, kind: str, text: str, actor: Actor, at: datetime, seen: Seen = UNSEEN) -> TicketEntry:
    """Add a note, what the caller says, an instruction, or the caller's word that it is done (O-16.2.4).

    An instruction is written to whoever wrote to us, and is a first answer. Raises Stale for a closed ticket.
    """
    actor = authorise(actor=actor, act=Act.TICKET_NOTE)
    if kind not in rules.TYPED_KINDS:
        raise RuleViolated([Violation("kind", "kind_unknown", _("Please choose what this is."))])
    row = _still_open(ticket, seen)
    words = Words(kind, text)
    if kind in rules.TO_CALLER:
        words = sending.carried(ticket=row, words=words, at=at)
    entry = write(ticket=row, words=words, act=Act.TICKET_NOTE, actor=actor, at=at)
    columns = due_times.answered(row, at=at) if kind in rules.TO_CALLER else {}
    if columns and row.status == "open":
        columns["due_at"] = row.solution_due_at
    changed(row, **columns)
    return entry


@transaction.atomic
def answer(*, ticket: Ticket, text: str, actor: Actor, at: datetime, seen: Seen = UNSEEN) -> Ticket:
    """Write the answer that the caller gets; both clocks stop. Whoever wrote to us gets it by mail.

    Raises Stale when it was answered already, Overtaken when somebody wrote since.
    """
    actor = authorise(actor=actor, act=Act.TICKET_ANSWER)
    row = _still_open(ticket, seen)
    if row.status == "answered":
        raise Stale(state=row.status)
    words = sending.carried(ticket=row, words=Words("answer", text), at=at)
    write(ticket=row, words=words, act=Act.TICKET_NOTE, actor=actor, at=at)
    columns = {**due_times.answered(row, at=at), **due_times.stopped(), "solved_at": at}
    columns["paused_seconds"] = due_times.paused_until(row, at)
    return moved(ticket=row, act=Act.TICKET_ANSWER, actor=actor, at=at, columns=columns)


@transaction.atomic
def close(*, ticket: Ticket, text: str, actor: Actor, at: datetime, outcome: str = "", seen: Seen = UNSEEN) -> Ticket:
    """Close a ticket; one without an answer needs its answer or reason now. Closing twice changes nothing.

    What is only advertising, or another ticket's matter, is closed with an inner note and without a word to anybody.
    """
    actor = authorise(actor=actor, act=Act.TICKET_CLOSE)
    row = held(ticket)
    if row.status == "closed":
        return row
    held(row, seen)
    outcome = outcome or ("out_of_scope" if row.kind == rules.OUT_OF_SCOPE else "solved")
    if outcome not in rules.OUTCOMES:
        raise RuleViolated([Violation("outcome", "outcome_unknown", _("Please choose how this ends."))])
    columns = {**due_times.stopped(), "outcome": outcome, "solved_at": row.solved_at or at}
    columns["paused_seconds"] = due_times.paused_until(row, at)
    silent = outcome in rules.SILENT_OUTCOMES
    if row.status == "open" and not silent:
        words = sending.carried(ticket=row, words=Words("answer", text), at=at)
        write(ticket=row, words=words, act=Act.TICKET_NOTE, actor=actor, at=at)
        columns |= due_times.answered(row, at=at)
    elif text.strip() or silent:
        write(ticket=row, words=Words("note", text), act=Act.TICKET_NOTE, actor=actor, at=at)
    return moved(ticket=row, act=Act.TICKET_CLOSE, actor=actor, at=at, columns=columns)


def _still_open(ticket: Ticket, seen: Seen) -> Ticket:
    row = held(ticket, seen)
    if row.status == "closed":
        raise Stale(state=row.status)
    return row
