"""Applying for many people by one file: who may, with which documents, and when it may be confirmed."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.translation import gettext as _

from applications.rules.filing import documents_asked
from applications.rules.intake import check_document_age
from audit.refusals import Violation
from regulations.ruleset import DocumentRule, RuleSet

MOST_BYTES = 8 * 1024 * 1024
MOST_LINES = 10_000
MOST_DOCUMENTS = 10
BY_ADMINISTRATOR = "administrator"


def documents_of_batch(ruleset: RuleSet) -> tuple[DocumentRule, ...]:
    """The documents that stand for every line of a file."""
    return documents_asked(ruleset, by_proxy=False)


def document_violations(
    ruleset: RuleSet, handed_in: Sequence[tuple[str, date | None]], today: date
) -> Iterable[Violation]:
    """Common documents that are missing or too old; `handed_in` are their kinds with the day of issue."""
    for rule in documents_of_batch(ruleset):
        days = [issued_on for key, issued_on in handed_in if key == rule.key]
        if rule.required and not days:
            message = _("“%(label)s” is missing. Please add it.") % {"label": rule.label}
            yield Violation(rule.key, "document_missing", message)
        for issued_on in days:
            old = check_document_age(rule, issued_on, today)
            if old is not None:
                yield old
