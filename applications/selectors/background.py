"""What an examiner wants to know besides: the contract, and what the same subject and corporation have already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from applications.models import Application
from certificates.models import Certificate
from certificates.selectors import standing_of
from regulations.models import Contract, Subscription

Row = TypeVar("Row", bound=Model)
MOST = 5
LISTED = ("receipt_number", "status", "kind", "submitted_at", "created_at")
HELD = ("management_number", "common_name", "not_before", "not_after", "revoked_at", "revocation_requested_at")


@dataclass(frozen=True)
class Held:
    """A certificate with how it stands now."""

    certificate: Certificate
    standing: str


@dataclass(frozen=True)
class Background:
    """The contract with its standing, and the newest applications and certificates of the same side."""

    contract: Contract | None
    contract_standing: str
    named: bool
    own: list[Application]
    held: list[Held]
    company: list[Application]
    company_held: list[Held]


def background_of(application: Application, at: datetime) -> Background:
    """Return what stands behind an application at `at`."""
    contract, subscription = application.contract, application.subscription
    contracts = _contracts_of(contract)
    return Background(
        contract=contract,
        contract_standing=_standing(contract, at),
        named=contract is not None and contract.members.filter(_names(application)).exists(),
        own=_same_subject(application),
        held=_held_by_subject(subscription, at) if subscription is not None else [],
        company=_same_company(application, contracts),
        company_held=_held_by_company(subscription, contracts, at),
    )


def _names(application: Application) -> Q:
    by_mail = Q(person=None, email=application.applicant.email)
    return Q(person=application.applicant_id) | by_mail


def _standing(contract: Contract | None, at: datetime) -> str:
    if contract is None:
        return ""
    if contract.begins_at > at:
        return "ahead"
    return "in_force" if contract.is_in_force(at) else "ended"


def _received(application: Application) -> Q:
    return Q(submitted_at__isnull=False) & ~Q(pk=application.pk)


def _contracts_of(contract: Contract | None) -> list[UUID]:
    """Return the newest contracts of the same corporation."""
    if contract is None or contract.corporation_id is None:
        return []
    rows = Contract.objects.filter(corporation=contract.corporation_id).order_by("-begins_at")
    return list(rows.values_list("pk", flat=True)[:MOST])


def _same_subject(application: Application) -> list[Application]:
    subscription = application.subscription
    if subscription is None:
        return []
    rows = Application.objects.filter(
        _received(application),
        subscription__target_system=subscription.target_system_id,
        subscription__subject_key=subscription.subject_key,
    )
    return list(rows.order_by("-submitted_at").only(*LISTED)[:MOST])


def _same_company(application: Application, contracts: Sequence[UUID]) -> list[Application]:
    """Return the newest other applications, contract by contract, since an index holds each in the order of receipt."""
    rows = Application.objects.filter(_received(application)).order_by("-submitted_at").only(*LISTED, "values")
    if application.subscription is not None:
        rows = rows.exclude(subscription__subject_key=application.subscription.subject_key)
    found = together([rows.filter(contract=contract)[:MOST] for contract in contracts])
    return sorted(found, key=lambda row: row.submitted_at or row.created_at, reverse=True)[:MOST]


def _held_by_subject(subscription: Subscription, at: datetime) -> list[Held]:
    rows = Certificate.objects.filter(
        subscription__target_system=subscription.target_system_id, subscription__subject_key=subscription.subject_key
    )
    return [_standing_now(row, at) for row in rows.order_by("-not_before", "-pk").only(*HELD)[:MOST]]


def _held_by_company(subscription: Subscription | None, contracts: Sequence[UUID], at: datetime) -> list[Held]:
    """Return the certificates of others, by the newest applications that were approved under the contracts."""
    rows = Certificate.objects.filter(order__application__status="approved").only(*HELD)
    if subscription is not None:
        rows = rows.exclude(subscription__subject_key=subscription.subject_key)
    newest = rows.order_by("-order__application__submitted_at")
    found = together([newest.filter(order__application__contract=key)[:MOST] for key in contracts])
    found.sort(key=lambda row: row.not_before, reverse=True)
    return [_standing_now(row, at) for row in found[:MOST]]


def together(parts: Sequence[QuerySet[Row]]) -> list[Row]:
    """Return the rows of several questions, asked as one."""
    if not parts:
        return []
    first, *others = parts
    return list(first.union(*others, all=True) if others else first)


def _standing_now(certificate: Certificate, at: datetime) -> Held:
    return Held(certificate, standing_of(certificate, at))
