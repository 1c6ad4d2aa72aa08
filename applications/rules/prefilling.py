"""Which answers of an older application still fit a new one, judged without database and clock."""

from collections.abc import Mapping

from applications.rules.intake import check_fields, check_printed
from regulations.ruleset import RuleSet


def fitting(today: RuleSet, earlier: RuleSet, values: Mapping[str, str]) -> dict[str, str]:
    """Return those of `values`, given under `earlier`, that can be taken over into a form of `today`.

    A field has to exist under the same key and of the same kind, its answer has to pass today's check, and what it
    prints has to be printable. What today's rules look up in the contract is never taken over.
    """
    kinds = {field.key: field.kind for field in earlier.fields}
    fields = [field for field in today.fields if kinds.get(field.key) == field.kind and values.get(field.key)]
    taken, _wrong = check_fields(fields, values)
    unprintable = {violation.field for violation in check_printed(today, taken)}
    return {key: value for key, value in taken.items() if value and key not in unprintable}
