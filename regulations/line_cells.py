"""Cells of a file of lines: which columns there are, what a cell says, and every fault by column.

What is written plainly takes a short way; everything else goes through `regulations.text`, with the same result.
Faults are said in every language of the portal, since whoever reads them later may read another than now.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from regulations.line_files import SHOWN
from regulations.text import TextError, character_set, corporate_check_digit, normalise

Both = dict[str, str]
LANGUAGES: Final = ("ja", "en")
LONGEST_LINE: Final = 4000


@dataclass(frozen=True)
class Column:
    """One column of a file: its name for programs, its heading, the kind of text in it; `also` are other headings."""

    key: str
    heading: str
    kind: str
    longest: int
    required: bool = False
    label: str | Promise = ""
    also: tuple[str, ...] = ()
    characters: str = ""


@dataclass(frozen=True)
class Fault:
    """One fault: the column counted from 1 (0: the whole line), a code, a sentence in every language."""

    column: int
    code: str
    message: Both


def in_both(words: Callable[[], str | Promise]) -> Both:
    """Return what `words` says, in every language of the portal; a NUL out of the file becomes a visible sign."""
    said = {}
    for language in LANGUAGES:
        with translation.override(language):
            said[language] = str(words()).replace("\x00", "\ufffd")
    return said


def by_heading(columns: Sequence[Column]) -> dict[str, Column]:
    """The columns by everything that may stand above them: key, heading, other headings."""
    named = {name: column for column in columns for name in (*column.also, column.heading)}
    return named | {column.key: column for column in columns}


def delimiter_of(header: str) -> str:
    """The sign between the columns: a tab where the header has one, else a comma."""
    return "\t" if "\t" in header else ","


def cells_of(text: str, delimiter: str) -> list[str]:
    """The cells of a line; raises csv.Error for a quotation mark that is not closed."""
    if '"' not in text:
        return text.split(delimiter)
    return next(csv.reader([text], delimiter=delimiter, strict=True), [])


def header_faults(cells: Sequence[str], columns: Sequence[Column]) -> list[Fault]:
    """What is wrong with the headings: unknown, twice, or a needed one missing."""
    known = by_heading(columns)
    names = [cell.strip() for cell in cells]
    found = []
    for place, name in enumerate(names, start=1):
        if name not in known:
            found.append(Fault(place, "unknown_column", _unknown(name)))
        elif known[name] in [known.get(earlier) for earlier in names[: place - 1]]:
            found.append(Fault(place, "column_twice", in_both(lambda: _("This column stands here twice."))))
    present = {known[name].key for name in names if name in known}
    missing = [column for column in columns if column.required and column.key not in present]
    return found + [Fault(0, "column_missing", _missing(column)) for column in missing]


def _unknown(name: str) -> Both:
    facts = {"name": name[:40]}
    return in_both(
        lambda: _("There is no column called “%(name)s”. The headings are listed beside the upload.") % facts
    )


def _missing(column: Column) -> Both:
    return in_both(lambda: _("The column “%(heading)s” is missing.") % {"heading": column.heading})


def split_line(text: str, columns: Sequence[str], delimiter: str) -> tuple[Mapping[str, str], list[Fault]]:
    """The cells of a line by the keys of their columns, or what is wrong with the line as a whole."""
    if len(text) > LONGEST_LINE:
        facts = {"limit": LONGEST_LINE}
        return {}, [Fault(0, "line_too_long", in_both(lambda: _("The line has over %(limit)d characters.") % facts))]
    try:
        cells = cells_of(text, delimiter)
    except csv.Error:
        return {}, [open_quotation()]
    if len(cells) != len(columns):
        facts = {"found": len(cells), "wanted": len(columns)}
        words = in_both(lambda: _("This line has %(found)d columns; the first line has %(wanted)d.") % facts)
        return {}, [Fault(0, "column_count", words)]
    return dict(zip(columns, cells, strict=True)), []


def open_quotation() -> Fault:
    """That a quotation mark is not closed."""
    return Fault(0, "quotation_mark", in_both(lambda: _("A quotation mark is not closed in this line.")))


def needed(column: int) -> Fault:
    """That a cell must not be empty."""
    return Fault(column, "required", in_both(lambda: _("Please fill this in.")))


def undecodable(raw: bytes, error: UnicodeDecodeError, *, encoding: str, delimiter: str) -> Fault:
    """Say in which column a byte can't be read."""
    before = raw[: error.start].decode(encoding, errors="replace")
    facts = {"encoding": SHOWN[encoding]}
    words = in_both(lambda: _("A character here can't be read as %(encoding)s. Please type it again.") % facts)
    return Fault(before.count(delimiter or ",") + 1, "encoding", words)


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
Stored = Callable[[Column, str], str]


def stored(column: Column, cell: str) -> str:
    """The cell in the spelling of its kind; raises TextError."""
    return normalise(column.kind, cell, max_length=column.longest, characters=column.characters)


def cell_value(column: Column, cell: str, store: Stored = stored) -> str:
    """The cell as it is stored; raises TextError as `store` does, which knows the column's kind."""
    if not cell:
        return ""
    plain = len(cell) <= column.longest and column.kind in PLAIN and PLAIN[column.kind].fullmatch(cell)
    allowed = not column.characters or character_set(column.characters).issuperset(cell)
    if plain and allowed and (column.kind != "corporate_number" or cell[0] == corporate_check_digit(cell[1:])):
        return cell
    return store(column, cell)


def said_again(column: Column, cell: str, store: Stored = stored) -> Both:
    """The sentence of the TextError that a cell raises, in every language."""

    def words() -> str:
        try:
            store(column, cell)
        except TextError as error:
            return error.message
        return ""

    return in_both(words)
