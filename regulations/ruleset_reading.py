"""Reading a rule set out of plain values: every fault is collected with its place and its reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from regulations.ruleset_parts import LocalText
from regulations.text import character_set

LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a rule set: where (`fields[2].max_length`) and why."""

    place: str
    reason: str


class RuleSetError(ValueError):
    """A rule set that can't be used; `faults` names every place at once."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.place}: {fault.reason}" for fault in faults))
        self.faults = faults


class Reader:
    """One table of values; what is missing or wrong becomes a fault and a harmless default."""

    def __init__(self, data: Any, place: str, faults: list[Fault], known: Collection[str]) -> None:
        self.data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        self.place, self.faults = place, faults
        if not isinstance(data, Mapping):
            self.fault("", _("A table of values is expected here."))
        for key in set(self.data) - set(known):
            self.fault(key, _("This name is not known here."))

    def fault(self, key: str, reason: str) -> None:
        """Note that `key` of this table is wrong."""
        self.faults.append(Fault(".".join(part for part in (self.place, key) if part) or "/", reason))

    def expected(self, key: str, reason: str) -> None:
        """Note what `key` of this table should hold; that it is missing is said first."""
        self.fault(key, reason if key in self.data else _("This is missing. %(reason)s") % {"reason": reason})

    def string(
        self,
        key: str,
        *,
        choices: Collection[str] = (),
        pattern: str = "",
        default: str | None = None,
        limit: int = 200,
    ) -> str:
        """The string at `key`: one of `choices`, or matching `pattern` whole, where these are given."""
        value = self.data.get(key, default)
        if not isinstance(value, str) or len(value) > limit or "\x00" in value:
            self.expected(key, _("A text of at most %(limit)d characters is needed.") % {"limit": limit})
        elif choices and value not in choices:
            self.fault(key, _("Must be one of: %(choices)s.") % {"choices": ", ".join(choices)})
        elif pattern and not re.fullmatch(pattern, value):
            self.fault(key, _("“%(value)s” has a form that is not allowed here.") % {"value": value})
        else:
            return value
        return ""

    def characters(self, key: str) -> str:
        """The characters and ranges at `key` as they are written, none by default."""
        value = self.string(key, default="", limit=100)
        try:
            character_set(value)
        except ValueError:
            self.fault(key, _("Name each character once, alone or in a range such as A-Z; a hyphen comes last."))
            return ""
        return value

    def integer(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """The whole number at `key`, between `low` and `high`."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.expected(key, _("A whole number from %(low)d to %(high)d is needed.") % {"low": low, "high": high})
            return low
        return value

    def falling(self, key: str, low: int, high: int, default: tuple[int, ...]) -> tuple[int, ...]:
        """The list of whole numbers at `key`, each between `low` and `high` and smaller than the one before it."""
        value = self.data.get(key, default)
        numbers = list(value) if isinstance(value, list | tuple) else [value]
        if any(isinstance(one, bool) or not isinstance(one, int) or not low <= one <= high for one in numbers):
            limits = {"low": low, "high": high}
            self.fault(key, _("A list of whole numbers from %(low)d to %(high)d is needed.") % limits)
            return default
        if any(one <= other for one, other in pairwise(numbers)):
            self.fault(key, _("Each number must be smaller than the one before it."))
        return tuple(numbers)

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """The truth value at `key`."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            self.expected(key, _("Must be true or false."))
        return value is True

    def local(self, key: str, *, required: bool = True) -> LocalText:
        """The text at `key` in Japanese and English."""
        value = self.data.get(key, None if required else {"ja": "", "en": ""})
        languages = value if isinstance(value, Mapping) else {}
        texts = {lang: languages.get(lang) for lang in ("ja", "en")}
        if set(languages) != set(texts) or any(not isinstance(text, str) for text in texts.values()):
            self.expected(key, _("A text in Japanese (ja) and English (en) is needed."))
            return LocalText("", "")
        found = LocalText(ja=str(texts["ja"]), en=str(texts["en"]))
        if (required and not (found.ja.strip() and found.en.strip())) or max(
            len(found.ja), len(found.en)
        ) > LONGEST_TEXT:
            self.fault(
                key, _("The text must not be empty, nor longer than %(limit)d characters.") % {"limit": LONGEST_TEXT}
            )
        return found

    def strings(self, key: str, *, choices: Collection[str] = (), pattern: str = "", least: int = 0) -> tuple[str, ...]:
        """The list of strings at `key`, each as in `string`, none twice, at least `least` of them."""
        value = self.data.get(key, [])
        if not isinstance(value, list | tuple) or any(not isinstance(item, str) for item in value):
            self.fault(key, _("A list of texts is needed."))
            return ()
        for item in value:
            if (choices and item not in choices) or (pattern and not re.fullmatch(pattern, item)):
                self.fault(key, _("“%(value)s” is not allowed here.") % {"value": item})
        if len(set(value)) != len(value) or len(value) < least:
            self.fault(key, _("At least %(least)d are needed, and none twice.") % {"least": least})
        return tuple(value)

    def rows(self, key: str, known: Collection[str]) -> list[Reader]:
        """The list of tables at `key`, each as a reader of its own."""
        value = self.data.get(key, [])
        if not isinstance(value, list | tuple):
            self.fault(key, _("A list of tables is needed."))
            return []
        prefix = f"{self.place}.{key}" if self.place else key
        return [Reader(row, f"{prefix}[{place}]", self.faults, known) for place, row in enumerate(value, start=1)]

    def table(self, key: str, known: Collection[str], *, required: bool = True) -> Reader:
        """The table at `key`; one that is not required may be left out."""
        prefix = f"{self.place}.{key}" if self.place else key
        return Reader(self.data.get(key, None if required else {}), prefix, self.faults, known)
