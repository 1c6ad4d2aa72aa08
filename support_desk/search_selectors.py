"""One box for whatever a caller has at hand: names, readings, addresses and every number of ours (O-8.2, O-9).

What looks like a number or an address is looked up as such first, by its beginning. Otherwise people's own cards and
those of their applications are searched, the newest first: what is frequent is met among the newest, one after the
other, and what is rare is found by the index of letter pairs, as in `applications.selectors.searching`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, F, QuerySet, Value
from django.db.models.functions import Extract

from accounts.fields import half_width
from accounts.models import User
from accounts.paging import Place
from accounts.pairs import Folded, Pairs
from accounts.spelling import asked, fold
from applications.models import Application
from applications.rules.masking import mask_name
from applications.selectors import searching
from certificates.models import Certificate
from regulations.models import Contract, ContractMember, Corporation, Subscription
from support_desk.models import Ticket
from support_desk.rules import SHORTEST_SEARCH

MOST_HITS: Final = 20
NEAR: Final = 5_000
"""How many of the newest accounts are looked at one by one."""
SIGNS: Final = re.compile(r"[0-9A-Z][0-9A-Z:./@_+-]*", re.IGNORECASE)
YEARLY: Final = re.compile(r"(T?)(\d{1,4})-?(\d*)", re.IGNORECASE)


@dataclass(frozen=True)
class Hit:
    """A person who fits what was searched, masked as the list shows them."""

    person: User
    name: str
    company: str
    certificates: int
    applications: int


@dataclass(frozen=True)
class Found:
    """What one search of the desk found; `more` tells that there are others beyond."""

    people: Sequence[Hit]
    tickets: Sequence[Ticket]
    more: bool = False


NOTHING: Final = Found((), ())


def found(text: str) -> Found:
    """Return people and tickets that fit `text`, of which two characters are enough."""
    text = " ".join(text.replace("\x00", "").split())
    if len(text) < SHORTEST_SEARCH or not asked(text):
        return NOTHING
    typed = half_width(text).replace(" ", "")
    numbered = typed if SIGNS.fullmatch(typed) and any(sign.isdigit() or sign == "@" for sign in typed) else ""
    tickets = tickets_numbered(numbered) if numbered else []
    people = by_number(numbered) if numbered else []
    if not people and not tickets:
        people = by_name(text)
    return Found(hits_of(people[:MOST_HITS]), tickets[:MOST_HITS], more=len(people) > MOST_HITS)


def tickets_numbered(typed: str) -> list[Ticket]:
    """Return the tickets whose number begins as typed."""
    given = YEARLY.fullmatch(typed)
    if given is None or not given[1]:
        return []
    rows = Ticket.objects.filter(number__startswith=f"T{_yearly(given)}").select_related("person")
    return list(rows.order_by("number")[: MOST_HITS + 1])


def by_number(typed: str) -> list[UUID]:
    """Return the people to whom a number or an address that begins as typed belongs."""
    if "@" in typed:
        return _limited(User.objects.filter(email__startswith=typed.lower()).values_list("pk", flat=True))
    found: dict[UUID, None] = {}
    for people in (_by_receipt, _by_certificate, _by_contract, _by_corporation, _by_phone, _by_ticket):
        found |= dict.fromkeys(people(typed))
        if len(found) > MOST_HITS:
            break
    return list(found)


def _yearly(given: re.Match[str]) -> str:
    """Return a number such as 2026-000142 as it is kept, from what was typed with or without its hyphen."""
    return f"{given[2]}-{given[3]}" if given[3] else given[2]


def _limited(people: "QuerySet[Any, UUID]") -> list[UUID]:
    return list(people[: MOST_HITS + 1])


def _by_receipt(typed: str) -> list[UUID]:
    given = YEARLY.fullmatch(typed)
    if given is None or given[1]:
        return []
    rows = Application.objects.filter(receipt_number__startswith=_yearly(given)).order_by("receipt_number")
    return _limited(rows.values_list("applicant_id", flat=True))


def _by_certificate(typed: str) -> list[UUID]:
    named = searching.certificates_numbered(typed)
    if named or not typed.upper().startswith("C-"):
        return [row.holder_id for row in named]
    rows = Certificate.objects.filter(management_number__startswith=typed.upper()).order_by("management_number")
    return _limited(rows.values_list("holder_id", flat=True))


def _by_contract(typed: str) -> list[UUID]:
    contracts = Contract.objects.filter(number__in={typed, typed.upper()}).values_list("pk", flat=True)
    return _under(list(contracts[:MOST_HITS]))


def _by_corporation(typed: str) -> list[UUID]:
    digits = typed.replace("-", "")
    if not digits.isdecimal():
        return []
    corporations = Corporation.objects.filter(corporate_number__startswith=digits)[:MOST_HITS]
    contracts = Contract.objects.filter(corporation__in=list(corporations))
    return _under(list(contracts.values_list("pk", flat=True)[:MOST_HITS]))


def _under(contracts: Sequence[UUID]) -> list[UUID]:
    """Return the people who are subscribers under, or named in, one of `contracts`."""
    if not contracts:
        return []
    subscribers = Subscription.objects.filter(contract__in=contracts).values_list("holder_id", flat=True)
    members = ContractMember.objects.filter(contract__in=contracts, person__isnull=False)
    return _limited(subscribers) + _limited(members.values_list("person_id", flat=True))


def _by_phone(typed: str) -> list[UUID]:
    people = User.objects.alias(digits=Folded(F("phone"))).exclude(phone="")
    return _limited(people.filter(digits__startswith=fold(typed)).values_list("pk", flat=True))


def _by_ticket(typed: str) -> list[UUID]:
    tickets = tickets_numbered(typed)
    return [ticket.person_id for ticket in tickets if ticket.person_id is not None]


def by_name(text: str) -> list[UUID]:
    """Return the people on whose cards, or on whose applications' cards, every word of `text` stands."""
    words = asked(text)
    people = dict.fromkeys(_by_own_card(words))
    if len(people) <= MOST_HITS:
        hits = searching.found(text=text, only={}, place=Place(), size=MOST_HITS).applications
        people |= dict.fromkeys(Application.objects.filter(pk__in=hits).values_list("applicant_id", flat=True))
    return list(people)


def _by_own_card(words: Sequence[str]) -> list[UUID]:
    border = User.objects.order_by("-joined_at").values_list("joined_at", flat=True)[NEAR : NEAR + 1].first()
    rows = _saying(words)
    newest = rows if border is None else rows.filter(joined_at__gt=border)
    people = list(newest.order_by("-joined_at").values_list("pk", flat=True)[: MOST_HITS + 1])
    if border is None or len(people) > MOST_HITS:
        return people
    return people + _rare(words, border)[: MOST_HITS + 1 - len(people)]


def _rare(words: Iterable[str], border: datetime) -> list[UUID]:
    """Return people who joined up to `border`, by the index: here they are few."""
    rows = _saying(words).alias(pairs=Pairs(F("sought"))).filter(joined_at__lte=border)
    for word in words:
        rows = rows.filter(pairs__contains=Pairs(Value(word)))
    # Ordered by an expression, so that the database does not walk the accounts by age until it has met enough.
    rows = rows.order_by(Extract("joined_at", "epoch").desc())
    return _limited(rows.values_list("pk", flat=True))


def _saying(words: Iterable[str]) -> "QuerySet[User]":
    rows = User.objects.all()
    for word in words:
        rows = rows.filter(sought__contains=word)
    return rows


def hits_of(people: Sequence[UUID]) -> list[Hit]:
    """Return people as the list shows them, in the order of their readings."""
    rows = User.objects.filter(pk__in=people).order_by("name_reading", "pk")
    submitted = Application.objects.filter(submitted_at__isnull=False, applicant__in=people)
    latest = submitted.order_by("applicant_id", "-submitted_at").distinct("applicant_id")
    companies = {row.applicant_id: str(row.values.get("corporation_name", "")) for row in latest}
    made = _counted(submitted, "applicant_id")
    held = _counted(Certificate.objects.filter(holder__in=people), "holder_id")
    return [
        Hit(row, mask_name(row.name or row.email), companies.get(row.pk, ""), held.get(row.pk, 0), made.get(row.pk, 0))
        for row in rows
    ]


def _counted(rows: "QuerySet[Application] | QuerySet[Certificate]", column: str) -> dict[UUID, int]:
    return dict(rows.order_by().values_list(column).annotate(n=Count("pk")))
