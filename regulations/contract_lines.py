"""Lines of a file of contracts: which columns there are, what a line says, and every fault of it by column.

One line is one contract. Lines are decoded and read one by one, so that a broken one spoils no other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.refusals import Violation
from regulations.line_cells import LANGUAGES, Both, Column, Fault, cell_value, needed, said_again, split_line
from regulations.line_cells import stored as plainly_stored
from regulations.periods import end_after, midnight, period_violations
from regulations.text import TextError, normalise

COLUMNS: Final = (
    Column("number", "契約番号", "text", 40, required=True, label=gettext_lazy("Contract number")),
    Column("begins_on", "開始日", "date", 10, required=True, label=gettext_lazy("First day")),
    Column("ends_on", "終了日", "date", 10, label=gettext_lazy("Last day")),
    Column(
        "corporate_number", "法人番号", "corporate_number", 13, required=True, label=gettext_lazy("Corporate number")
    ),
    Column("name", "法人名", "text", 120, required=True, label=gettext_lazy("Company name")),
    Column("name_reading", "法人名カナ", "kana", 160, label=gettext_lazy("Reading of the name")),
    Column("name_latin", "法人名英字", "latin", 64, required=True, label=gettext_lazy("Company name in Latin letters")),
    Column("postal_code", "郵便番号", "postal_code", 8, label=gettext_lazy("Postal code")),
    Column("address", "住所", "text", 200, label=gettext_lazy("Address")),
    Column("locality_latin", "市区町村英字", "latin", 64, label=gettext_lazy("City in Latin letters")),
    Column("state_latin", "都道府県英字", "latin", 64, label=gettext_lazy("Prefecture in Latin letters")),
    Column("phone", "電話番号", "tel", 20, label=gettext_lazy("Telephone")),
    Column("fee_note", "料金備考", "text", 200, label=gettext_lazy("Note on the fee")),
    Column("authorised_email", "権限者メール", "email", 254, label=gettext_lazy("Authorised person's mail address")),
    Column("authorised_name", "権限者氏名", "text", 80, label=gettext_lazy("Authorised person's name")),
    Column("administrator_email", "管理者メール", "email", 254, label=gettext_lazy("Administrator's mail address")),
    Column("administrator_name", "管理者氏名", "text", 80, label=gettext_lazy("Administrator's name")),
    Column("members", "構成員", "people", 3000, label=gettext_lazy("Members, as “name <mail address>; name <…>”")),
)
BY_KEY: Final = {column.key: column for column in COLUMNS}
PEOPLE: Final = (("authorised_email", "authorised_name"), ("administrator_email", "administrator_name"))


@dataclass(frozen=True)
class Line:
    """What a right line says; days are instants already."""

    values: Mapping[str, str]
    begins_at: datetime
    ends_at: datetime | None


def read_line(text: str, columns: Sequence[str], delimiter: str) -> tuple[Line | None, list[Fault]]:
    """Read one line; `columns` are the keys in the order of the file. Returns the line, or its faults."""
    cells, faults = split_line(text, columns, delimiter)
    return (None, faults) if faults else _checked(cells, columns)


def _checked(cells: Mapping[str, str], columns: Sequence[str]) -> tuple[Line | None, list[Fault]]:
    values, faults = dict.fromkeys(BY_KEY, ""), []
    for place, key in enumerate(columns, start=1):
        try:
            values[key] = cell_value(BY_KEY[key], cells[key], stored)
        except TextError as error:
            faults.append(Fault(place, error.code, said_again(BY_KEY[key], cells[key], stored)))
    faults += [needed(columns.index(key) + 1) for key in _lacking(values, faults, columns)]
    if faults:
        return None, faults
    begins_on, ends_on = day(values["begins_on"]), day(values["ends_on"]) if values["ends_on"] else None
    violations = period_violations(begins_on=begins_on, ends_on=ends_on)
    if violations:
        said = in_both_violations(lambda: period_violations(begins_on=begins_on, ends_on=ends_on))
        return None, [Fault(columns.index(field) + 1, code, words) for field, code, words in said]
    return Line(values, instant(begins_on), end_after(ends_on) if ends_on else None), []


def _lacking(values: Mapping[str, str], faults: Iterable[Fault], columns: Sequence[str]) -> list[str]:
    """Keys that must not be empty and are; a name is needed where a person's address stands."""
    faulty = {columns[fault.column - 1] for fault in faults}
    lacking = [column.key for column in COLUMNS if column.required and not values[column.key]]
    for email, name in PEOPLE:
        if values[email] and not values[name]:
            lacking.append(name if name in columns else email)
        elif values[name] and not values[email] and email in columns:
            lacking.append(email)
    return [key for key in lacking if key in columns and key not in faulty]


def in_both_violations(check: Callable[[], list[Violation]]) -> list[tuple[str, str, Both]]:
    """Violations as (field, code, sentence in every language)."""
    said: dict[str, list[Violation]] = {}
    for language in LANGUAGES:
        with translation.override(language):
            said[language] = check()
    return [
        (str(first.field), first.code, {lang: str(said[lang][place].message) for lang in LANGUAGES})
        for place, first in enumerate(said[LANGUAGES[0]])
    ]


PERSON: Final = re.compile(r"(?P<name>[^<＜]*[^<＜\s])\s*[<＜]\s*(?P<email>[^>＞]+?)\s*[>＞]")


def stored(column: Column, cell: str) -> str:
    """The cell in the spelling of its kind; raises TextError."""
    if column.kind == "people":
        return people_in(cell, column.longest)
    return plainly_stored(column, cell)


def people_in(cell: str, longest: int) -> str:
    """The people in a cell, one a line, as address, tab, name; raises TextError for one that can't be read."""
    if len(cell) > longest:
        raise TextError("too_long", _("Please use at most %(limit)d characters.") % {"limit": longest})
    people = []
    for part in filter(None, (piece.strip() for piece in re.split("[;；]", cell))):
        found = PERSON.fullmatch(part)
        if found is None:
            message = _("“%(part)s” can't be read. Write “name <mail address>”, with “;” between two people.")
            raise TextError("people", message % {"part": part[:80]})
        name, address = (
            normalise("text", found["name"], max_length=80),
            normalise("email", found["email"], max_length=254),
        )
        people.append(f"{address.lower()}\t{name}")
    return "\n".join(people)


@lru_cache(maxsize=4096)
def day(text: str) -> date:
    """The day that a normalised cell names; files repeat few of them."""
    return date.fromisoformat(text)


@lru_cache(maxsize=4096)
def instant(first_day: date) -> datetime:
    """The instant at which a day begins in Tokyo."""
    return midnight(first_day)
