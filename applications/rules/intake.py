"""What an applicant fills in, judged without database and clock: values in, violations out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.refusals import Violation
from audit.services import canonical
from certificates import names
from regulations.ruleset import DocumentRule, Field, RuleSet, pin_address_of, san_email_of, subject_of
from regulations.text import TextError, normalise

STEPS = ("applicant", "certificate", "documents", "confirm")
STEP_GROUPS = {"applicant": ("company", "person", "contact"), "certificate": ("certificate",)}
LONGEST_TYPED = 4000


@dataclass(frozen=True)
class PrintedRow:
    """One line of what the certificate will say; `hit` where it can't be printed as it stands."""

    label: str
    code: str
    value: str
    sub: str = ""
    hit: bool = False


def fields_of(ruleset: RuleSet, step: str) -> list[Field]:
    """The fields of one step of the form, in the order of the rules."""
    return [field for field in ruleset.fields if field.group in STEP_GROUPS.get(step, ())]


def step_of(ruleset: RuleSet, key: str | None) -> str:
    """The step at which the thing named `key` is put right."""
    if key is None:
        return "confirm"
    if key == "csr":
        return "certificate"
    if key in {document.key for document in ruleset.documents}:
        return "documents"
    groups = {field.key: field.group for field in ruleset.fields}
    steps = [step for step, names_of_groups in STEP_GROUPS.items() if groups.get(key) in names_of_groups]
    return steps[0] if steps else "confirm"


def storable(typed: str) -> str:
    """What was typed, as far as a database can hold it: a NUL becomes a visible sign."""
    return typed.replace("\x00", "\ufffd")[:LONGEST_TYPED]


def check_fields(fields: Iterable[Field], typed: Mapping[str, str]) -> tuple[dict[str, str], list[Violation]]:
    """The values of `fields` in their stored spelling, and what is wrong with the others.

    What comes from the contract is not typed and not judged here.
    """
    values: dict[str, str] = {}
    violations: list[Violation] = []
    for field in fields:
        if field.from_contract:
            continue
        try:
            value = normalise(
                field.kind, typed.get(field.key, ""), max_length=field.max_length, characters=field.characters
            )
        except TextError as error:
            violations.append(Violation(field.key, error.code, error.message))
            continue
        if not value and field.required:
            violations.append(Violation(field.key, "required", _("Please fill this in.")))
        elif value and field.choices and value not in {choice.value for choice in field.choices}:
            violations.append(Violation(field.key, "choice", _("Please choose one of these.")))
        else:
            values[field.key] = value
    return values, violations


def check_printed(ruleset: RuleSet, values: Mapping[str, str]) -> list[Violation]:
    """What keeps the filled-in parts of the certificate's name from being printed; names the field to correct."""
    violations: list[Violation] = []
    for part in subject_of(ruleset, values):
        if part.value:
            field = part.field_keys[-1] if part.field_keys else None
            violations.extend(names.check_part(names.Part(part.type, part.value), field=field))
    for address in san_email_of(ruleset, values):
        violations.extend(names.check_email(address, field=ruleset.san_email.strip("{}")))
    return violations


def check_pin_address(ruleset: RuleSet, values: Mapping[str, str]) -> list[Violation]:
    """What keeps a PIN letter from arriving: a part of the address that the contract leaves empty (J-5.2).

    What is typed is judged as any other field.
    """
    missing = [
        str(ruleset.field(key).label)
        for part, key in asdict(ruleset.pin_letter).items()
        if key and not values.get(key) and ruleset.field(key).from_contract and pin_address_of(ruleset, values)
    ]
    if not missing:
        return []
    message = _("The PIN is sent by letter, and the contract does not say: %(missing)s. Please tell the call center.")
    return [Violation(None, "no_pin_address", message % {"missing": ", ".join(missing)})]


def printed_rows(
    ruleset: RuleSet,
    values: Mapping[str, str],
    *,
    faulty: Iterable[str | None] = (),
    typed: Mapping[str, str] | None = None,
) -> list[PrintedRow]:
    """What the certificate will say, the name first as people look for it; faulty fields are shown as typed."""
    wrong, raw = set(faulty), typed or {}
    rows = []
    for part in reversed(subject_of(ruleset, values)):
        hit = bool(wrong & set(part.field_keys))
        shown = " ".join(raw.get(key, "") for key in part.field_keys) if hit else part.value
        sub = _("This can't be printed as it is") if hit else ""
        if not hit and any(ruleset.field(key).from_contract for key in part.field_keys):
            sub = _("Taken from the contract")
        rows.append(PrintedRow(str(part.label), part.code, shown, sub, hit))
    addresses = [PrintedRow(_("E-mail address"), "rfc822Name", address) for address in san_email_of(ruleset, values)]
    return rows + addresses


def check_document_age(document: DocumentRule, issued_on: date | None, today: date) -> Violation | None:
    """Why a document is too old, or not dated though its age matters."""
    if not document.max_age_days:
        return None
    if issued_on is None:
        return Violation(document.key, "issue_date", _("Please enter the day on which this document was issued."))
    if issued_on > today:
        return Violation(document.key, "issue_date", _("The day of issue lies in the future."))
    oldest = today - timedelta(days=document.max_age_days)
    if issued_on < oldest:
        message = _("This document is too old. Please use one issued on or after %(oldest)s.")
        return Violation(document.key, "too_old", message % {"oldest": date_format(oldest)})
    return None


def digest_of(facts: Mapping[str, Any]) -> str:
    """SHA-256 over everything that an examiner looks at; any change gives another one."""
    return hashlib.sha256(canonical(dict(facts))).hexdigest()
