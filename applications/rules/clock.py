"""The clock of examination: it stands still while the applicant is asked for more (O-4.2)."""

from datetime import datetime, time, timedelta

from regulations.calendar import TOKYO, Calendar, tokyo

ZERO_HOURS = 0.0
LAPSE_AFTER_BUSINESS_DAYS = 10


def restarted(*, due_at: datetime, asked_at: datetime, answered_at: datetime, calendar: Calendar) -> datetime:
    """Return the new limit: the service hours that were left when asking, counted from the answer.

    A limit that had passed before the question was asked stays where it was.
    """
    left = calendar.business_left(asked_at, due_at).total_seconds() / 3600
    if left <= ZERO_HOURS:
        return due_at
    return calendar.due(answered_at, business_hours=left)


def lapses_at(*, due_at: datetime, calendar: Calendar) -> datetime:
    """Return when a request that stays unanswered ends the application, counted from its limit."""
    return calendar.due(due_at, business_days=LAPSE_AFTER_BUSINESS_DAYS)


def reopens_until(*, lapsed_at: datetime, days: int) -> datetime | None:
    """Return until when a lapsed application can be taken up again, its last day whole; None where the rules say no."""
    if days == 0:
        return None
    return datetime.combine(tokyo(lapsed_at).date() + timedelta(days=days + 1), time(0), TOKYO) - timedelta(seconds=1)
