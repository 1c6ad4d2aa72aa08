"""By what applications are found: which of their values are looked for, and under which name a list sorts them.

What is kept and what is asked are folded to one plain spelling (`accounts.spelling`).
"""

from collections.abc import Mapping
from typing import Final

from accounts.spelling import fold
from regulations.ruleset import RuleSet

LONGEST_SORT_NAME: Final = 80
# Values by which nobody is looked for: an address would make every search for a town find half of the office.
UNSOUGHT: Final = frozenset({"contract.address", "contract.locality_latin", "contract.state_latin"})
SOUGHT_KINDS: Final = frozenset({"text", "kana", "latin", "corporate_number"})


def sort_name(*parts: str) -> str:
    """Return the name under which an application stands in a list by name: readings where they are known."""
    return " ".join(filter(None, map(fold, parts)))[:LONGEST_SORT_NAME]


def by_source(ruleset: RuleSet, values: Mapping[str, str]) -> dict[str, str]:
    """Return what was said, by where the rules take it from, such as `account.name`."""
    return {field.source: values.get(field.key, "") for field in ruleset.fields if field.source}


def sought(ruleset: RuleSet, values: Mapping[str, str]) -> list[str]:
    """Return the names, readings and numbers among `values`."""
    fields = [field for field in ruleset.fields if field.kind in SOUGHT_KINDS and field.source not in UNSOUGHT]
    return [values.get(field.key, "") for field in fields]
