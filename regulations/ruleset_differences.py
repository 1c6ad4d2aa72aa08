"""What differs between two versions of rules, rule by rule and in words: a pure function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from regulations.ruleset import LocalText
from regulations.ruleset_words import said, word


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule that differs: its place in words, and its value before and after; None where there was no such rule."""

    place: str
    before: str | None
    after: str | None


def rule_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return what differs between two rule sets in their stored form, in the order of the rules; [] for the same."""
    names = list(dict.fromkeys([*after, *before]))
    return [found for name in names for found in compared(word(name), name, before.get(name), after.get(name))]


def compared(place: str, name: str, before: Any, after: Any) -> Iterator[Difference]:
    """Yield how two values of the rule `name` differ; tables and lists of tables part by part."""
    if before == after:
        return
    if rows(before) and rows(after) and (before or after):
        yield from compared_rows(place, before, after)
    elif isinstance(before, Mapping) and isinstance(after, Mapping) and not is_text(before):
        for inner in dict.fromkeys([*after, *before]):
            yield from compared(f"{place} — {word(inner)}", inner, before.get(inner), after.get(inner))
    else:
        yield Difference(place, shown(before, name), shown(after, name))


def compared_rows(
    place: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Iterator[Difference]:
    """Yield new, gone and changed rows, which are known by their key or by their place, and a changed order."""
    old, new = keyed(before), keyed(after)
    for key in dict.fromkeys([*new, *old]):
        named = f"{place} {title_of(new.get(key) or old[key])}"
        if key in old and key in new:
            yield from compared(named, "", old[key], new[key])
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


def shown(value: Any, name: str = "") -> str | None:
    """Return a value of the rule `name` as people read it; None for none."""
    if value is None:
        return None
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        if is_text(value):
            return str(LocalText(ja=value["ja"], en=value["en"]))
        parts = ((inner, shown(one, inner)) for inner, one in value.items() if one not in ("", []))
        return "; ".join(f"{word(inner)}: {text}" for inner, text in parts)
    if isinstance(value, list):
        return ", ".join(str(shown(one, name)) for one in value)
    return said(name, str(value))


def is_text(value: Mapping[str, Any]) -> bool:
    """Tell whether a value is one text in both languages."""
    return set(value) == {"ja", "en"}
