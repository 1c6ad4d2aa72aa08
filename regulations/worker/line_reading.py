"""Reading a file of lines step by step, from where the last step ended; what a line says is its reader's business.

A worker that dies loses the step it was in; another one goes on from the note in the row. Two never read the same
file: an advisory lock of the transaction keeps them apart without blocking the person who wants to stop.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from django.db import connection

from audit.actors import Actor
from regulations.line_cells import Column, Fault, by_heading, cells_of, delimiter_of, header_faults, open_quotation
from regulations.line_cells import undecodable as undecodable_byte
from regulations.line_files import UTF8_MARK, lines_of
from regulations.registers import LineFile
from regulations.services.file_parts import PART
from vault.models import SealedBlob
from vault.services import open_blob


class Part(Protocol):
    """One sealed megabyte of a file."""

    @property
    def blob(self) -> SealedBlob:
        """The sealed bytes."""


def mine(name: str) -> bool:
    """Take the file called `name` for this transaction; False while another worker has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 7))", [name])
        return bool(cursor.fetchone()[0])


def first_part(file: LineFile) -> int:
    """The position of the part in which reading goes on."""
    return file.bytes_done // PART


def raw_lines(
    file: LineFile, parts: Iterable[Part], *, reason: str, actor: Actor, at: datetime
) -> Iterator[tuple[bytes, int]]:
    """Yield each line from where reading goes on, with the bytes that it took; `parts` begin with `first_part`."""
    return lines_of(_bytes_from(file.bytes_done % PART, parts, reason=reason, actor=actor, at=at))


def _bytes_from(skip: int, parts: Iterable[Part], *, reason: str, actor: Actor, at: datetime) -> Iterator[bytes]:
    for part in parts:
        data = open_blob(blob=part.blob, actor=actor, reason=reason, at=at)
        yield data[skip:]
        skip = 0


def text_of(file: LineFile, raw: bytes) -> tuple[str, list[Fault]]:
    """The text of a line of bytes; the mark before the first one is left out."""
    if file.lines_done == 1:
        raw = raw.removeprefix(UTF8_MARK)
    try:
        return raw.decode(file.encoding), []
    except UnicodeDecodeError as error:
        return "", [undecodable_byte(raw, error, encoding=file.encoding, delimiter=file.delimiter)]


def learn_columns(file: LineFile, text: str, columns: Sequence[Column]) -> list[Fault]:
    """Learn from the first line which column stands where; returns what is wrong with it."""
    file.delimiter = delimiter_of(text)
    try:
        cells = cells_of(text, file.delimiter)
    except csv.Error:
        return [open_quotation()]
    faults = header_faults(cells, columns)
    if not faults:
        known = by_heading(columns)
        file.columns = [known[cell.strip()].key for cell in cells]
    return faults
