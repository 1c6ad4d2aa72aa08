"""What has to be there before somebody decides, and who may (O-4.2, O-4.3, four eyes)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from applications.rules.findings import Finding
from applications.rules.sheet import AGAINST, SETTLED, SheetItem
from audit.refusals import NotAllowed, RuleViolated, Violation

GROUNDS: dict[str, str | Promise] = {
    "procedure": _("O-4.3.1 The procedure was not followed"),
    "trouble": _("O-4.3.2 Business or technical trouble on our side"),
    "duplicate": _("O-4.3.3 Already holds a valid certificate"),
    "unsuitable": _("O-4.3.4 Not suitable for another reason"),
}
LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing between here and a recommendation: where on the page it stands, and its name."""

    anchor: str
    label: str


def missing_for_recommendation(
    sheet: Sequence[SheetItem], results: Mapping[str, str], findings: Sequence[Finding]
) -> list[Missing]:
    """What is still open or speaks against recommending the application."""
    automatic = {finding.code for finding in findings}
    missing = []
    for item in sheet:
        if item.kind == "automatic" and item.key in automatic:
            continue
        if results.get(item.key) not in SETTLED:
            missing.append(Missing(f"item-{item.key}", str(item.label)))
    return missing + [Missing("findings", str(finding.title)) for finding in findings if finding.stops]


def speaks_against(results: Mapping[str, str]) -> bool:
    """Tell whether any item was found not to fit."""
    return any(result in AGAINST for result in results.values())


def refuse_own(*, involved: Collection[UUID], person: UUID | None) -> None:
    """Raise NotAllowed when the person who acts stands on the applicant's side: nobody handles their own case."""
    if person in involved:
        raise NotAllowed(_("Nobody handles their own application. Please leave it to a colleague."), own=True)


def check_refusal(*, ground: str, text: str) -> None:
    """Raise RuleViolated unless a ground of the terms and a text for the applicant are given (O-4.3)."""
    violations = []
    if ground not in GROUNDS:
        violations.append(Violation("ground", "ground_missing", _("Please choose a ground of the terms.")))
    if not text.strip():
        message = _("Please write what the applicant is to read: the reason, and what they can do.")
        violations.append(Violation("text", "text_missing", message))
    elif len(text) > LONGEST_REASON:
        violations.append(Violation("text", "text_too_long", _("Please shorten the text.")))
    if violations:
        raise RuleViolated(violations)


def check_missing(missing: Sequence[Missing]) -> None:
    """Raise RuleViolated naming every open item."""
    if missing:
        names = pgettext("between items", ", ").join(item.label for item in missing)
        message = _("Still open: %(names)s") % {"names": names}
        raise RuleViolated([Violation(None, "items_open", message)])
