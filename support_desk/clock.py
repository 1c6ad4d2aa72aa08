"""The clock of a ticket: from when it runs, and by when it is to be answered and solved (O-8.2 to O-8.4).

Pure: a calendar and instants in, instants out. A pause while the caller has to answer is measured in service time and
added to what is still promised.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from regulations.calendar import Calendar
from support_desk.rules import Kind

HOUR = timedelta(hours=1)
WRITTEN = frozenset({"mail", "portal", "form"})


@dataclass(frozen=True)
class Promise:
    """By when a ticket is to be answered for the first time, and by when it is to be solved."""

    answer_due_at: datetime
    solution_due_at: datetime


def begins(*, channel: str, received_at: datetime, calendar: Calendar) -> datetime:
    """Return from when the time runs: what is written follows the terms, a call is taken while the desk is open."""
    if channel in WRITTEN:
        return calendar.counts_from(received_at)
    return calendar.next_opening(received_at)


def promised(*, kind: Kind, counts_from: datetime, paused_seconds: int, calendar: Calendar) -> Promise:
    """Return both due times of a ticket of `kind` that counts from `counts_from` and paused for some service time."""
    paused = timedelta(seconds=paused_seconds) / HOUR
    return Promise(
        calendar.due(counts_from, business_hours=kind.hours + paused),
        calendar.due(counts_from, business_hours=kind.solution_hours + paused),
    )


def pause(*, since: datetime, until: datetime, calendar: Calendar) -> int:
    """Return the seconds of service time during which the desk waited for the caller."""
    return max(int(calendar.business_left(since, until).total_seconds()), 0)
