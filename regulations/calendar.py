"""The business calendar: which days are worked, when the desk is open, when something is due.

A business day is Monday to Friday without national holidays (substitute and citizens' holidays
included), without 30 December to 4 January, without 1 May, and without closures added by staff (O-1.7).
The desk is open from 9:00 to 18:00 Tokyo time on business days (O-8.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import jpholiday

TOKYO = ZoneInfo("Asia/Tokyo")
OPENS = time(9)
CLOSES = time(18)
SERVICE_DAY = timedelta(hours=CLOSES.hour - OPENS.hour)
ONE_DAY = timedelta(days=1)
LONGEST_BREAK_DAYS = 3660


@lru_cache(maxsize=256)
def fixed_days_off(year: int) -> frozenset[date]:
    """Days of `year` on which nobody works, whatever weekday they fall on: national holidays and O-1.7's own."""
    national = {day for day, _name in jpholiday.year_holidays(year)}
    new_year = {date(year, 1, day) for day in range(1, 5)} | {date(year, 12, 30), date(year, 12, 31)}
    return frozenset(national | new_year | {date(year, 5, 1)})


class Calendar:
    """Business days and service hours, with the closures that staff added."""

    def __init__(self, closures: Iterable[date] = ()) -> None:
        self.closures = frozenset(closures)

    def is_business_day(self, day: date) -> bool:
        """Whether `day` (a date in Tokyo) is worked."""
        return day.weekday() < 5 and day not in fixed_days_off(day.year) and day not in self.closures

    def is_open(self, at: datetime) -> bool:
        """Whether the desk is open at the instant `at`: 9:00 belongs to it, 18:00 no longer."""
        local = tokyo(at)
        return OPENS <= local.time() < CLOSES and self.is_business_day(local.date())

    def next_business_day(self, day: date) -> date:
        """The first business day after `day`."""
        for _ in range(LONGEST_BREAK_DAYS):
            day += ONE_DAY
            if self.is_business_day(day):
                return day
        raise ValueError("the calendar's closures leave no business day within ten years")

    def add_business_days(self, day: date, count: int) -> date:
        """`count` business days after `day`; with 0, `day` itself or the next business day."""
        if count < 0:
            raise ValueError("count must not be negative")
        if count == 0 and not self.is_business_day(day):
            return self.next_business_day(day)
        for _ in range(count):
            day = self.next_business_day(day)
        return day

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself while the desk is open, otherwise the next moment at which it opens (Tokyo time)."""
        local = tokyo(at)
        if self.is_open(local):
            return local
        if self.is_business_day(local.date()) and local.time() < OPENS:
            return opening_of(local.date())
        return opening_of(self.next_business_day(local.date()))

    def counts_from(self, at: datetime) -> datetime:
        """When the time begins to run for an inquiry that was written at `at` (Tokyo time).

        Inside service hours at once; outside them, before 9:00 too, from the opening of the business day after the
        day on which it came: the terms say "the next business day" (O-8.4).
        """
        local = tokyo(at)
        return local if self.is_open(local) else opening_of(self.next_business_day(local.date()))

    def due(self, at: datetime, *, business_hours: float | None = None, business_days: int | None = None) -> datetime:
        """When something that arrived at `at` is due (Tokyo time).

        Give either service hours, counted while the desk is open, or whole business days: then it is due
        at 18:00 that many business days after the day on which it counts as arrived.
        """
        arrived = self.next_opening(at)
        if business_hours is not None and business_days is None:
            return self._after_service_time(arrived, timedelta(hours=business_hours))
        if business_days is not None and business_hours is None:
            return closing_of(self.add_business_days(arrived.date(), business_days))
        raise ValueError("give either business_hours or business_days")

    def business_left(self, at: datetime, until: datetime) -> timedelta:
        """Service time between `at` and `until`; negative when `until` has passed."""
        if until < at:
            return -self.business_left(until, at)
        start, end = tokyo(at), tokyo(until)
        total, day = timedelta(0), start.date()
        while day <= end.date():
            if self.is_business_day(day):
                opened, closed = max(start, opening_of(day)), min(end, closing_of(day))
                total += max(closed - opened, timedelta(0))
            day += ONE_DAY
        return total

    def business_days_left(self, at: datetime, until: datetime) -> int:
        """Business days after today's date up to and including the day of `until`; 0 on the day itself."""
        day, last, count = tokyo(at).date(), tokyo(until).date(), 0
        while day < last:
            day += ONE_DAY
            count += self.is_business_day(day)
        return count

    def _after_service_time(self, opened: datetime, left: timedelta) -> datetime:
        if left < timedelta(0):
            raise ValueError("business_hours must not be negative")
        today = closing_of(opened.date()) - opened
        while left > today:
            left -= today
            opened = opening_of(self.next_business_day(opened.date()))
            today = SERVICE_DAY
        return opened + left


def tokyo(at: datetime) -> datetime:
    """The instant `at` in Tokyo; a naive datetime is a mistake of the caller and raises ValueError."""
    if at.tzinfo is None:
        raise ValueError("a datetime without a time zone is not an instant")
    return at.astimezone(TOKYO)


def opening_of(day: date) -> datetime:
    """9:00 in Tokyo on `day`."""
    return datetime.combine(day, OPENS, TOKYO)


def closing_of(day: date) -> datetime:
    """18:00 in Tokyo on `day`."""
    return datetime.combine(day, CLOSES, TOKYO)


def end_of_day(day: date) -> datetime:
    """The last second of `day` in Tokyo: the last day of a contract counts whole (O-18.1)."""
    return datetime.combine(day, time(23, 59, 59), TOKYO)
