"""Dates, times and waits in words, Japanese and English.

Times are kept in UTC and shown in Asia/Tokyo. The two languages write them so differently that a
format string in a catalogue would not do: 11月24日(火) 18:00 and 24 Nov 2026, 18:00 JST.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from regulations import eras

TOKYO = ZoneInfo("Asia/Tokyo")
_WEEKDAYS = "月火水木金土日"
_MONTHS = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
NEAR = timedelta(hours=24)


def _japanese() -> bool:
    return (get_language() or "ja").startswith("ja")


def local(value: datetime) -> datetime:
    """Return the instant on Tokyo's clock."""
    return value.astimezone(TOKYO)


def day_of(value: date | datetime) -> date:
    """Return the calendar day in Tokyo of an instant, or the day itself."""
    return local(value).date() if isinstance(value, datetime) else value


def day_in_words(value: date | datetime, *, year: bool | None = None, weekday: bool = True) -> str:
    """Return a day in the reader's language; `year` None shows it only where it is not this year's.

    English always carries the year.
    """
    day = day_of(value)
    if not _japanese():
        return _in_english(day)
    with_year = day.year != day_of(timezone.now()).year if year is None else year
    return _in_japanese(day, with_year=with_year, weekday=weekday)


# A list says the same few days again and again, on every page.
@lru_cache(maxsize=1000)
def _in_english(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


@lru_cache(maxsize=1000)
def _in_japanese(day: date, *, with_year: bool, weekday: bool) -> str:
    words = f"{day.month}月{day.day}日"
    if with_year:
        words = f"{day.year}年{words}"
    return f"{words}({_WEEKDAYS[day.weekday()]})" if weekday else words


def clock_in_words(value: datetime) -> str:
    """Return hours and minutes on Tokyo's clock."""
    there = local(value)
    return f"{there.hour}:{there.minute:02d}"


def instant_in_words(value: datetime, *, year: bool | None = None) -> str:
    """Return day and time: 11月24日(火) 18:00 or 24 Nov 2026, 18:00 JST."""
    if _japanese():
        return f"{day_in_words(value, year=year)} {clock_in_words(value)}"
    return f"{day_in_words(value)}, {clock_in_words(value)} JST"


def era_in_words(value: date | datetime) -> str:
    """Return a day by the Japanese era, for paper: 令和8年11月24日."""
    return eras.era_in_words(day_of(value))


def span_in_words(span: timedelta) -> str:
    """Return a span as days, or hours and minutes, rounded down; always positive."""
    minutes = int(abs(span).total_seconds()) // 60
    if minutes >= 48 * 60:
        days = minutes // (24 * 60)
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    hours, rest = divmod(minutes, 60)
    if not hours:
        return ngettext("%(n)d minute", "%(n)d minutes", rest) % {"n": rest}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}


@dataclass(frozen=True)
class DueText:
    """A limit as people read it: the day, the time, and what is left. `level` is "", near or over."""

    day: str
    clock: str
    left: str
    level: str

    @property
    def css(self) -> str:
        """Return the class names of the due clock."""
        return f"due due--{self.level}" if self.level else "due"

    @property
    def when(self) -> str:
        """Return day and time."""
        return f"{self.day} {self.clock}"


def due_text(
    until: datetime,
    *,
    at: datetime,
    business_left: int | None = None,
    year: bool | None = None,
) -> DueText:
    """Return the words of a limit seen at instant `at`.

    `business_left` is the number of business days left, the day of the limit included, where the
    limit counts business days (O-8.4); with none left, hours and minutes are told.
    """
    left, level = until - at, ""
    if left < timedelta(0):
        words, level = _("%(span)s overdue") % {"span": span_in_words(left)}, "over"
    elif business_left:
        words = ngettext("%(n)d business day left", "%(n)d business days left", business_left) % {"n": business_left}
        level = "near" if business_left <= 1 else ""
    else:
        words = _("%(span)s left") % {"span": span_in_words(left)}
        level = "near" if left <= NEAR else ""
    today = day_of(until) == day_of(at) and _japanese()
    day = _("Today") if today else day_in_words(until, year=year)
    return DueText(day=day, clock=clock_in_words(until), left=words, level=level)
