"""The business calendar against hard dates, and its arithmetic against properties."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.calendar import SERVICE_DAY, TOKYO, Calendar, closing_of, opening_of

calendar = Calendar()
instants = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31)).map(lambda at: at.replace(tzinfo=TOKYO))
HARD_DATES = [
    (date(2026, 11, 20), True, "an ordinary Friday"),
    (date(2026, 11, 21), False, "a Saturday"),
    (date(2026, 11, 23), False, "labour thanksgiving day"),
    (date(2026, 11, 24), True, "the Tuesday after it"),
    (date(2026, 5, 1), False, "1 May, a Friday that the terms exclude"),
    (date(2026, 5, 6), False, "substitute holiday: the 3rd was a Sunday, the 4th and 5th are holidays"),
    (date(2026, 5, 7), True, "the first day after golden week"),
    (date(2026, 9, 22), False, "citizens' holiday between two others"),
    (date(2032, 9, 21), False, "citizens' holiday of 2032"),
    (date(2026, 12, 29), True, "the last business day of the year"),
    (date(2026, 12, 30), False, "closed from here"),
    (date(2026, 12, 31), False, "new year's eve"),
    (date(2027, 1, 1), False, "new year's day"),
    (date(2027, 1, 4), False, "closed until here, a Monday"),
    (date(2027, 1, 5), True, "the first business day of 2027"),
    (date(2024, 2, 12), False, "substitute for the 11th, a Sunday"),
    (date(2019, 4, 30), False, "citizens' holiday of the accession"),
    (date(2021, 7, 23), False, "sports day, moved for the games"),
    (date(2021, 10, 11), True, "where sports day would have been"),
]


def tokyo_time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.clause("O-1.7")
@pytest.mark.parametrize(("day", "worked", "why"), HARD_DATES)
def test_business_days_follow_the_terms(day: date, worked: bool, why: str) -> None:
    assert calendar.is_business_day(day) is worked, why


@pytest.mark.clause("O-1.7")
def test_a_closure_added_by_staff_is_no_business_day() -> None:
    assert not Calendar([date(2026, 11, 20)]).is_business_day(date(2026, 11, 20))


@pytest.mark.clause("O-8.3")
@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2026-11-20T17:59", "2026-11-20T17:59"),
        ("2026-11-20T18:00", "2026-11-24T09:00"),
        ("2026-11-20T08:59", "2026-11-20T09:00"),
        ("2026-12-29T18:01", "2027-01-05T09:00"),
        ("2026-04-30T18:01", "2026-05-07T09:00"),
    ],
)
def test_the_desk_opens_at_nine_on_the_next_business_day(at: str, opening: str) -> None:
    assert calendar.next_opening(tokyo_time(at)) == tokyo_time(opening)


@pytest.mark.clause("O-8.3")
@pytest.mark.parametrize(
    ("at", "hours", "due"),
    [
        ("2026-11-20T17:00", 1, "2026-11-20T18:00"),
        ("2026-11-20T17:00", 2, "2026-11-24T10:00"),
        ("2026-12-29T17:30", 9, "2027-01-05T17:30"),
        ("2026-11-21T12:00", 0.5, "2026-11-24T09:30"),
    ],
)
def test_due_by_service_hours(at: str, hours: float, due: str) -> None:
    assert calendar.due(tokyo_time(at), business_hours=hours) == tokyo_time(due)


@pytest.mark.parametrize(
    ("at", "days", "due"),
    [
        ("2026-11-17T10:22", 3, "2026-11-20T18:00"),
        ("2026-11-19T16:40", 2, "2026-11-24T18:00"),
        ("2026-11-20T18:01", 0, "2026-11-24T18:00"),
        ("2026-12-29T09:00", 1, "2027-01-05T18:00"),
    ],
)
def test_due_by_business_days(at: str, days: int, due: str) -> None:
    assert calendar.due(tokyo_time(at), business_days=days) == tokyo_time(due)


def test_business_days_left_are_counted_without_today_and_without_holidays() -> None:
    assert calendar.business_days_left(tokyo_time("2026-11-20T14:00"), tokyo_time("2026-11-24T18:00")) == 1
    assert calendar.business_days_left(tokyo_time("2026-11-24T14:00"), tokyo_time("2026-11-24T18:00")) == 0


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        calendar.next_opening(datetime(2026, 11, 20, 9))


@given(instants)
def test_the_next_opening_is_open_and_never_earlier(at: datetime) -> None:
    opening = calendar.next_opening(at)
    assert opening >= at
    assert calendar.is_open(opening)


@given(instants, st.integers(0, 60 * 9 * 8))
def test_service_time_until_due_is_what_was_asked_for(at: datetime, minutes: int) -> None:
    due = calendar.due(at, business_hours=minutes / 60)
    assert abs(calendar.business_left(at, due) - timedelta(minutes=minutes)) < timedelta(seconds=1)


@given(instants, instants)
def test_time_left_turns_its_sign_with_its_ends(one: datetime, other: datetime) -> None:
    assert calendar.business_left(one, other) == -calendar.business_left(other, one)


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(0, 30), st.integers(0, 30))
def test_adding_business_days_in_two_steps_is_the_same(day: date, first: int, second: int) -> None:
    whole = calendar.add_business_days(day, first + second)
    in_steps = calendar.add_business_days(calendar.add_business_days(day, first), second)
    if first == 0 and not calendar.is_business_day(day):
        assert in_steps == calendar.add_business_days(calendar.next_business_day(day), second)
    else:
        assert in_steps == whole
    assert calendar.is_business_day(in_steps)


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_a_whole_business_day_is_nine_hours(day: date) -> None:
    expected = SERVICE_DAY if calendar.is_business_day(day) else timedelta(0)
    assert calendar.business_left(opening_of(day), closing_of(day)) == expected
