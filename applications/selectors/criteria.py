"""What the records hold for each criterion of an accreditation, and the rows of its export (J-3.1, J-3.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Count, QuerySet

from applications.rules.criteria import CRITERIA, Criterion
from applications.selectors.stories import Line, lines_of
from audit.models import Event
from audit.proving import places
from regulations.calendar import TOKYO

AT_ONCE: Final = 1000


@dataclass(frozen=True)
class Tally:
    """A criterion with the number of records of the period, and of refusals among them."""

    criterion: Criterion
    records: int
    refused: int


def tallies(since: date, until: date) -> list[Tally]:
    """Return for each criterion how many records a period has."""
    counts: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for act, outcome, count in _within(since, until).values_list("act", "outcome").annotate(n=Count("pk")):
        counts[act] += count
        refused[act] += count if outcome == "refused" else 0
    return [
        Tally(
            criterion,
            sum(count for act, count in counts.items() if criterion.covers(act)),
            sum(count for act, count in refused.items() if criterion.covers(act)),
        )
        for criterion in CRITERIA
    ]


def records_for(criterion: Criterion, since: date, until: date) -> Iterator[Line]:
    """Yield the records of a criterion in a period, oldest first, a portion at a time."""
    acts = [act for act in _within(since, until).values_list("act", flat=True).distinct() if criterion.covers(act)]
    rows = _within(since, until).filter(act__in=acts).select_related("details").order_by("pk")
    after = 0
    while events := list(rows.filter(pk__gt=after)[:AT_ONCE]):
        yield from lines_of(events, places=places(event.pk for event in events))
        after = events[-1].pk


def _within(since: date, until: date) -> QuerySet[Event]:
    end = until + timedelta(days=1)
    return Event.objects.filter(at__gte=_midnight(since), at__lt=_midnight(end))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), TOKYO)
