"""What differs between two versions of rules, rule by rule and in words: a pure function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from regulations.ruleset import LocalText

NAMES: dict[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "purpose": gettext_lazy("Purpose"),
    "fee": pgettext_lazy("rule", "Fee"),
    "applicants": gettext_lazy("Who may apply"),
    "agents": gettext_lazy("Applying by an agent"),
    "identity": gettext_lazy("Fields that identify the subject"),
    "subscriptions_per_subject": gettext_lazy("Subscriptions per subject"),
    "four_eyes": gettext_lazy("Examined and approved by two people"),
    "promised_days": gettext_lazy("Business days until the result"),
    "key_modes": gettext_lazy("Ways to make the key"),
    "acceptance_days": gettext_lazy("Days to confirm receipt"),
    "acceptance_lapse": gettext_lazy("When receipt is not confirmed in time"),
    "reopen_days": gettext_lazy("Days in which a lapsed application can be reopened"),
    "override": gettext_lazy("Findings that an examiner may override"),
    "bulk": gettext_lazy("Applications by file for many people"),
    "bulk_consent": gettext_lazy("Who agrees when a file is sent in"),
    "backup": gettext_lazy("Backup of the key"),
    "pin_channel": gettext_lazy("Way of the PIN"),
    "consents": gettext_lazy("Documents to agree to"),
    "declarations": gettext_lazy("Declaration"),
    "fields": pgettext_lazy("rule", "Field"),
    "documents": pgettext_lazy("rule", "Document to hand in"),
    "examination": gettext_lazy("Examination item"),
    "subject": gettext_lazy("Part of the certificate's name"),
    "san_email": gettext_lazy("Mail address in the certificate"),
    "renewal": pgettext_lazy("rule", "Renewal"),
    "reissue": pgettext_lazy("rule", "Reissue"),
    "notices": pgettext_lazy("rule", "Reminders"),
    "retention": pgettext_lazy("rule", "Retention"),
    "profile": gettext_lazy("Certificate profile"),
    "allowed": pgettext_lazy("rule", "possible"),
    "opens_days": pgettext_lazy("rule", "days before the end from which it is possible"),
    "old_ends_days": pgettext_lazy("rule", "days after which the old certificate ends"),
    "expiry_days": pgettext_lazy("rule", "days before the certificate's end"),
    "documents_days": pgettext_lazy("rule", "days for documents"),
    "application_days": pgettext_lazy("rule", "days for what was filled in"),
    "label": pgettext_lazy("rule", "label"),
    "help": pgettext_lazy("rule", "help"),
    "group": pgettext_lazy("rule", "group"),
    "kind": pgettext_lazy("rule", "kind"),
    "required": pgettext_lazy("rule", "required"),
    "max_length": pgettext_lazy("rule", "longest"),
    "source": pgettext_lazy("rule", "taken from"),
    "choices": pgettext_lazy("rule", "choices"),
    "max_age_days": pgettext_lazy("rule", "greatest age in days"),
    "instruction": pgettext_lazy("rule", "instruction"),
    "field": pgettext_lazy("rule", "field"),
    "evidence": pgettext_lazy("rule", "needs evidence"),
    "beside": pgettext_lazy("rule", "held against"),
    "type": pgettext_lazy("rule", "type"),
    "value": pgettext_lazy("rule", "value"),
    "key_types": pgettext_lazy("rule", "kinds of keys"),
    "lra_key_type": pgettext_lazy("rule", "kind of key that the LRA makes"),
    "signature_hash": pgettext_lazy("rule", "hash of the signature"),
    "key_usage": pgettext_lazy("rule", "key usage"),
    "extended_key_usage": pgettext_lazy("rule", "extended key usage"),
    "policy_oid": pgettext_lazy("rule", "policy"),
    "validity_days": pgettext_lazy("rule", "days of validity"),
    "issuer": pgettext_lazy("rule", "issuer"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule that differs: its place in words, and its value before and after; None where there was no such rule."""

    place: str
    before: str | None
    after: str | None


def rule_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return what differs between two rule sets in their stored form, in the order of the rules; [] for the same."""
    names = list(dict.fromkeys([*after, *before]))
    return [found for name in names for found in compared(word(name), before.get(name), after.get(name))]


def compared(place: str, before: Any, after: Any) -> Iterator[Difference]:
    """Yield how two values of one rule differ; tables and lists of tables part by part."""
    if before == after:
        return
    if rows(before) and rows(after) and (before or after):
        yield from compared_rows(place, before, after)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys([*after, *before]):
            yield from compared(f"{place} — {word(name)}", before.get(name), after.get(name))
    else:
        yield Difference(place, shown(before), shown(after))


def compared_rows(
    place: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Iterator[Difference]:
    """Yield new, gone and changed rows, which are known by their key or by their place, and a changed order."""
    old, new = keyed(before), keyed(after)
    for key in dict.fromkeys([*new, *old]):
        named = f"{place} {title_of(new.get(key) or old[key])}"
        if key in old and key in new:
            yield from compared(named, old[key], new[key])
        else:
            yield Difference(named, shown(old.get(key)), shown(new.get(key)))
    kept = [key for key in old if key in new]
    if kept != [key for key in new if key in old]:
        yield Difference(
            _("%(rule)s: order") % {"rule": place},
            ", ".join(title_of(old[key]) for key in old),
            ", ".join(title_of(new[key]) for key in new),
        )


def keyed(table: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the rows by key; parts of a name have none and go by type and count (OU, OU2)."""
    found: dict[str, Mapping[str, Any]] = {}
    for row in table:
        key = str(row.get("key") or row.get("type") or row.get("value"))
        count = sum(name.split("\x1f")[0] == key for name in found)
        found[f"{key}\x1f{count}" if count else key] = row
    return found


def title_of(row: Mapping[str, Any]) -> str:
    """Return how a row is called: its label, with the type for a part of a name."""
    label = shown(row.get("label")) or ""
    return f"“{label}”" if "type" not in row else f"{row['type']} “{label}”"


def rows(value: Any) -> bool:
    """Tell whether a value is a list of tables (an empty one may be)."""
    return isinstance(value, list) and all(isinstance(row, Mapping) for row in value)


def shown(value: Any) -> str | None:
    """Return a value as people read it; None for none."""
    if value is None:
        return None
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        if set(value) == {"ja", "en"}:
            return str(LocalText(ja=value["ja"], en=value["en"]))
        return "; ".join(f"{word(name)}: {shown(inner)}" for name, inner in value.items() if inner not in ("", []))
    if isinstance(value, list):
        return ", ".join(str(shown(inner)) for inner in value)
    return str(value)


def word(name: str) -> str:
    """Return the word for the name of a rule; languages and unknown names as they are."""
    return str(NAMES.get(name, name))
