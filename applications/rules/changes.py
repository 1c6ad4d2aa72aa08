"""What a notice of change may say and what may follow from it: values in, answers out (O-13, J-5.4, O-16.2.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from applications.rules.kinds import printed_keys
from audit.refusals import Violation
from regulations.ruleset import RuleSet
from regulations.text import TextError, normalise

KINDS: dict[str, str | Promise] = {
    "changed": gettext_lazy("It has changed since"),
    "wrong": gettext_lazy("It was wrong from the beginning"),
}
REISSUE, REVOCATION, CORRECTION, NONE = "reissue", "revocation", "correction", "none"
OUTCOMES: dict[str, str | Promise] = {
    REISSUE: pgettext_lazy("outcome", "Reissue with the new contents"),
    REVOCATION: pgettext_lazy("outcome", "Revocation of the certificate"),
    CORRECTION: pgettext_lazy("outcome", "Correction of what is on record"),
    NONE: pgettext_lazy("outcome", "Nothing follows"),
}
LONGEST_TEXT: Final = 2000
Change = dict[str, Any]


def changes_of(
    ruleset: RuleSet, old: Mapping[str, str], typed: Mapping[str, str]
) -> tuple[list[Change], list[Violation]]:
    """What differs from what was submitted, old beside new, and what of it can't be stored."""
    printed, changes, violations = printed_keys(ruleset), list[Change](), list[Violation]()
    for field in ruleset.fields:
        if field.key not in typed:
            continue
        try:
            new = normalise(field.kind, typed[field.key], max_length=field.max_length, characters=field.characters)
        except TextError as error:
            violations.append(Violation(field.key, error.code, error.message))
            continue
        if new == old.get(field.key, ""):
            continue
        if not new and field.required:
            violations.append(Violation(field.key, "required", _("Please fill this in.")))
        label = {"ja": field.label.ja, "en": field.label.en}
        row = {"key": field.key, "label": label, "old": old.get(field.key, ""), "new": new}
        changes.append(row | {"printed": field.key in printed})
    return changes, violations


def notice_violations(
    *, changes: Sequence[Change], kind: str, since: date | None, text: str, today: date
) -> list[Violation]:
    """What is wrong with a notice as a whole."""
    found = []
    if not changes:
        message = _("Nothing differs from what we have on record. Please write the new value at what has changed.")
        found.append(Violation(None, "nothing_changed", message))
    if kind not in KINDS:
        found.append(Violation("kind", "kind", _("Please choose one of these.")))
    if kind == "changed" and since is None:
        found.append(Violation("since", "required", _("Please enter the day of the change.")))
    if since is not None and since > today:
        found.append(Violation("since", "future", _("This day lies in the future. Please tell us when it has come.")))
    if len(text) > LONGEST_TEXT:
        found.append(Violation("text", "too_long", _("Please shorten the text.")))
    return found


def is_urgent(changes: Sequence[Change]) -> bool:
    """Whether something changed that the certificate prints in letters of the alphabet: reported at once (J-5.4)."""
    return any(row["printed"] for row in changes)


def outcomes_of(ruleset: RuleSet, changes: Sequence[Change], *, usable: bool) -> list[str]:
    """What may follow: a correction only of what is not printed, a reissue only for the same holder.

    Of a certificate that is revoked or over, `usable` being False, nothing is reissued or revoked any more.
    """
    keys = {row["key"] for row in changes}
    about_holder = bool(keys & set(ruleset.identity))
    printed = is_urgent(changes) or about_holder
    found = [CORRECTION] if not printed else []
    if not usable:
        return [*found, NONE]
    if printed and not about_holder and ruleset.reissue.allowed:
        found.append(REISSUE)
    return [*found, *([REVOCATION] if printed else []), NONE]


def outcome_violations(outcomes: Sequence[str], outcome: str, answer: str) -> list[Violation]:
    """What is wrong with a proposed outcome, where `outcomes` may follow."""
    found = []
    if outcome not in outcomes:
        message = _("This can't follow here: what a certificate prints is never corrected, only reissued or revoked.")
        found.append(Violation("outcome", "outcome", message))
    if not answer.strip():
        found.append(Violation("answer", "required", _("Please write what the holder is to read.")))
    elif len(answer) > LONGEST_TEXT:
        found.append(Violation("answer", "too_long", _("Please shorten the text.")))
    return found
