"""Reads of the register: pages of contracts by key, who administers what, how far a file is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet

from accounts.models import User
from audit.refusals import NotFound
from regulations.models import ApiToken, Contract, ContractFile, ParentService
from regulations.text import fold_width

PAGE = 50
STATES = ("ahead", "in_force", "ending", "ended")
SOON = timedelta(days=60)


@dataclass(frozen=True)
class Sought:
    """What the reader narrows the register down to; empty says anything. `after` is the key of a page."""

    text: str = ""
    service: str = ""
    state: str = ""
    after: str = ""


@dataclass(frozen=True)
class ContractPage:
    """One page of the register and the key of the next."""

    rows: list[Contract]
    next_key: str


def contract_page(*, sought: Sought, at: datetime, size: int = PAGE) -> ContractPage:
    """One page of contracts in order of number; any depth costs the same."""
    rows = narrowed(sought, at).select_related("corporation", "parent_service").order_by("number", "pk")
    number, _sign, key = sought.after.rpartition("~")
    if number and is_uuid(key):
        rows = rows.filter(Q(number__gt=number) | Q(number=number, pk__gt=key))
    found = list(rows[: size + 1])
    more = len(found) > size
    return ContractPage(found[:size], f"{found[size - 1].number}~{found[size - 1].pk}" if more else "")


def narrowed(sought: Sought, at: datetime) -> QuerySet[Contract]:
    """The contracts that the reader asks for."""
    rows = Contract.objects.all()
    if sought.service:
        rows = rows.filter(parent_service__slug=sought.service)
    if sought.state in STATES:
        rows = rows.filter(in_state(sought.state, at))
    text = sought.text.replace("\x00", "").strip()
    if text:
        folded = fold_width(text)
        company = Q(corporation__name__icontains=text) | Q(corporation__name_reading__startswith=text)
        rows = rows.filter(Q(number__istartswith=folded) | Q(corporation__corporate_number=folded) | company)
    return rows


def in_state(state: str, at: datetime) -> Q:
    """The condition of a state of `regulations.periods.state_of`."""
    begun = Q(begins_at__lte=at)
    conditions = {
        "ahead": Q(begins_at__gt=at),
        "ended": Q(ends_at__lte=at) & begun,
        "ending": begun & Q(ends_at__gt=at, ends_at__lte=at + SOON),
        "in_force": begun & (Q(ends_at=None) | Q(ends_at__gt=at + SOON)),
    }
    return conditions[state]


def contract_of(key: UUID) -> Contract:
    """The contract with this id; raises NotFound."""
    contract = Contract.objects.select_related("corporation", "parent_service").filter(pk=key).first()
    if contract is None:
        raise NotFound
    return contract


def administered_by(person: User) -> QuerySet[Contract]:
    """The contracts whose administrator is `person`, by account or verified mail address."""
    named = Q(members__person=person) | Q(members__person=None, members__email=person.email)
    contracts = Contract.objects.filter(named, members__is_administrator=True).distinct()
    return contracts.select_related("corporation", "parent_service").order_by("number", "begins_at")


def services_with_counts() -> QuerySet[ParentService]:
    """All parent services with how many contracts and usable keys they have."""
    keys = Count("tokens", filter=Q(tokens__ended_at=None), distinct=True)
    return ParentService.objects.annotate(contract_count=Count("contracts", distinct=True), key_count=keys).order_by(
        "slug"
    )


def token_of(service: ParentService, key: UUID) -> ApiToken:
    """A key of a parent service; raises NotFound."""
    token = ApiToken.objects.filter(parent_service=service, pk=key).first()
    if token is None:
        raise NotFound
    return token


def file_of(key: UUID) -> ContractFile:
    """The file of contracts with this id; raises NotFound."""
    file = ContractFile.objects.select_related("parent_service", "uploaded_by").filter(pk=key).first()
    if file is None:
        raise NotFound
    return file


def progress_of(file: ContractFile) -> int:
    """How far a file is, in percent: of its bytes while it is checked, of its lines while it is loaded."""
    if file.status == "loading":
        return int(cache.get(f"contract-file:{file.pk}", 0))
    if file.status in ("checked", "loaded", "faulty"):
        return 100
    return 100 * file.bytes_done // max(file.size, 1)


def is_uuid(text: str) -> bool:
    """Tell whether a text is the key of a row."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
