"""Counts above the queue, without counting: each looks at no more than a thousand entries of an index.

That is exact for every queue that people work off, and true at any moment under any concurrency, because it is read
where the applications lie. Counters kept beside them would either make all moves wait for one row or need mending.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from accounts.models import User
from applications.models import UNDECIDED
from applications.selectors.changes import OPEN as OPEN_NOTICES
from applications.selectors.queue import RUNNING, SCOPES, close_of_today

MOST: Final = 1000


# What each tab holds (`scope_of`), written for the database: six questions at once are slow to put together by the ORM.
HOLDS: Final = {
    "all": "status = ANY(%(undecided)s)",
    "overdue": "status = ANY(%(running)s) AND due_at < %(at)s",
    "today": "status = ANY(%(running)s) AND due_at BETWEEN %(at)s AND %(close)s",
    "mine": "status IN ('examining', 'waiting_information') AND examiner_id = %(person)s",
    "unclaimed": "status = 'submitted'",
    "waiting": "status = 'waiting_information'",
    "approval": "status = 'awaiting_approval'",
}
COUNT: Final = """(SELECT count(*) FROM (
    SELECT FROM {table} WHERE {holds} ORDER BY due_at LIMIT %(most)s
) AS looked_at)"""


@dataclass(frozen=True)
class Tally:
    """A count; from a thousand on, only that there are so many."""

    number: int

    @property
    def more(self) -> bool:
        """Tell whether there may be more."""
        return self.number >= MOST


@dataclass(frozen=True)
class Tallies:
    """What waits, by tab and by target system, and the notices of change that wait beside it."""

    tabs: dict[str, Tally]
    systems: dict[UUID, Tally]
    notices: Tally


def tallies(*, person: User, at: datetime, systems: Sequence[UUID]) -> Tallies:
    """Return the counts of every tab, and of what is undecided in each of `systems`, in one question."""
    said: dict[str, Any] = {"at": at, "close": close_of_today(at), "person": person.pk, "most": MOST}
    said |= {"undecided": list(UNDECIDED), "running": list(RUNNING)}
    said |= {f"system_{n}": pk for n, pk in enumerate(systems)}
    of_system = [f"{HOLDS['all']} AND target_system_id = %(system_{n})s" for n in range(len(systems))]
    *counts, notices = _counted([*(HOLDS[scope] for scope in SCOPES), *of_system], said)
    return Tallies(
        tabs=dict(zip(SCOPES, counts, strict=False)),
        systems=dict(zip(systems, counts[len(SCOPES) :], strict=True)),
        notices=notices,
    )


def _counted(holds: Sequence[str], said: Mapping[str, Any]) -> list[Tally]:
    """Return the counts of applications that fulfil each of several conditions, and of open notices of change."""
    counts = [COUNT.format(table="applications_application", holds=condition) for condition in holds]
    counts.append(COUNT.format(table="applications_changenotice", holds="status = ANY(%(open_notices)s)"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(counts), {**said, "open_notices": list(OPEN_NOTICES)})
        return [Tally(number) for number in cursor.fetchone()]
