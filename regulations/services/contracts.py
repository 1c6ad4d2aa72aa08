"""Contracts with parent services: kept by staff, looked up by applications, never typed (J-2, O-18.1)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Violation
from audit.services import record
from regulations.calendar import TOKYO
from regulations.models import Contract, ContractMember, Corporation, ParentService
from regulations.text import TextError, normalise


@dataclass(frozen=True)
class Company:
    """What is known of a corporation."""

    corporate_number: str
    name: str
    name_latin: str
    name_reading: str = ""
    postal_code: str = ""
    address: str = ""
    locality_latin: str = ""
    state_latin: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Terms:
    """A contract's number and period in whole days of Tokyo; without a last day it is open-ended."""

    number: str
    begins_on: date
    ends_on: date | None = None
    fee_note: str = ""


COMPANY_KINDS = {
    "corporate_number": "corporate_number",
    "name": "text",
    "name_latin": "latin",
    "name_reading": "kana",
    "postal_code": "postal_code",
    "address": "text",
    "locality_latin": "latin",
    "state_latin": "latin",
    "phone": "tel",
}


@transaction.atomic
def register_corporation(*, company: Company, actor: Actor, at: datetime) -> Corporation:
    """Store a corporation, or what is new about a known one. Raises RuleViolated for what can't be right."""
    actor = authorise(actor=actor, act=Act.CONTRACT_MAINTAIN)
    columns, violations = {}, []
    for name, value in asdict(company).items():
        try:
            columns[name] = normalise(COMPANY_KINDS[name], value)
        except TextError as error:
            violations.append(Violation(name, error.code, error.message))
    if violations:
        raise RuleViolated(violations)
    number = columns.pop("corporate_number")
    corporation, _created = Corporation.objects.update_or_create(corporate_number=number, defaults=columns)
    record(act=Act.CONTRACT_MAINTAIN, actor=actor, at=at, subject=corporation, details={"corporate_number": number})
    return corporation


@transaction.atomic
def open_contract(
    *, parent_service: ParentService, corporation: Corporation | None, terms: Terms, actor: Actor, at: datetime
) -> Contract:
    """Store a contract. Raises RuleViolated for an end before the beginning or a number in use."""
    actor = authorise(actor=actor, act=Act.CONTRACT_MAINTAIN)
    if terms.ends_on is not None and terms.ends_on < terms.begins_on:
        raise RuleViolated([Violation("ends_on", "period", _("The contract would end before it begins."))])
    if parent_service.contracts.filter(number=terms.number).exists():
        raise RuleViolated([Violation("number", "number_used", _("This contract number exists already."))])
    contract = Contract.objects.create(
        number=terms.number,
        parent_service=parent_service,
        corporation=corporation,
        begins_at=midnight(terms.begins_on),
        ends_at=midnight(terms.ends_on + timedelta(days=1)) if terms.ends_on else None,
        fee_note=terms.fee_note,
    )
    record(act=Act.CONTRACT_MAINTAIN, actor=actor, at=at, subject=contract, details={"number": terms.number})
    return contract


@transaction.atomic
def name_member(  # noqa: PLR0913 — a member is these facts
    *,
    contract: Contract,
    email: str,
    name: str,
    authorised_person: bool = False,
    administrator: bool = False,
    actor: Actor,
    at: datetime,
) -> ContractMember:
    """Name a person of a contract by mail address; naming again changes what they may do."""
    actor = authorise(actor=actor, act=Act.CONTRACT_MAINTAIN)
    member, _created = ContractMember.objects.update_or_create(
        contract=contract,
        email=email.lower(),
        defaults={"name": name, "is_authorised_person": authorised_person, "is_administrator": administrator},
    )
    details = {"authorised_person": authorised_person, "administrator": administrator}
    record(act=Act.CONTRACT_MAINTAIN, actor=actor, at=at, subject=member, details=details)
    return member


def midnight(day: date) -> datetime:
    """The instant at which `day` begins in Tokyo."""
    return datetime.combine(day, time(0), TOKYO)
