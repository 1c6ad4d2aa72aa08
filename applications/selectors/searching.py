"""Finding applications of any state by names, readings and numbers; what comes first was received last.

A frequent name is found among the newest cards by looking at them one after the other; a rare one by the index of
letter pairs. Neither way is good for both: the index would bring every card that has a frequent pair before the newest
could be told, and looking through all cards for what is not there takes seconds.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import F, Max, Q, QuerySet, Value

from accounts.paging import Place
from accounts.pairs import Pairs
from accounts.spelling import asked
from applications.models import Application, IndexCard
from certificates.models import Certificate

NEAR: Final = 10_000
"""How many cards are looked at one by one."""
MOST_OF_A_NUMBER: Final = 20
SERIAL_DIGITS: Final = 40
NUMBER: Final = re.compile(r"(?:c-?\d+|(?:0x)?[0-9a-f]{8,40})", re.IGNORECASE)


@dataclass(frozen=True)
class Hits:
    """The applications found, newest first, and the keys of the neighbouring pages.

    With `partly`, the next page goes on among cards that nobody looked at yet: of many with this name, few fit the
    filters, and looking at all of them would take too long.
    """

    applications: Sequence[UUID]
    next_key: str = ""
    previous_key: str = ""
    partly: bool = False


@dataclass(frozen=True)
class Walk:
    """A way through the cards from `start`, which is not looked at: to older ones, or up to newer ones."""

    start: int
    upward: bool

    @property
    def border(self) -> int:
        """Return the last card that is looked at one by one."""
        return self.start + NEAR if self.upward else max(self.start - NEAR, 0)

    @property
    def near(self) -> Q:
        """Return the cards up to the border."""
        if self.upward:
            return Q(pk__gt=self.start, pk__lte=self.border)
        return Q(pk__lt=self.start, pk__gte=self.border)

    @property
    def far(self) -> Q:
        """Return the cards beyond it."""
        return Q(pk__gt=self.border) if self.upward else Q(pk__lt=self.border)


def found(*, text: str, only: Mapping[str, Any], place: Place, size: int) -> Hits:
    """Return a page of the applications that `text` finds and whose columns are as `only` says."""
    by_number = numbered(text, only)
    if by_number:
        return Hits(by_number)
    words = asked(text)
    if not words:
        return Hits(())
    walk = _walk(place)
    cards, partly = _cards(words, {f"application__{name}": value for name, value in only.items()}, walk, size + 1)
    more, cards = len(cards) > size or partly, cards[:size]
    # The next page on the way begins at the last card shown, or where looking was given up.
    ends = walk.border if partly else cards[-1][0] if cards else walk.start
    begins = cards[0][0] if cards else walk.start + (1 if walk.upward else -1)
    if walk.upward:
        cards.reverse()
        next_key, previous_key = str(begins), str(ends) if more else ""
    else:
        next_key, previous_key = str(ends) if more else "", str(begins) if place.after or place.before else ""
    return Hits([application for _card, application in cards], next_key, previous_key, partly=partly)


def numbered(text: str, only: Mapping[str, Any]) -> list[UUID]:
    """Return the applications whose certificates have the management or serial number `text`."""
    orders = [row.order_id for row in certificates_numbered(text)]
    return list(Application.objects.filter(order__in=orders, **only).values_list("pk", flat=True)) if orders else []


def certificates_numbered(text: str) -> list[Certificate]:
    """Return the certificates that have the management or serial number `text`."""
    number = text.strip().replace(":", "").replace(" ", "").lower()
    if not NUMBER.fullmatch(number):
        return []
    given = Q(serial=number.removeprefix("0x").zfill(SERIAL_DIGITS))
    if number.startswith("c"):
        given |= Q(management_number=f"C-{number.removeprefix('c').removeprefix('-'):0>6}")
    return list(Certificate.objects.filter(given).only("order", "holder")[:MOST_OF_A_NUMBER])


def _walk(place: Place) -> Walk:
    """Return the way that a page goes; a key that is none begins with the newest card."""
    if place.before.isdecimal():
        return Walk(int(place.before), upward=True)
    if place.after.isdecimal():
        return Walk(int(place.after), upward=False)
    return Walk((IndexCard.objects.aggregate(top=Max("pk"))["top"] or 0) + 1, upward=False)


def _cards(words: Sequence[str], only: Mapping[str, Any], walk: Walk, size: int) -> tuple[list[tuple[int, UUID]], bool]:
    """Return up to `size` cards on the way, nearest first, and whether the way was given up at its border."""
    saying = _saying(words)
    near = saying.filter(walk.near)
    fitting = near.filter(**only)
    hits = list(fitting.order_by("pk" if walk.upward else "-pk").values_list("pk", "application")[:size])
    if len(hits) == size or not walk.border:
        return hits, False
    if only and near.order_by()[:size].count() == size:
        return hits, saying.filter(walk.far).exists()
    return hits + _rare(words, only, walk, size - len(hits)), False


def _rare(words: Sequence[str], only: Mapping[str, Any], walk: Walk, size: int) -> list[tuple[int, UUID]]:
    """Return up to `size` cards beyond the border, by the index: here they are few."""
    pairs = IndexCard.objects.alias(pairs=Pairs(F("text")))
    for word in words:
        pairs = pairs.filter(pairs__contains=Pairs(Value(word)))
    # Ordered by an expression, so that the database does not walk the cards by id until it has met enough.
    order = F("pk") * (1 if walk.upward else -1)
    return list(_saying(words, pairs).filter(walk.far, **only).order_by(order).values_list("pk", "application")[:size])


def _saying(words: Sequence[str], cards: "QuerySet[IndexCard] | None" = None) -> "QuerySet[IndexCard]":
    """Return the cards that contain every word; letters and digits have no meaning in a pattern."""
    cards = IndexCard.objects.all() if cards is None else cards
    for word in words:
        cards = cards.filter(text__contains=word)
    return cards
