"""Which of a holder's certificates can be renewed now, for the list of what to do next (O-18.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from applications.models import OPEN, Application
from applications.rules import kinds
from applications.rules.kinds import RENEWAL, SLACK
from applications.selectors.contract_effects import renewal_opened
from applications.selectors.succession import ruleset_of
from certificates.models import Certificate
from regulations.ruleset import RuleSet

MOST = 50


@dataclass(frozen=True)
class Renewable:
    """A certificate whose renewal is open; `extended` where that is because its contract goes on."""

    certificate: Certificate
    ruleset: RuleSet
    extended: bool


def renewable(person: User, at: datetime) -> list[Renewable]:
    """The certificates of `person` to be renewed now, the next end first; without those that a renewal is begun for."""
    newer = Certificate.objects.filter(subscription=OuterRef("subscription"), slot="successor", revoked_at=None)
    begun = Application.objects.filter(
        Q(status="draft", kind=RENEWAL, previous=OuterRef("pk"))
        | Q(status__in=OPEN, subscription=OuterRef("subscription")) & ~Q(order__status__in=["issued", "cancelled"])
    )
    held = Certificate.objects.valid(at).filter(~Exists(newer), ~Exists(begun), holder=person, slot="current")
    held = held.filter(revocation_requested_at=None)
    held = held.select_related("subscription__contract", "subscription__target_system")
    rulesets: dict[UUID, RuleSet | None] = {}
    found = []
    for certificate in held.order_by("not_after")[:MOST]:
        system = certificate.subscription.target_system_id
        if system not in rulesets:
            rulesets[system] = ruleset_of(certificate)
        ruleset, extended = rulesets[system], renewal_opened(certificate)
        if ruleset is not None and is_open(certificate, ruleset, extended=extended, at=at):
            found.append(Renewable(certificate, ruleset, extended))
    return found


def is_open(certificate: Certificate, ruleset: RuleSet, *, extended: bool, at: datetime) -> bool:
    """Whether the rules open the renewal of a certificate now, and its contract, if any, outlasts it."""
    contract = certificate.subscription.contract
    if contract is not None and contract.ends_at is not None and contract.ends_at <= certificate.not_after + SLACK:
        return False
    days = ruleset.renewal.opens_days
    opens_at = kinds.renewal_opens_at(not_after=certificate.not_after, opens_days=days, extended=extended, at=at)
    return ruleset.renewal.allowed and opens_at <= at
