"""Contracts with parent services: kept by staff, looked up by applications, never typed (J-2, O-18.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Violation
from audit.services import record
from regulations.models import Contract, ContractMember, Corporation, ParentService
from regulations.periods import BEGUN, end_after, midnight, overlaps, period_violations
from regulations.services.periods import BY_STAFF, Source, note_change, overlap_violation
from regulations.text import TextError, normalise

__all__ = [
    "Company",
    "Terms",
    "change_company",
    "end_member",
    "enter_contract",
    "midnight",
    "name_member",
    "open_contract",
    "register_corporation",
    "register_service",
]


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
def register_corporation(
    *, company: Company, actor: Actor, at: datetime, reported_by: ParentService | None = None
) -> Corporation:
    """Store a corporation, or what is new about a known one. Raises RuleViolated for what can't be right.

    What a parent service reports leaves alone what it does not name, and what other parent services rely on: their
    certificates print it too. Staff look into it then.
    """
    actor = authorise(actor=actor, act=Act.CONTRACT_MAINTAIN)
    columns, violations = checked(asdict(company), COMPANY_KINDS)
    for name in ("corporate_number", "name", "name_latin"):
        if not columns.get(name, "x"):
            violations.append(Violation(name, "required", _("Please fill this in.")))
    if violations:
        raise RuleViolated(violations)
    number = columns.pop("corporate_number")
    if reported_by is not None:
        columns = {name: value for name, value in columns.items() if value}
        refuse_rewriting(number, columns, reported_by)
    corporation, _created = Corporation.objects.update_or_create(corporate_number=number, defaults=columns)
    record(act=Act.CONTRACT_MAINTAIN, actor=actor, at=at, subject=corporation, details={"corporate_number": number})
    return corporation


def refuse_rewriting(corporate_number: str, columns: Mapping[str, str], reported_by: ParentService) -> None:
    """Raise RuleViolated where a report would change a corporation that another parent service has contracts with."""
    known = Corporation.objects.select_for_update(of=("self",)).filter(corporate_number=corporate_number).first()
    if known is None or not known.contracts.exclude(parent_service=reported_by).exists():
        return
    message = _("This corporation is registered otherwise. Please ask the registration authority to change it.")
    changed = [name for name, value in columns.items() if getattr(known, name) != value]
    if changed:
        raise RuleViolated([Violation(name, "registered_otherwise", message) for name in changed])


LENGTHS = {"number": 40, "fee_note": 200, "name": 120, "name_reading": 160, "address": 200, "phone": 20}


@transaction.atomic
def open_contract(
    *,
    parent_service: ParentService,
    corporation: Corporation | None,
    terms: Terms,
    actor: Actor,
    at: datetime,
    source: Source = BY_STAFF,
) -> Contract:
    """Store a contract. Raises RuleViolated for an end before the beginning or periods that overlap."""
    actor = authorise(actor=actor, act=Act.CONTRACT_BEGIN)
    ParentService.objects.select_for_update(of=("self",)).get(pk=parent_service.pk)
    columns, violations = checked({"number": terms.number, "fee_note": terms.fee_note}, dict.fromkeys(LENGTHS, "text"))
    if not columns.get("number") and not violations:
        violations.append(Violation("number", "required", _("Please enter the contract number.")))
    violations += period_violations(begins_on=terms.begins_on, ends_on=terms.ends_on)
    if violations:
        raise RuleViolated(violations)
    begins_at, ends_at = midnight(terms.begins_on), end_after(terms.ends_on)
    for other in parent_service.contracts.filter(number=columns["number"]):
        if overlaps(begins_at, ends_at, other.begins_at, other.ends_at):
            raise RuleViolated([overlap_violation(other, "number")])
    contract = Contract.objects.create(
        parent_service=parent_service, corporation=corporation, begins_at=begins_at, ends_at=ends_at, **columns
    )
    note_change(contract=contract, kind=BEGUN, before=None, source=source, actor=actor, at=at)
    return contract


@transaction.atomic
def enter_contract(
    *, parent_service: ParentService, company: Company, terms: Terms, actor: Actor, at: datetime
) -> Contract:
    """Store a corporation and a contract with it, both or none."""
    corporation = register_corporation(company=company, actor=actor, at=at)
    return open_contract(parent_service=parent_service, corporation=corporation, terms=terms, actor=actor, at=at)


@transaction.atomic
def change_company(*, contract: Contract, company: Company, fee_note: str, actor: Actor, at: datetime) -> Contract:
    """Change the corporation's data and the note on the fee (O-7.1, O-7.2).

    Raises RuleViolated for another corporate number: a contract does not change hands.
    """
    actor = authorise(actor=actor, act=Act.CONTRACT_MAINTAIN)
    columns, violations = checked({"fee_note": fee_note}, {"fee_note": "text"})
    if violations:
        raise RuleViolated(violations)
    corporation = register_corporation(company=company, actor=actor, at=at)
    if contract.corporation_id not in (None, corporation.pk):
        message = _("A contract does not change hands. Please end it and enter a new one.")
        raise RuleViolated([Violation("corporate_number", "other_corporation", message)])
    Contract.objects.filter(pk=contract.pk).update(corporation=corporation, **columns)
    contract.refresh_from_db()
    record(act=Act.CONTRACT_MAINTAIN, actor=actor, at=at, subject=contract, details={"number": contract.number})
    return contract


def checked(
    values: Mapping[str, str], kinds: Mapping[str, str], lengths: Mapping[str, int] = LENGTHS
) -> tuple[dict[str, str], list[Violation]]:
    """The values as they are stored, and what is wrong with the others, each at its field."""
    columns, violations = {}, []
    for name, value in values.items():
        try:
            columns[name] = normalise(kinds[name], value, max_length=lengths.get(name, 64))
        except TextError as error:
            violations.append(Violation(name, error.code, error.message))
    return columns, violations


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
    typed, kinds = {"email": email.lower(), "name": name}, {"email": "email", "name": "text"}
    columns, violations = checked(typed, kinds, {"email": 254, "name": 80})
    violations += [
        Violation(field, "required", _("Please fill this in.")) for field, value in columns.items() if not value
    ]
    if violations:
        raise RuleViolated(violations)
    member, _created = ContractMember.objects.update_or_create(
        contract=contract,
        email=columns["email"],
        defaults={
            "name": columns["name"],
            "is_authorised_person": authorised_person,
            "is_administrator": administrator,
        },
    )
    details = {"authorised_person": authorised_person, "administrator": administrator}
    record(act=Act.CONTRACT_MAINTAIN, actor=actor, at=at, subject=member, details=details)
    return member


@transaction.atomic
def end_member(*, member: ContractMember, actor: Actor, at: datetime) -> None:
    """Take a person off the contract; what they hold already stays. The record keeps who it was."""
    actor = authorise(actor=actor, act=Act.CONTRACT_MAINTAIN)
    details = {"contract": str(member.contract_id), "email": member.email, "taken_off": True}
    record(act=Act.CONTRACT_MAINTAIN, actor=actor, at=at, subject=member, details=details)
    member.delete()


@transaction.atomic
def register_service(
    *, slug: str, name: Mapping[str, str], charges_users: bool, actor: Actor, at: datetime
) -> ParentService:
    """Set up a parent service, or change its names and whether it charges its users (O-7.1, O-7.2)."""
    actor = authorise(actor=actor, act=Act.PARENT_SERVICE_MAINTAIN)
    columns, violations = checked(
        {f"name_{key}": value for key, value in name.items()}, {"name_ja": "text", "name_en": "text"}
    )
    violations += [
        Violation(field, "required", _("Please fill this in.")) for field, value in columns.items() if not value
    ]
    if violations:
        raise RuleViolated(violations)
    names = {"ja": columns["name_ja"], "en": columns["name_en"]}
    service, _created = ParentService.objects.update_or_create(
        slug=slug, defaults={"name": names, "charges_users": charges_users}
    )
    details = {"slug": slug, "charges_users": charges_users}
    record(act=Act.PARENT_SERVICE_MAINTAIN, actor=actor, at=at, subject=service, details=details)
    return service
