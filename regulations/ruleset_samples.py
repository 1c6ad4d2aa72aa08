"""Sample values for the fields of a rule set: what its certificate and its sheet look like before anybody applies."""

from __future__ import annotations

from regulations.ruleset import Field, RuleSet
from regulations.text import character_set

BY_SOURCE = {
    "contract.number": "E-00000",
    "contract.corporate_number": "1999900000123",
    "contract.corporation_name": "株式会社見本",
    "contract.corporation_reading": "カブシキガイシャミホン",
    "contract.corporation_latin": "Mihon K.K.",
    "contract.postal_code": "100-0000",
    "contract.address": "東京都千代田区見本町1-1",
    "contract.locality_latin": "Chiyoda-ku",
    "contract.state_latin": "Tokyo",
    "account.name": "見本 花子",
    "account.name_reading": "ミホン ハナコ",
    "account.name_latin": "Hanako Mihon",
    "account.email": "hanako.mihon@example.jp",
    "account.phone": "03-0000-0000",
}
BY_KIND = {
    "text": "見本",
    "kana": "ミホン",
    "latin": "Sample",
    "corporate_number": "1999900000123",
    "postal_code": "100-0000",
    "tel": "03-0000-0000",
    "email": "sample@example.jp",
    "date": "2026-04-01",
}


def sample_values(ruleset: RuleSet) -> dict[str, str]:
    """Return one value per field, no longer than the field takes; people and companies are made up."""
    return {field.key: sample_of(field)[: field.max_length] for field in ruleset.fields}


def sample_of(field: Field) -> str:
    """Return a value such as the field asks for."""
    if field.kind == "choice":
        return field.choices[0].value
    made = BY_SOURCE.get(field.source) or BY_KIND[field.kind]
    allowed = character_set(field.characters) or set(made)
    return "".join(letter for letter in made if letter in allowed) or min(allowed)
