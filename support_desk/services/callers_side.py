"""What callers do themselves: write in the portal or by mail, read answers, answer back, confirm, open again (O-8)."""

from datetime import datetime

from django.db import transaction

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound
from support_desk.models import Ticket, TicketEntry
from support_desk.services import due_times
from support_desk.services.entries import Words, changed, held, moved, write
from support_desk.services.turns import opened_again


@transaction.atomic
def add(*, ticket: Ticket, words: Words, channel: str, actor: Actor, at: datetime) -> TicketEntry:
    """Add what the caller wrote; what waited for them goes on, what was answered or closed is open again (O-8).

    Raises NotFound for somebody else's ticket in the portal.
    """
    actor = authorise(actor=actor, act=Act.TICKET_WRITE)
    row = held(ticket)
    if channel == "portal" and row.person_id != actor.person_id:
        raise NotFound
    entry = write(ticket=row, words=words, act=Act.TICKET_WRITE, actor=actor, at=at)
    goes_on(row, channel, actor, at)
    return entry


def goes_on(row: Ticket, channel: str, actor: Actor, at: datetime) -> Ticket:
    """Let a ticket that `held` gave run again because its caller wrote; the actor is authorised already."""
    if row.status == "waiting":
        columns = due_times.running(row, at=at)
        return moved(ticket=row, act=Act.TICKET_RESUME, actor=actor, at=at, columns=columns)
    if row.status in {"answered", "closed"}:
        return opened_again(row, channel, actor, at)
    return changed(row)


@transaction.atomic
def confirm(*, ticket: Ticket, text: str, actor: Actor, at: datetime) -> TicketEntry:
    """Let the subscriber confirm in the portal that they did as instructed (O-16.2.4); nothing is opened again by it.

    Raises NotFound for somebody else's ticket.
    """
    actor = authorise(actor=actor, act=Act.TICKET_WRITE)
    row = held(ticket)
    if row.person_id is None or row.person_id != actor.person_id:
        raise NotFound
    entry = write(ticket=row, words=Words("confirmation", text), act=Act.TICKET_WRITE, actor=actor, at=at)
    if row.status == "waiting":
        goes_on(row, "portal", actor, at)
    else:
        changed(row)
    return entry
