"""The office in figures: what comes in, what waits and how long, how long decisions take, why applications are refused.

Everything is counted by the database over a bounded time, by day of receipt and of decision, so that a thousand
applications a day stay a few hundred rows. Time in which the applicant had to answer is not the office's.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from applications.models import UNDECIDED, Application, InformationRequest
from applications.selectors.pinned import SystemInForce, pinned_rules
from regulations.calendar import TOKYO, Calendar, closing_of, opening_of, tokyo

WEEKS = (4, 13, 26)
AGES = (1, 3, 5)
"""Business days at which a bar of age ends; the last one has no end."""
LONGEST = 6
Taken = Counter[tuple[UUID, int]]


@dataclass(frozen=True)
class SystemRow:
    """How one target system kept its promise."""

    name: str
    promised: int
    decided: int
    mean: float
    in_time: int


@dataclass(frozen=True)
class Figures:
    """Everything on the page; lists of one length belong together."""

    days: list[date]
    come: list[int]
    decided: list[int]
    waiting: list[tuple[str, list[int]]]
    taken: list[int]
    mean: float
    grounds: list[tuple[str, int]]
    systems: list[SystemRow]

    @property
    def total_waiting(self) -> int:
        """Return how many wait."""
        return sum(sum(ages) for _status, ages in self.waiting)


def figures(*, weeks: int, system: SystemInForce | None, calendar: Calendar, at: datetime) -> Figures:
    """Return the figures of the last weeks, of one target system or of all."""
    today = tokyo(at).date()
    first = today - timedelta(days=7 * weeks - 1)
    rows = Application.objects.filter(target_system=system.pk) if system else Application.objects.all()
    since = opening_of(first) - timedelta(hours=9)
    days = [day for n in range(7 * weeks) if calendar.is_business_day(day := first + timedelta(days=n))]
    come = _by_day(rows.filter(submitted_at__gte=since), "submitted_at")
    decided = rows.filter(decided_at__gte=since)
    gone, taken = _by_day(decided, "decided_at"), _taken(decided, calendar)
    refused = decided.filter(status="refused").values_list("refusal_ground").annotate(n=Count("*"))
    return Figures(
        days=days,
        come=_over(days, come),
        decided=_over(days, gone),
        waiting=_waiting(rows, calendar, today),
        taken=[sum(n for (_pk, took), n in taken.items() if min(took, LONGEST) == bar) for bar in range(LONGEST + 1)],
        mean=_mean(taken),
        grounds=sorted(refused.order_by(), key=lambda row: (-row[1], row[0])),
        systems=_systems(taken),
    )


def _by_day(rows: "QuerySet[Application]", column: str) -> dict[date, int]:
    return dict(rows.values_list(TruncDate(column, tzinfo=TOKYO)).annotate(n=Count("*")).order_by())


def _over(days: Sequence[date], counted: dict[date, int]) -> list[int]:
    """Return the counts of business days; what falls on a closed day counts with the next one."""
    found = dict.fromkeys(days, 0)
    for day, number in counted.items():
        ahead = next((one for one in days if one >= day), days[-1] if days else None)
        if ahead is not None:
            found[ahead] += number
    return list(found.values())


def _waiting(rows: "QuerySet[Application]", calendar: Calendar, today: date) -> list[tuple[str, list[int]]]:
    """Return for each open state how many are of which age in business days."""
    counted = rows.filter(status__in=UNDECIDED).values_list("status", TruncDate("submitted_at", tzinfo=TOKYO))
    found = {status: [0] * (len(AGES) + 1) for status in UNDECIDED}
    for status, come, number in counted.annotate(n=Count("*")).order_by():
        age = calendar.business_days_left(opening_of(come), closing_of(today))
        found[status][sum(age > end for end in AGES)] += number
    return list(found.items())


def _taken(decided: "QuerySet[Application]", calendar: Calendar) -> Taken:
    """Return how many decisions took how many business days, by version of the rules."""
    days = (TruncDate("submitted_at", tzinfo=TOKYO), TruncDate("decided_at", tzinfo=TOKYO))
    known: dict[tuple[date, date], int] = {}

    def took(come: date, gone: date) -> int:
        if (come, gone) not in known:
            known[come, gone] = calendar.business_days_left(opening_of(come), closing_of(gone))
        return known[come, gone]

    taken: Taken = Counter()
    for rules, come, gone, number in decided.values_list("rules", *days).annotate(n=Count("*")).order_by():
        taken[rules, took(come, gone)] += number
    for (rules, come, gone), waited in _waited(decided, calendar):
        whole = took(tokyo(come).date(), tokyo(gone).date())
        taken[rules, whole] -= 1
        taken[rules, max(whole - waited, 0)] += 1
    return +taken


def _waited(decided: "QuerySet[Application]", calendar: Calendar) -> list[tuple[tuple[UUID, datetime, datetime], int]]:
    """Return the business days in which applicants had to answer, for each application that was asked."""
    asked = InformationRequest.objects.filter(application__in=decided, answered_at__isnull=False)
    columns = ("application__rules", "application__submitted_at", "application__decided_at")
    found: dict[UUID, tuple[tuple[UUID, datetime, datetime], int]] = {}
    for pk, begun, ended, *facts in asked.values_list("application", "asked_at", "answered_at", *columns):
        before = found[pk][1] if pk in found else 0
        found[pk] = ((facts[0], facts[1], facts[2]), before + calendar.business_days_left(begun, ended))
    return list(found.values())


def _mean(taken: Taken) -> float:
    return round(sum(days * n for (_pk, days), n in taken.items()) / max(taken.total(), 1), 1)


def _systems(taken: Taken) -> list[SystemRow]:
    """Return the target systems; versions of one system are put together by their newest promise."""
    rules = pinned_rules(pk for pk, _days in taken)
    rows = []
    for slug in sorted({ruleset.slug for ruleset in rules.values()}):
        own: Taken = Counter({key: n for key, n in taken.items() if rules[key[0]].slug == slug})
        ruleset = next(ruleset for ruleset in rules.values() if ruleset.slug == slug)
        kept = sum(n for (pk, days), n in own.items() if days <= rules[pk].promised_days)
        rows.append(
            SystemRow(
                str(ruleset.name), ruleset.promised_days, own.total(), _mean(own), round(100 * kept / own.total())
            )
        )
    return rows
