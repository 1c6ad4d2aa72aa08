"""Which of an applicant's data is masked until somebody gives a reason, and how much a mask leaves (O-9)."""

from collections.abc import Mapping
from dataclasses import dataclass

from regulations.ruleset import LocalText, RuleSet

SHOWN_AT_THE_END = 4
SHOWN_AT_THE_START = 3
MASKED_KINDS = frozenset({"tel", "email", "postal_code", "date"})
MASKED_KEYS = frozenset({"address", "home_address"})
OPEN_GROUPS = frozenset({"person", "contact", "company"})


@dataclass(frozen=True, slots=True)
class PersonalValue:
    """One value about a person: open, or masked with its real value left out."""

    key: str
    label: LocalText
    shown: str
    is_masked: bool


def mask(value: str, kind: str = "text") -> str:
    """Hide most of a value; enough stays to talk about it."""
    if not value:
        return ""
    if kind == "tel":
        return value[:-SHOWN_AT_THE_END] + "●" * SHOWN_AT_THE_END
    if kind == "email":
        local, _at, domain = value.rpartition("@")
        return f"{local[:1]}{'●' * 4}@{domain}"
    return value[:SHOWN_AT_THE_START] + "●" * max(len(value) - SHOWN_AT_THE_START, 4)


def mask_name(name: str) -> str:
    """Hide the end of a name: family name and one character, as in 高橋 わ●●."""
    family, _space, given = name.replace("\u3000", " ").partition(" ")
    if given:
        return f"{family} {given[:1]}{'●' * max(len(given) - 1, 1)}"
    return name[:2] + "●" * max(len(name) - 2, 2) if name else ""


def personal_values(ruleset: RuleSet, values: Mapping[str, str], opened: Mapping[str, str]) -> list[PersonalValue]:
    """Return the applicant's data that is not printed, masked where the examination rarely needs it.

    `opened` are the values that a reason on record has opened for this one page.
    """
    found = []
    for field in ruleset.fields:
        value = values.get(field.key, "")
        if field.group not in OPEN_GROUPS or not value:
            continue
        masked = (field.kind in MASKED_KINDS or field.key in MASKED_KEYS) and field.key not in opened
        found.append(PersonalValue(field.key, field.label, mask(value, field.kind) if masked else value, masked))
    return found
