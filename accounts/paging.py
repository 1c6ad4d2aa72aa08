"""Lists by key: every page costs the same, however deep, and what comes in meanwhile moves no row twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import HttpRequest

Row = TypeVar("Row", bound=models.Model)
SIZE = 50


@dataclass(frozen=True)
class KeyPage(Generic[Row]):
    """One page of rows, and the key after which the next one begins; "" on the last."""

    rows: list[Row]
    next_key: str


def page_by_key(rows: models.QuerySet[Row], *, after: str, size: int = SIZE) -> KeyPage[Row]:
    """Return the rows after the key `after` in the order of their primary keys; a key that is none begins anew."""
    ordered, key = rows.order_by("pk"), known_key(rows.model, after)
    found = list((ordered if key is None else ordered.filter(pk__gt=key))[: size + 1])
    return KeyPage(found[:size], str(found[size - 1].pk) if len(found) > size else "")


def known_key(model: type[models.Model], text: str) -> Any:
    """Return `text` as a primary key of `model`; None where it is none."""
    try:
        return model._meta.pk.to_python(text) if text else None
    except ValidationError:
        return None


def paging_of(request: HttpRequest, next_key: str, *, size: int = SIZE, name: str = "after") -> dict[str, object]:
    """Return what the paging component wants: the addresses of the next and of the first page, with what was typed."""
    typed = request.GET.copy()
    first = typed.pop(name, None)
    first_url = f"?{typed.urlencode()}" if first else ""
    typed[name] = next_key
    return {"next_url": f"?{typed.urlencode()}" if next_key else "", "first_url": first_url, "size": size}


@dataclass(frozen=True)
class Order:
    """By which column a list is ordered; rows with the same value are ordered by id."""

    column: str
    descending: bool = False
    text: bool = False

    def names(self, *, backward: bool) -> tuple[str, str]:
        """Return what to order by, from the first row on or from the last."""
        sign = "-" if self.descending != backward else ""
        return f"{sign}{self.column}", f"{sign}pk"

    def key_of(self, row: models.Model) -> str:
        """Return the key of `row`, as it stands in an address."""
        value = getattr(row, self.column)
        return f"{value.isoformat() if isinstance(value, datetime) else value}~{row.pk}"

    def read(self, key: str) -> tuple[datetime | str, UUID] | None:
        """Return the value and the id out of a key; None for what is none."""
        value, _sign, pk = key.replace("\x00", "").rpartition("~")
        try:
            found, row = value if self.text else datetime.fromisoformat(value), UUID(pk)
        except ValueError:
            return None
        return None if isinstance(found, datetime) and found.tzinfo is None else (found, row)


@dataclass(frozen=True)
class Place:
    """Where the reader is: after a key, before one, or at the end; none of these is the beginning."""

    after: str = ""
    before: str = ""
    last: bool = False

    @classmethod
    def read(cls, typed: Mapping[str, str]) -> Place:
        """Return the place that an address names."""
        return cls(typed.get("after", ""), typed.get("before", ""), bool(typed.get("last")))


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of one page, and the keys at which the neighbouring pages begin; "" where there is none."""

    rows: Sequence[Row]
    next_key: str = ""
    previous_key: str = ""


def turned(rows: QuerySet[Row], *, order: Order, place: Place, size: int) -> Page[Row]:
    """Return the page of `rows` at `place`; a key that is none gives the first page."""
    after, before = order.read(place.after), order.read(place.before)
    backward = place.last or (after is None and before is not None)
    key = None if place.last else before if backward else after
    if key is not None:
        beyond = TupleLessThan if order.descending != backward else TupleGreaterThan
        rows = rows.filter(beyond(Tuple(order.column, "pk"), key))
    found = list(rows.order_by(*order.names(backward=backward))[: size + 1])
    more, found = len(found) > size, found[:size]
    if backward:
        found.reverse()
    has_next, has_previous = (key is not None, more) if backward else (more, key is not None)
    return Page(
        found,
        order.key_of(found[-1]) if found and has_next else "",
        order.key_of(found[0]) if found and has_previous else "",
    )
