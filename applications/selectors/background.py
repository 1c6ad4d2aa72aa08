"""What an examiner wants to know besides: the contract, and what the same subject and corporation have already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from applications.models import Application
from certificates.models import Certificate
from certificates.selectors import standing_of
from regulations.models import Contract

MOST = 5


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
    contract = application.contract
    own, company = _same_subject(application), _same_company(application)
    subject = Q(pk=None)
    if application.subscription is not None:
        subject = Q(
            subscription__target_system=application.subscription.target_system_id,
            subscription__subject_key=application.subscription.subject_key,
        )
    side = Q(subscription__contract__corporation=contract.corporation_id) if contract is not None else Q(pk=None)
    return Background(
        contract=contract,
        contract_standing=_standing(contract, at),
        named=contract is not None and contract.members.filter(_names(application)).exists(),
        own=own,
        held=_held(subject, at),
        company=company,
        company_held=_held(side & ~subject, at) if contract is not None else [],
    )


def _names(application: Application) -> Q:
    by_mail = Q(person=None, email=application.applicant.email)
    return Q(person=application.applicant_id) | by_mail


def _standing(contract: Contract | None, at: datetime) -> str:
    if contract is None:
        return ""
    if contract.begins_at > at:
        return "ahead"
    return "ended" if contract.ends_at is not None and contract.ends_at <= at else "in_force"


def _received(application: Application) -> Q:
    return Q(submitted_at__isnull=False) & ~Q(pk=application.pk)


def _same_subject(application: Application) -> list[Application]:
    if application.subscription is None:
        return []
    rows = Application.objects.filter(
        _received(application),
        subscription__target_system=application.subscription.target_system_id,
        subscription__subject_key=application.subscription.subject_key,
    )
    return list(rows.order_by("-submitted_at")[:MOST])


def _same_company(application: Application) -> list[Application]:
    if application.contract is None:
        return []
    own = Contract.objects.filter(corporation=application.contract.corporation_id).values_list("pk", flat=True)
    rows = Application.objects.filter(_received(application), contract__in=list(own))
    if application.subscription is not None:
        rows = rows.exclude(subscription__subject_key=application.subscription.subject_key)
    return list(rows.order_by("-submitted_at")[:MOST])


def _held(which: Q, at: datetime) -> list[Held]:
    rows = Certificate.objects.filter(which).order_by("-not_before", "-pk")[:MOST]
    return [Held(row, standing_of(row, at)) for row in rows]
