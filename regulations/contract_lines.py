"""Lines of a file of contracts: which columns there are, what a line says, and every fault of it by column.

One line is one contract. Lines are decoded and read one by one, so that a broken one spoils no other. What is
written plainly takes a short way; everything else goes through `regulations.text`, with the same result.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.refusals import Violation
from regulations.periods import end_after, midnight, period_violations
from regulations.text import TextError, corporate_check_digit, normalise

Both = dict[str, str]
LANGUAGES: Final = ("ja", "en")
LONGEST_LINE: Final = 4000


@dataclass(frozen=True)
class Column:
    """One column of the file: its name for programs, its heading, the kind of text in it."""

    key: str
    heading: str
    kind: str
    longest: int
    required: bool = False
    label: str | Promise = ""


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
BY_HEADING: Final = {column.heading: column for column in COLUMNS} | BY_KEY
PEOPLE: Final = (("authorised_email", "authorised_name"), ("administrator_email", "administrator_name"))


@dataclass(frozen=True)
class Fault:
    """One fault: the column counted from 1 (0: the whole line), a code, a sentence in every language."""

    column: int
    code: str
    message: Both


@dataclass(frozen=True)
class Line:
    """What a right line says; days are instants already."""

    values: Mapping[str, str]
    begins_at: datetime
    ends_at: datetime | None


def in_both(words: Callable[[], str | Promise]) -> Both:
    """Return what `words` says, in every language of the portal."""
    said = {}
    for language in LANGUAGES:
        with translation.override(language):
            said[language] = str(words())
    return said


def delimiter_of(header: str) -> str:
    """The sign between the columns: a tab where the header has one, else a comma."""
    return "\t" if "\t" in header else ","


def cells_of(text: str, delimiter: str) -> list[str]:
    """The cells of a line; raises csv.Error for a quotation mark that is not closed."""
    if '"' not in text:
        return text.split(delimiter)
    return next(csv.reader([text], delimiter=delimiter, strict=True), [])


def header_faults(cells: Sequence[str]) -> list[Fault]:
    """What is wrong with the headings: unknown, twice, or a needed one missing."""
    names = [cell.strip() for cell in cells]
    found = []
    for place, name in enumerate(names, start=1):
        if name not in BY_HEADING:
            found.append(Fault(place, "unknown_column", _unknown(name)))
        elif BY_HEADING[name] in [BY_HEADING.get(earlier) for earlier in names[: place - 1]]:
            found.append(Fault(place, "column_twice", in_both(lambda: _("This column stands here twice."))))
    present = {BY_HEADING[name].key for name in names if name in BY_HEADING}
    missing = [column for column in COLUMNS if column.required and column.key not in present]
    return found + [Fault(0, "column_missing", _missing(column)) for column in missing]


def _unknown(name: str) -> Both:
    facts = {"name": name[:40]}
    return in_both(
        lambda: _("There is no column called “%(name)s”. The headings are listed beside the upload.") % facts
    )


def _missing(column: Column) -> Both:
    return in_both(lambda: _("The column “%(heading)s” is missing.") % {"heading": column.heading})


def read_line(text: str, columns: Sequence[str], delimiter: str) -> tuple[Line | None, list[Fault]]:
    """Read one line; `columns` are the keys in the order of the file. Returns the line, or its faults."""
    if len(text) > LONGEST_LINE:
        facts = {"limit": LONGEST_LINE}
        return None, [Fault(0, "line_too_long", in_both(lambda: _("The line has over %(limit)d characters.") % facts))]
    try:
        cells = cells_of(text, delimiter)
    except csv.Error:
        return None, [Fault(0, "quotation_mark", in_both(lambda: _("A quotation mark is not closed in this line.")))]
    if len(cells) != len(columns):
        facts = {"found": len(cells), "wanted": len(columns)}
        words = in_both(lambda: _("This line has %(found)d columns; the first line has %(wanted)d.") % facts)
        return None, [Fault(0, "column_count", words)]
    return _checked(dict(zip(columns, cells, strict=True)), columns)


def _checked(cells: Mapping[str, str], columns: Sequence[str]) -> tuple[Line | None, list[Fault]]:
    values, faults = dict.fromkeys(BY_KEY, ""), []
    for place, key in enumerate(columns, start=1):
        try:
            values[key] = cell_value(BY_KEY[key], cells[key])
        except TextError as error:
            faults.append(Fault(place, error.code, _said_again(key, cells[key])))
    faults += [Fault(columns.index(key) + 1, "required", _needed()) for key in _lacking(values, faults, columns)]
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


def _needed() -> Both:
    return in_both(lambda: _("Please fill this in."))


def _said_again(key: str, cell: str) -> Both:
    """The sentence of a TextError in every language."""

    def words() -> str:
        try:
            stored(BY_KEY[key], cell)
        except TextError as error:
            return error.message
        return ""

    return in_both(words)


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
_SIGNS: Final = r"[!-~ぁ-ゖァ-ヺー・一-鿿々、。「」（）０-９Ａ-Ｚａ-ｚ]+"
PLAIN: Final = {
    "text": re.compile(f"{_SIGNS}(?: {_SIGNS})*"),
    "kana": re.compile(r"[ァ-ヺー・]+(?: [ァ-ヺー・]+)*"),
    "latin": re.compile(r"[A-Za-z0-9'()+,\-./:=?&]+(?: [A-Za-z0-9'()+,\-./:=?&]+)*"),
    "corporate_number": re.compile(r"[0-9]{13}"),
    "postal_code": re.compile(r"[0-9]{3}-[0-9]{4}"),
    "tel": re.compile(r"(?=(?:[0-9]-?){9,10}[0-9]\Z)0[0-9]*(?:-[0-9]+)*"),
    "email": re.compile(
        r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII
    ),
    "date": re.compile(
        r"[12][0-9]{3}-(?:(?:0[13578]|1[02])-31|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8]))"
    ),
}


def cell_value(column: Column, cell: str) -> str:
    """The cell as it is stored; raises TextError as `regulations.text.normalise` does."""
    if not cell:
        return ""
    plain = len(cell) <= column.longest and column.kind in PLAIN and PLAIN[column.kind].fullmatch(cell)
    if plain and (column.kind != "corporate_number" or cell[0] == corporate_check_digit(cell[1:])):
        return cell
    return stored(column, cell)


def stored(column: Column, cell: str) -> str:
    """The cell in the spelling of its kind; raises TextError."""
    if column.kind == "people":
        return people_in(cell, column.longest)
    return normalise(column.kind, cell, max_length=column.longest)


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
