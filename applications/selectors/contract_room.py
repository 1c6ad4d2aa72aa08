"""What a contract's page shows: its people and their subscriptions, what ends when, what waits for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch

from applications.models import OPEN, Application
from certificates.models import Certificate
from regulations.models import Contract, ContractChange, ContractMember, Subscription
from regulations.periods import last_day_of, state_of
from regulations.register_selectors import is_uuid

SHOWN = 50
SOON = timedelta(days=60)
# Who has to do something next, by the state of an application.
WAITS_FOR = {
    "submitted": "office",
    "examining": "office",
    "waiting_information": "applicant",
    "awaiting_approval": "office",
    "approved": "signer",
}


@dataclass(frozen=True)
class Held:
    """One subscription with its certificate, if it has one, and how that stands."""

    subscription: Subscription
    certificate: Certificate | None
    standing: str


@dataclass(frozen=True)
class Waiting:
    """One open application and who has to do something next."""

    application: Application
    waits_for: str


@dataclass(frozen=True)
class Room:
    """Everything about one contract."""

    contract: Contract
    state: str
    last_day: object
    members: list[ContractMember]
    held: list[Held]
    next_key: str
    ending: int
    waiting: list[Waiting]
    changes: list[ContractChange]


def room_of(*, contract: Contract, at: datetime, after: str = "") -> Room:
    """The page of `contract`; `after` is the key from which its subscriptions are shown."""
    held, next_key = subscriptions_page(contract, at, after)
    current = Certificate.objects.valid(at).filter(subscription__contract=contract)
    return Room(
        contract=contract,
        state=state_of(begins_at=contract.begins_at, ends_at=contract.ends_at, at=at),
        last_day=last_day_of(contract.ends_at),
        members=list(contract.members.select_related("person").order_by("-is_administrator", "name")),
        held=held,
        next_key=next_key,
        ending=current.filter(not_after__lte=at + SOON).count(),
        waiting=waiting_of(contract),
        changes=list(contract.changes.select_related("made_by", "token", "file")[:SHOWN]),
    )


def subscriptions_page(contract: Contract, at: datetime, after: str) -> tuple[list[Held], str]:
    """One page of subscriptions by key, each with its current certificate."""
    current = Prefetch("certificates", Certificate.objects.filter(slot="current"), to_attr="current_ones")
    rows = Subscription.objects.filter(contract=contract).select_related("holder", "target_system")
    if is_uuid(after):
        rows = rows.filter(pk__gt=after)
    found = list(rows.prefetch_related(current).order_by("pk")[: SHOWN + 1])
    more = str(found[SHOWN - 1].pk) if len(found) > SHOWN else ""
    return [held_of(row, at) for row in found[:SHOWN]], more


def held_of(subscription: Subscription, at: datetime) -> Held:
    """A subscription with its certificate."""
    ones: list[Certificate] = getattr(subscription, "current_ones", [])
    return Held(subscription, ones[0], standing_of(ones[0], at)) if ones else Held(subscription, None, "")


def standing_of(certificate: Certificate, at: datetime) -> str:
    """How a certificate stands at `at`, as the table of statuses names it."""
    if certificate.revoked_at is not None and certificate.revoked_at <= at:
        return "revoked"
    if certificate.not_after < at:
        return "expired"
    if certificate.revocation_requested_at is not None:
        return "revoking"
    return "expiring" if certificate.not_after <= at + SOON else "valid"


def waiting_of(contract: Contract) -> list[Waiting]:
    """Open applications under a contract, what is due first on top."""
    rows = Application.objects.filter(contract=contract, status__in=OPEN).exclude(
        order__status__in=["issued", "cancelled"]
    )
    found = rows.select_related("applicant", "rules").order_by("due_at", "pk")[:SHOWN]
    return [Waiting(row, WAITS_FOR[row.status]) for row in found]
