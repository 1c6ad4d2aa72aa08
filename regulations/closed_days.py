"""The calendar as people look at it: a year in months and weeks, and why each closed day is closed (O-1.7)."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import jpholiday
from django.utils.translation import gettext as _

from regulations.ruleset import LocalText

WEEKEND: Final = "weekend"
HOLIDAY: Final = "holiday"
OFFICE: Final = "office"
CLOSURE: Final = "closure"
SUNDAY_FIRST: Final = calendar.Calendar(firstweekday=6)


@dataclass(frozen=True)
class Day:
    """A day of the picture; `kind` is empty for a business day, `why` says it in words."""

    day: date
    inside: bool
    kind: str
    why: str
    today: bool


@dataclass(frozen=True)
class Month:
    """A month as weeks of seven days, Sunday first; days of its neighbours are not `inside`."""

    first: date
    weeks: list[list[Day]]

    @property
    def business_days(self) -> int:
        """How many business days the month has."""
        return sum(1 for week in self.weeks for day in week if day.inside and not day.kind)


@lru_cache(maxsize=64)
def holidays_of(year: int) -> dict[date, str]:
    """The national holidays of a year by their Japanese names, substitute and citizens' holidays included."""
    return dict(jpholiday.year_holidays(year))


def why_closed(day: date, closures: Mapping[date, Mapping[str, str]]) -> tuple[str, str]:
    """Why `day` is closed, as kind and words; two empty texts for a business day."""
    if day in closures:
        return CLOSURE, str(LocalText(ja=closures[day]["ja"], en=closures[day]["en"]))
    holiday = holidays_of(day.year).get(day)
    if holiday is not None:
        return HOLIDAY, holiday
    if (day.month, day.day) in ((12, 30), (12, 31)) or (day.month == 1 and day.day <= 4):
        return OFFICE, _("New Year holidays")
    if (day.month, day.day) == (5, 1):
        return OFFICE, _("May 1")
    return (WEEKEND, _("Weekend")) if day.weekday() >= 5 else ("", "")


def year_of(year: int, closures: Mapping[date, Mapping[str, str]], today: date) -> list[Month]:
    """The twelve months of a year."""
    return [month_of(date(year, month, 1), closures, today) for month in range(1, 13)]


def month_of(first: date, closures: Mapping[date, Mapping[str, str]], today: date) -> Month:
    """One month."""
    weeks = [
        [Day(day, day.month == first.month, *why_closed(day, closures), day == today) for day in week]
        for week in SUNDAY_FIRST.monthdatescalendar(first.year, first.month)
    ]
    return Month(first, weeks)


def closed_days_of(year: int, closures: Mapping[date, Mapping[str, str]]) -> list[tuple[date, str, str]]:
    """The closed days of a year that are no mere weekend: day, kind, words."""
    first, found = date(year, 1, 1), []
    for number in range(366 if calendar.isleap(year) else 365):
        day = first + timedelta(days=number)
        kind, words = why_closed(day, closures)
        if kind and kind != WEEKEND:
            found.append((day, kind, words))
    return found
