"""Filing an application so that the office finds it: a part of receiving it, and of every later change of values."""

from collections.abc import Mapping
from typing import Any, Final

from accounts.spelling import card
from applications.models import Application, IndexCard
from applications.rules import finding
from regulations.ruleset import subject_of

LONGEST_NAME: Final = 64


def listed_columns(application: Application) -> dict[str, Any]:
    """Return the columns that lists of the office are sorted and filtered by; they follow from the contents."""
    ruleset = application.rules.ruleset
    said = finding.by_source(ruleset, application.values)
    corporation = application.contract.corporation if application.contract is not None else None
    company = said.get("contract.corporation_reading") or (corporation.name_reading if corporation else "")
    person = said.get("account.name_reading") or application.applicant.name_reading
    return {
        "target_system_id": application.rules.target_system_id,
        "printed_name": printed_name(application),
        "sort_name": finding.sort_name(
            company or said.get("contract.corporation_name", ""), person or application.applicant.name
        ),
    }


def printed_name(application: Application) -> str:
    """Return the common name as the certificate will say it, by which others that apply for the same name are found."""
    parts = subject_of(application.rules.ruleset, application.values)
    return next((part.value for part in parts if part.type == "CN"), "")[:LONGEST_NAME]


def file_card(application: Application, corrected: Mapping[str, str] | None = None) -> None:
    """Write the index card of a received application, or write it anew.

    With `corrected`, the values on record since a correction, it is found by what was said first and by what holds now.
    """
    ruleset = application.rules.ruleset
    sought = [*finding.sought(ruleset, application.values), *finding.sought(ruleset, corrected or {})]
    person, contract = application.applicant, application.contract
    sought += [person.name, person.name_reading, person.name_latin]
    if contract is not None:
        sought.append(contract.number)
    if contract is not None and contract.corporation is not None:
        corporation = contract.corporation
        sought += [corporation.name, corporation.name_reading, corporation.corporate_number]
    text = card([application.receipt_number or "", *sought])
    IndexCard.objects.update_or_create(application=application, defaults={"text": text})


def forget_card(application: Application) -> None:
    """Leave nothing but the receipt number on the card of an application whose contents were erased."""
    text = card([application.receipt_number or ""])
    IndexCard.objects.filter(application=application).update(text=text)
