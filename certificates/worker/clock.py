"""One clock for signing: the database's, which all signers share; theirs must agree with it (fault 8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from audit.acts import Act
from audit.models import Event

TOLERANCE: Final = timedelta(seconds=30)
_PEOPLE: Final = 2


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


def accepted_by() -> list[object]:
    """Return the ids of the people who have accepted the clock since the last pair did."""
    return [person for _event, person in _acceptances()]


def _last_act() -> datetime | None:
    """Return when the newest act was done, of those that no two people have set aside."""
    events = Event.objects.order_by("-at")
    accepted = _accepted_up_to()
    newest = events.filter(pk__gt=accepted) if accepted else events
    return newest.values_list("at", flat=True).first()


def _accepted_up_to() -> int:
    """Return the id of the event by which the newest pair of two people accepted the clock, or 0."""
    previous: tuple[int, object] | None = None
    for event, person in _acceptances():
        if previous is not None and previous[1] != person:
            return previous[0]
        previous = previous or (event, person)
    return 0


def _acceptances() -> list[tuple[int, object]]:
    accepted = Event.objects.filter(act=Act.CLOCK_ACCEPT, outcome="done").order_by("-pk")
    return list(accepted.values_list("pk", "person_id")[:_PEOPLE])
