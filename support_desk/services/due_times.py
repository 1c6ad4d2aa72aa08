"""Due times of tickets follow the calendar: a day that staff closes or opens again moves what is still due (O-8.3).

Every change of a ticket's clock goes through here, so that a sweep finds by the same rules what a page had promised.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from regulations.calendar import Calendar
from regulations.selectors import business_calendar
from support_desk.clock import begins, pause, promised
from support_desk.models import Ticket
from support_desk.rules import KINDS

MOVING = ("counts_from", "runs_from", "answer_due_at", "solution_due_at", "due_at")


def of_new(*, channel: str, kind: str, received_at: datetime) -> dict[str, Any]:
    """Return the columns of the clock of a ticket that was received at `received_at`."""
    calendar = business_calendar()
    counts_from = begins(channel=channel, received_at=received_at, calendar=calendar)
    found = promised(kind=KINDS[kind], counts_from=counts_from, paused_seconds=0, calendar=calendar)
    return {
        "received_at": received_at,
        "counts_from": counts_from,
        "runs_from": counts_from,
        "answer_due_at": found.answer_due_at,
        "solution_due_at": found.solution_due_at,
        "due_at": found.answer_due_at,
    }


def stopped() -> dict[str, Any]:
    """Return the columns of a clock that runs no more."""
    return {"due_at": None, "waiting_since": None}


def paused_until(ticket: Ticket, at: datetime) -> int:
    """Return the seconds of service time for which a ticket has waited for its caller, the present wait included."""
    if ticket.waiting_since is None:
        return ticket.paused_seconds
    return ticket.paused_seconds + pause(since=ticket.waiting_since, until=at, calendar=business_calendar())


def running(ticket: Ticket, *, at: datetime, kind: str = "") -> dict[str, Any]:
    """Return the columns of a clock that goes on after a pause, or under another kind."""
    paused = paused_until(ticket, at)
    calendar = business_calendar()
    columns = {"paused_seconds": paused, "waiting_since": None, **_promises(ticket, paused, kind, calendar)}
    return {**columns, "due_at": _next_due(ticket, columns)}


def anew(ticket: Ticket, *, at: datetime, channel: str) -> dict[str, Any]:
    """Return the columns of the clock of a ticket that is open again: the solution is promised once more."""
    calendar = business_calendar()
    runs_from = begins(channel=channel, received_at=at, calendar=calendar)
    due = promised(kind=KINDS[ticket.kind], counts_from=runs_from, paused_seconds=0, calendar=calendar).solution_due_at
    columns = {"runs_from": runs_from, "solution_due_at": due, "due_at": due, "waiting_since": None}
    return {**columns, "paused_seconds": 0, "solved_at": None}


def answered(ticket: Ticket, *, at: datetime) -> dict[str, Any]:
    """Return the columns that the first word to the caller sets; a later one sets none."""
    return {} if ticket.first_answered_at else {"first_answered_at": at}


def _promises(ticket: Ticket, paused: int, kind: str, calendar: Calendar) -> dict[str, datetime]:
    """The promises that can still be kept; what is answered keeps the promise that it was measured by."""
    rule = KINDS[kind or ticket.kind]
    found = promised(kind=rule, counts_from=ticket.runs_from, paused_seconds=paused, calendar=calendar)
    columns = {"solution_due_at": found.solution_due_at}
    return columns if ticket.first_answered_at else {**columns, "answer_due_at": found.answer_due_at}


def _next_due(ticket: Ticket, columns: dict[str, Any]) -> datetime:
    name = "solution_due_at" if ticket.first_answered_at else "answer_due_at"
    found: datetime = columns.get(name, getattr(ticket, name))
    return found


@transaction.atomic
def follow_calendar(*, at: datetime) -> int:
    """Compute anew when tickets are due, from when they came; returns how many moved. What is late stays late.

    One that waits for its caller has promises too; they move with the calendar, and run when the caller has answered.
    """
    calendar, moved = business_calendar(), 0
    tickets = Ticket.objects.select_for_update(of=("self",), skip_locked=True)
    for ticket in tickets.filter(Q(status="open", due_at__gt=at) | Q(status="waiting")):
        before = {name: getattr(ticket, name) for name in MOVING}
        ticket.counts_from = begins(channel=ticket.channel, received_at=ticket.received_at, calendar=calendar)
        if not ticket.reopened_count:
            ticket.runs_from = ticket.counts_from
        after = before | {name: getattr(ticket, name) for name in ("counts_from", "runs_from")}
        after |= _promises(ticket, ticket.paused_seconds, "", calendar)
        after["due_at"] = _next_due(ticket, after) if ticket.status == "open" else None
        if after != before:
            Ticket.objects.filter(pk=ticket.pk).update(**after)
            moved += 1
    return moved
