"""Attempts at what can be guessed are counted in the database, before they are judged (fault 24).

So the count survives restarts and a broker that is gone, and of many attempts at once no more are judged than allowed.
What is typed is kept as a digest only, and counts for an address that nobody has like for any other one.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.models import AttemptCount
from audit.refusals import Throttled

_COUNT = """
INSERT INTO accounts_attemptcount AS known (key, attempts, ends_at) VALUES (%s, 1, %s)
ON CONFLICT (key) DO UPDATE SET
    attempts = CASE WHEN known.ends_at <= %s THEN 1 ELSE known.attempts + 1 END,
    ends_at = CASE WHEN known.ends_at <= %s THEN excluded.ends_at ELSE known.ends_at END
RETURNING attempts
"""


@dataclass(frozen=True)
class Limit:
    """How many attempts of one kind are judged within how much time."""

    kind: str
    most: int
    within: timedelta

    @property
    def minutes(self) -> int:
        """Return the time in minutes."""
        return int(self.within.total_seconds() // 60)


PASSWORD = Limit("password", 5, timedelta(minutes=15))
PASSWORD_FROM = Limit("password_from", 60, timedelta(minutes=15))
CODE = Limit("code", 5, timedelta(minutes=15))
LETTERS = Limit("letters", 5, timedelta(hours=1))
# A code of an authenticator app opens the door once in all the time in which it is good (RFC 6238 5.2).
USED_CODE = Limit("used_code", 1, timedelta(seconds=90))


def count(limit: Limit, what: str, at: datetime) -> int:
    """Count an attempt at `what` and return the number of attempts with it, in one statement of its own."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [_key(limit, what), at + limit.within, at, at])
        return int(cursor.fetchone()[0])


def attempt(limit: Limit, what: str, at: datetime) -> bool:
    """Count an attempt; tell whether it is the first one over the limit, which is refused with an alarm.

    Raises Throttled for every later one.
    """
    attempts = count(limit, what, at)
    if attempts > limit.most + 1:
        raise Throttled
    return attempts > limit.most


def is_spent(limit: Limit, what: str, at: datetime) -> bool:
    """Tell whether no attempt is left, without counting one."""
    return AttemptCount.objects.filter(key=_key(limit, what), attempts__gte=limit.most, ends_at__gt=at).exists()


def forgive(limit: Limit, what: str) -> None:
    """Forget the attempts at `what` after one that was right."""
    AttemptCount.objects.filter(key=_key(limit, what)).delete()


@transaction.atomic
def forget(at: datetime) -> None:
    """Delete counts whose time is over."""
    AttemptCount.objects.filter(ends_at__lte=at).delete()


def _key(limit: Limit, what: str) -> bytes:
    return hashlib.sha256(f"{limit.kind}:{what.lower()}".encode()).digest()
