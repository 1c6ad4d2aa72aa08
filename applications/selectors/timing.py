"""How long decisions take, in business days, for the small chart above the queue."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from applications.models import Application
from regulations.calendar import Calendar, tokyo

DAYS = 10
MOST = 1000


@dataclass(frozen=True)
class Pace:
    """Average business days from receipt to decision, per day of decision, oldest first."""

    values: list[float]
    average: float
    promised: int


def pace(*, calendar: Calendar, at: datetime) -> Pace | None:
    """Return the pace of the last ten business days; None when nothing was decided in them."""
    days = _last_days(calendar, tokyo(at).date())
    since = at - timedelta(days=(tokyo(at).date() - days[0]).days + 1)
    rows = Application.objects.filter(decided_at__gte=since, submitted_at__isnull=False)
    taken: dict[date, list[int]] = {day: [] for day in days}
    promised = 0
    found = rows.values_list("submitted_at", "decided_at", "rules__rules__promised_days")
    for submitted_at, decided_at, days_promised in found.order_by("-decided_at")[:MOST]:
        promised = max(promised, int(days_promised))
        if submitted_at is None or decided_at is None:
            continue
        day = tokyo(decided_at).date()
        if day in taken:
            taken[day].append(calendar.business_days_left(submitted_at, decided_at))
    numbers = [number for day in days for number in taken[day]]
    if not numbers:
        return None
    means = [sum(taken[day]) / len(taken[day]) if taken[day] else 0.0 for day in days]
    return Pace(means, round(sum(numbers) / len(numbers), 1), promised)


def _last_days(calendar: Calendar, today: date) -> list[date]:
    days, day = list[date](), today
    while len(days) < DAYS:
        if calendar.is_business_day(day):
            days.append(day)
        day -= timedelta(days=1)
    return days[::-1]
