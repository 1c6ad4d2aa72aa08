"""Reads of the rules: the calendar as it stands, contracts to apply under, what a contract fills in."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import User
from regulations.calendar import Calendar
from regulations.models import Closure, ContactPoint, Contract, DocumentVersion, Suspension, TargetSystem
from regulations.text import address_of


def business_calendar() -> Calendar:
    """The business calendar with the closures that staff added."""
    return Calendar(Closure.objects.values_list("day", flat=True))


def contact_point(at: datetime) -> ContactPoint | None:
    """How the call center is reached at `at` (O-8.2)."""
    return ContactPoint.objects.filter(valid_from__lte=at).order_by("-valid_from").first()


def coming_suspensions(at: datetime) -> list[Suspension]:
    """The suspensions that last or are announced at `at`, the next one first (O-6)."""
    return list(Suspension.objects.filter(ends_at__gt=at).order_by("begins_at"))


def governing_manual(procedure: str, at: datetime, target_system: TargetSystem | None = None) -> DocumentVersion | None:
    """The version of the manual that governs `procedure` (issue, reissue, revocation) at `at` (O-12.1).

    A manual that names the target system comes before one that names none; one for others does not count.
    """
    versions = DocumentVersion.objects.posted(at).filter(document__procedures__contains=[procedure])
    named = versions.filter(document__target_systems=target_system) if target_system else versions.none()
    for circle in (named, versions.filter(document__target_systems=None)):
        found = circle.select_related("document").order_by("document__precedence", "-posted_at").first()
        if found is not None:
            return found
    return None


def contracts_to_apply_under(
    *, person: User, target_system: TargetSystem, applicants: str, at: datetime
) -> QuerySet[Contract]:
    """Contracts in force at `at` under which `person` may apply (J-2), known by account or verified mail address.

    `applicants` is the rules' word for whom a contract has to name: any "member", or an "authorised_person".
    """
    named = Q(members__person=person) | Q(members__person=None, members__email=person.email)
    if applicants != "member":
        named &= Q(members__is_authorised_person=True)
    contracts = Contract.objects.in_force(at).filter(named, parent_service=target_system.parent_service)
    return contracts.select_related("corporation").order_by("number").distinct()


def contract_values(contract: Contract) -> dict[str, str]:
    """What a contract fills in, by the source names of the rules without their `contract.`."""
    values = {"number": contract.number}
    corporation = contract.corporation
    if corporation is not None:
        values |= {
            "corporate_number": corporation.corporate_number,
            "corporation_name": corporation.name,
            "corporation_reading": corporation.name_reading,
            "corporation_latin": corporation.name_latin,
            "postal_code": corporation.postal_code,
            "address": corporation.address or address_of(corporation.postal_code),
            "locality_latin": corporation.locality_latin,
            "state_latin": corporation.state_latin,
        }
    return values


def account_values(person: User) -> dict[str, str]:
    """What an account fills in, by the source names of the rules without their `account.`."""
    return {
        "name": person.name,
        "name_reading": person.name_reading,
        "name_latin": person.name_latin,
        "email": person.email,
        "phone": person.phone,
    }
