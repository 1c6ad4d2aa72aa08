"""Pages by key: every row once, both ways, also where many rows have the same value."""

from datetime import timedelta

import pytest

from accounts.models import Notice
from accounts.paging import Order, Place, turned
from tests.instants import MONDAY_9_00

ROWS = 23


@pytest.fixture
def notices(db: None) -> list[Notice]:
    """Some notices, several of the same minute and many of the same kind."""
    made = [
        Notice(
            kind="even" if n % 2 == 0 else "odd~",
            dedupe=str(n),
            email="x@demo.example",
            created_at=MONDAY_9_00 + timedelta(minutes=n // 5),
            status_since=MONDAY_9_00,
            not_before=MONDAY_9_00,
        )
        for n in range(ROWS)
    ]
    return Notice.objects.bulk_create(made)


ORDERS = [Order("created_at"), Order("created_at", descending=True), Order("kind", text=True)]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 5, 23, 50])
def test_every_row_is_shown_once_forwards_and_backwards(notices: list[Notice], order: Order, size: int) -> None:
    everything = list(Notice.objects.order_by(*order.names(backward=False)))
    pages = [turned(Notice.objects.all(), order=order, place=Place(), size=size)]
    while pages[-1].next_key:
        pages.append(turned(Notice.objects.all(), order=order, place=Place(after=pages[-1].next_key), size=size))
    assert [row for page in pages for row in page.rows] == everything
    back = [turned(Notice.objects.all(), order=order, place=Place(last=True), size=size)]
    while back[-1].previous_key:
        back.append(turned(Notice.objects.all(), order=order, place=Place(before=back[-1].previous_key), size=size))
    assert [row for page in reversed(back) for row in page.rows] == everything


def test_a_page_in_the_middle_has_neighbours_on_both_sides(notices: list[Notice]) -> None:
    order = Order("created_at")
    first = turned(Notice.objects.all(), order=order, place=Place(), size=5)
    second = turned(Notice.objects.all(), order=order, place=Place(after=first.next_key), size=5)
    again = turned(Notice.objects.all(), order=order, place=Place(before=second.previous_key), size=5)
    assert (first.previous_key, second.previous_key != "", second.next_key != "") == ("", True, True)
    assert list(again.rows) == list(first.rows)


@pytest.mark.parametrize("key", ["x", "~", "2026-11-16~x", "\x00~\x00", "2026-11-16T09:00:00+09:00~"])
def test_a_key_that_is_none_gives_the_first_page(notices: list[Notice], key: str) -> None:
    page = turned(Notice.objects.all(), order=Order("created_at"), place=Place(after=key), size=5)
    assert page.rows == turned(Notice.objects.all(), order=Order("created_at"), place=Place(), size=5).rows
