"""One clock for signing: the database's, which all signers share; theirs must agree with it (fault 8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from audit.acts import Act
from audit.models import Event

TOLERANCE: Final = timedelta(seconds=30)
TOGETHER: Final = timedelta(hours=1)


class ClockError(Exception):
    """The clocks can't be trusted, so no certificate is signed; the message says which and why."""


def database_now() -> datetime:
    """Return the database's clock, in UTC, whatever transaction is running."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    return now.astimezone(UTC)  # type: ignore[no-any-return]


def checked_now() -> datetime:
    """Return the database's clock after checking it.

    Raises ClockError when this machine's clock differs by more than 30 seconds, or when the database's
    clock is behind the last act on record: then two people run `manage.py accept_clock`.
    """
    now = database_now()
    apart = abs(timezone.now() - now)
    if apart > TOLERANCE:
        raise ClockError(f"this machine's clock and the database's are {apart.total_seconds():.0f} seconds apart")
    last = _last_act()
    if last is not None and last > now + TOLERANCE:
        raise ClockError(f"the clock is behind the last act on record ({last:%Y-%m-%d %H:%M:%S} UTC)")
    return now


def accepted_up_to() -> int:
    """Return the id of the event by which two people last accepted the clock together, or 0.

    Two people, within one hour, each counted for one pair only: an old word can't be paired twice.
    """
    accepted, pending = 0, None
    events = Event.objects.filter(act=Act.CLOCK_ACCEPT, outcome="done").order_by("pk")
    for event, person, at in events.values_list("pk", "person_id", "recorded_at"):
        if pending is not None and pending[0] != person and at - pending[1] <= TOGETHER:
            accepted, pending = event, None
        else:
            pending = (person, at)
    return accepted


def _last_act() -> datetime | None:
    """Return when the newest act was done, of those that no two people have set aside."""
    accepted = accepted_up_to()
    events = Event.objects.order_by("-at")
    newest = events.filter(pk__gt=accepted) if accepted else events
    return newest.values_list("at", flat=True).first()
