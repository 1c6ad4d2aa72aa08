"""One sheet for many lines of a file: which items it asks, and what is wrong with the verdicts."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from applications.rules.findings import OK, Finding
from applications.rules.sheet import SETTLED, Printed, SheetItem, Verdict, sheet_of, violations_of
from audit.refusals import Violation
from regulations.line_cells import LANGUAGES
from regulations.ruleset import RuleSet

SEPARATOR = "__"


def asked(items: Sequence[SheetItem]) -> list[SheetItem]:
    """The items that a person answers; what the system looks up is looked up for each line by itself."""
    return [item for item in items if item.kind != "automatic"]


def common_items(ruleset: RuleSet, printed: Sequence[Printed]) -> list[SheetItem]:
    """The items that are the same for every line; what only one line asks for, such as a watched name, is not here."""
    return asked(sheet_of(ruleset, printed))


def sheet_violations(items: Sequence[SheetItem], verdicts: Mapping[str, Verdict]) -> list[Violation]:
    """What is wrong with the verdicts, each at its item and part: many lines go on together only where all fits."""
    found: list[Violation] = []
    for item in items:
        verdict = verdicts.get(item.key, Verdict(""))
        rows = violations_of(item, verdict, form_numbers=frozenset())
        if not rows and verdict.result not in SETTLED:
            message = _("Lines for which this does not fit are examined one by one.")
            rows = [Violation("result", "does_not_fit", message)]
        found += [Violation(f"{item.key}{SEPARATOR}{row.field}", row.code, row.message) for row in rows]
    return found


def stored(verdict: Verdict) -> dict[str, Any]:
    """A verdict as it is kept with the task."""
    call = dict(verdict.telephone or {})
    return {"result": verdict.result, "evidence": verdict.evidence, "note": verdict.note, "telephone": call}


def read(kept: Mapping[str, Any]) -> Verdict:
    """The verdict that was kept."""
    return Verdict(str(kept["result"]), str(kept["evidence"]), str(kept["note"]), kept["telephone"] or None)


def kept(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """What is kept of findings beside a line: which, how grave, and its title in every language; nothing personal."""
    rows = []
    for finding in findings:
        title = {}
        for language in LANGUAGES:
            with override(language):
                title[language] = str(finding.title)
        rows.append({"code": finding.code, "level": finding.level, "title": title})
    return rows


def troubling(findings: Sequence[Finding]) -> list[Finding]:
    """The findings for which a line is looked at by itself; a clean line has none."""
    return [finding for finding in findings if finding.level != OK]
