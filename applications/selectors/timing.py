"""How long decisions take, in business days, for the small chart above the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate

from applications.models import Application
from applications.selectors.pinned import pinned_rules
from regulations.calendar import TOKYO, Calendar, closing_of, opening_of, tokyo

DAYS = 10


@dataclass(frozen=True)
class Pace:
    """Average business days from receipt to decision, per day of decision, oldest first."""

    values: list[float]
    average: float
    promised: int


def pace(*, calendar: Calendar, at: datetime) -> Pace | None:
    """Return the pace of the last ten business days; None when nothing was decided in them."""
    days = _last_days(calendar, tokyo(at).date())
    decided = Application.objects.filter(decided_at__gte=opening_of(days[0]) - timedelta(hours=9))
    # Counted by day of receipt and of decision, so that a thousand decisions a day stay a few rows.
    by_days = decided.values_list(
        "rules", TruncDate("submitted_at", tzinfo=TOKYO), TruncDate("decided_at", tzinfo=TOKYO)
    ).annotate(n=Count("*"))
    taken: dict[date, list[tuple[int, int]]] = {day: [] for day in days}
    rows = [row for row in by_days.order_by() if row[2] in taken]
    for _rules, come, gone, number in rows:
        taken[gone].append((calendar.business_days_left(opening_of(come), closing_of(gone)), number))
    if not rows:
        return None
    promised = max(ruleset.promised_days for ruleset in pinned_rules(row[0] for row in rows).values())
    everything = [one for day in days for one in taken[day]]
    return Pace([_mean(taken[day]) for day in days], round(_mean(everything), 1), promised)


def _mean(taken: Sequence[tuple[int, int]]) -> float:
    """Return the mean of (value, how often); 0 of nothing."""
    number = sum(number for _days, number in taken)
    return sum(days * number for days, number in taken) / number if number else 0.0


def _last_days(calendar: Calendar, today: date) -> list[date]:
    days, day = list[date](), today
    while len(days) < DAYS:
        if calendar.is_business_day(day):
            days.append(day)
        day -= timedelta(days=1)
    return days[::-1]
