"""Lists by key: every page costs the same, however deep, and what comes in meanwhile moves no row twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
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
