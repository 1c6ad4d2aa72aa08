"""Whose turn it is: wait for the caller, go on, open again; sort, take, hand over, ask the office (O-8).

Every act here is the desk's own; what callers do stands in `callers_side`.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import RoleGrant, User
from accounts.notices import notify
from accounts.roles import Role
from accounts.services import authorise
from applications.emails import link_to
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Stale, Violation
from audit.services import record
from support_desk import rules
from support_desk.models import Ticket
from support_desk.services import due_times, sending
from support_desk.services.entries import UNSEEN, Seen, Words, changed, held, moved, write

OFFICE = (Role.EXAMINER.value, Role.APPROVER.value)


@transaction.atomic
def wait(*, ticket: Ticket, text: str, actor: Actor, at: datetime, seen: Seen = UNSEEN) -> Ticket:
    """Ask the caller something and wait: the clock pauses until they answer. A question that was sent is an answer."""
    actor = authorise(actor=actor, act=Act.TICKET_WAIT)
    row = held(ticket, seen)
    words = sending.carried(ticket=row, words=Words("question", text), at=at)
    write(ticket=row, words=words, act=Act.TICKET_NOTE, actor=actor, at=at)
    columns = {**due_times.answered(row, at=at), "due_at": None, "waiting_since": at, "solved_at": None}
    return moved(ticket=row, act=Act.TICKET_WAIT, actor=actor, at=at, columns=columns)


@transaction.atomic
def resume(*, ticket: Ticket, actor: Actor, at: datetime, seen: Seen = UNSEEN) -> Ticket:
    """Go on without an answer of the caller's: the clock runs again, longer by the pause."""
    actor = authorise(actor=actor, act=Act.TICKET_RESUME)
    row = held(ticket, seen)
    return moved(ticket=row, act=Act.TICKET_RESUME, actor=actor, at=at, columns=due_times.running(row, at=at))


@transaction.atomic
def reopen(*, ticket: Ticket, text: str, actor: Actor, at: datetime, seen: Seen = UNSEEN) -> Ticket:
    """Open an answered or closed ticket again, with the reason; the time to a solution is promised anew."""
    actor = authorise(actor=actor, act=Act.TICKET_REOPEN)
    row = held(ticket, seen)
    write(ticket=row, words=Words("note", text), act=Act.TICKET_NOTE, actor=actor, at=at)
    return opened_again(row, "telephone", actor, at)


def opened_again(row: Ticket, channel: str, actor: Actor, at: datetime) -> Ticket:
    """Open a ticket that `held` gave again; the actor is authorised already."""
    columns = due_times.anew(row, at=at, channel=channel)
    columns |= {"outcome": "", "reopened_count": row.reopened_count + 1}
    return moved(ticket=row, act=Act.TICKET_REOPEN, actor=actor, at=at, columns=columns)


@transaction.atomic
def sort(*, ticket: Ticket, kind: str, priority: int, actor: Actor, at: datetime, seen: Seen = UNSEEN) -> Ticket:
    """Say of which kind a ticket is and how urgent: its times follow from when it came, not from now."""
    actor = authorise(actor=actor, act=Act.TICKET_SORT)
    row = held(ticket, seen)
    violations = []
    if kind not in rules.KINDS or kind == rules.UNSORTED:
        violations.append(Violation("kind", "kind_unknown", _("Please choose what it is about.")))
    if priority not in rules.PRIORITIES:
        violations.append(Violation("priority", "priority_unknown", _("Please choose how urgent it is.")))
    if violations:
        raise RuleViolated(violations)
    if row.status != "open":
        raise Stale(state=row.status)
    details = {"kind": [row.kind, kind], "priority": [row.priority, priority]}
    columns = due_times.running(row, at=at, kind=kind)
    changed(row, kind=kind, priority=priority, **columns)
    record(act=Act.TICKET_SORT, actor=actor, at=at, subject=row, details=details)
    return row


@transaction.atomic
def take(*, ticket: Ticket, actor: Actor, at: datetime, seen: Seen = UNSEEN) -> Ticket:
    """Take a ticket that nobody has; taking one's own again changes nothing. Raises Stale when a colleague has it."""
    actor = authorise(actor=actor, act=Act.TICKET_ASSIGN)
    row = held(ticket, seen)
    if row.agent_id == actor.person_id:
        return row
    if row.agent_id is not None or row.status == "closed":
        raise Stale(_("A colleague has taken this inquiry already."))
    changed(row, agent_id=actor.person_id)
    record(act=Act.TICKET_ASSIGN, actor=actor, at=at, subject=row, details={"to": str(actor.person_id)})
    return row


@transaction.atomic
def put_back(*, ticket: Ticket, actor: Actor, at: datetime) -> Ticket:
    """Let a ticket of one's own be taken by anybody. Raises Stale when a colleague has it."""
    actor = authorise(actor=actor, act=Act.TICKET_ASSIGN)
    row = held(ticket)
    if row.agent_id != actor.person_id:
        raise Stale(_("A colleague has taken this inquiry already."))
    changed(row, agent=None)
    record(act=Act.TICKET_ASSIGN, actor=actor, at=at, subject=row, details={"to": ""})
    return row


@dataclass(frozen=True)
class Errand:
    """To whom a ticket goes on, and what they need to know."""

    note: str
    taker: User | None = None
    role: str = ""


@transaction.atomic
def hand_over(*, ticket: Ticket, errand: Errand, actor: Actor, at: datetime, seen: Seen = UNSEEN) -> Ticket:
    """Give a ticket to a colleague, or back to all for the next shift, with a note that stays; the clock runs on."""
    actor = authorise(actor=actor, act=Act.TICKET_HAND_OVER)
    row = held(ticket, seen)
    if row.status == "closed":
        raise Stale(state=row.status)
    if errand.taker is not None and errand.taker not in agents():
        raise RuleViolated([Violation("taker", "no_agent", _("Please choose somebody of the call center."))])
    write(ticket=row, words=Words("hand_over", errand.note), act=Act.TICKET_NOTE, actor=actor, at=at)
    changed(row, agent=errand.taker)
    to = str(errand.taker.pk) if errand.taker else ""
    record(act=Act.TICKET_HAND_OVER, actor=actor, at=at, subject=row, details={"to": to})
    if errand.taker is not None and errand.taker.pk != actor.person_id:
        _tell([errand.taker], "support_desk/handed_over", row, at)
    return row


@transaction.atomic
def escalate(*, ticket: Ticket, errand: Errand, actor: Actor, at: datetime, seen: Seen = UNSEEN) -> Ticket:
    """Ask examiners or approvers, who answer in the same ticket; the clock runs on, because the caller waits."""
    actor = authorise(actor=actor, act=Act.TICKET_ESCALATE)
    row = held(ticket, seen)
    if row.status != "open":
        raise Stale(state=row.status)
    if errand.role not in OFFICE:
        raise RuleViolated([Violation("role", "role_unknown", _("Please choose whom to ask."))])
    write(ticket=row, words=Words("escalation", errand.note), act=Act.TICKET_NOTE, actor=actor, at=at)
    changed(row, escalated_to=errand.role, escalated_at=at)
    record(act=Act.TICKET_ESCALATE, actor=actor, at=at, subject=row, details={"to": errand.role})
    _tell(RoleGrant.objects.people(errand.role), "support_desk/asked", row, at)
    return row


@transaction.atomic
def advise(*, ticket: Ticket, text: str, actor: Actor, at: datetime, seen: Seen = UNSEEN) -> Ticket:
    """Answer the call center's question as the office; the ticket goes back to the agent, who tells the caller."""
    actor = authorise(actor=actor, act=Act.TICKET_ADVISE)
    row = held(ticket, seen)
    if not row.escalated_to or row.escalated_to not in actor.roles or row.status == "closed":
        raise Stale(_("Nobody asks the office in this inquiry any more."))
    write(ticket=row, words=Words("office", text), act=Act.TICKET_ADVISE, actor=actor, at=at)
    changed(row, escalated_to="", escalated_at=None)
    if row.agent is not None:
        _tell([row.agent], "support_desk/advised", row, at)
    return row


def agents() -> list[User]:
    """Return everybody who answers inquiries now, by name."""
    return sorted(RoleGrant.objects.people(Role.AGENT), key=lambda person: (person.name, str(person.pk)))


def _tell(people: list[User], kind: str, row: Ticket, at: datetime) -> None:
    for person in people:
        context = {"number": row.number, "due_at": row.due_at and row.due_at.isoformat()}
        notify(
            kind=kind,
            to=person,
            context={**context, "link": link_to("support_desk:ticket", row.pk)},
            at=at,
            dedupe=f"{kind}:{row.pk}:{row.version}:{person.pk}",
            story=row.story,
        )
