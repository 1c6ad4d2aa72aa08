"""Checking a file of contracts step by step: each step is one transaction that also notes how far it came.

A worker that dies loses the step it was in; another one goes on from the note. Two never read the same file:
an advisory lock of the transaction keeps them apart without blocking the person who wants to stop.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from itertools import islice
from typing import Final

import structlog
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actors import Actor
from audit.acts import Act
from audit.services import transition
from regulations.contract_encoding import SHOWN, UTF8_MARK, lines_of
from regulations.contract_lines import (
    BY_HEADING,
    Fault,
    Line,
    cells_of,
    delimiter_of,
    header_faults,
    in_both,
    read_line,
)
from regulations.models import ContractFault, ContractFile
from regulations.services.contract_files import PART
from regulations.states import CONTRACT_FILE
from regulations.worker import checking, loading
from vault.services import open_blob

log = structlog.get_logger(__name__)
READER: Final = Actor.system("contract-files")
STEP_LINES: Final = 5_000
MOST_FAULTS: Final = 10_000
TEXT_COLUMNS: Final = (
    "number", "fee_note", "corporate_number", "name", "name_reading", "name_latin", "postal_code", "address",
    "locality_latin", "state_latin", "phone", "authorised_email", "authorised_name", "administrator_email",
    "administrator_name", "members",
)  # fmt: skip


def read_waiting() -> int:
    """Work on every file that waits for the worker; returns how many steps were done."""
    steps = 0
    waiting = ContractFile.objects.filter(status__in=["received", "checking", "loading"]).order_by("uploaded_at")
    for file_id in list(waiting.values_list("pk", flat=True)):
        try:
            while step(str(file_id), timezone.now()):
                steps += 1
        except loading.Halted:
            halt(str(file_id), timezone.now())
    return steps


@transaction.atomic
def step(file_id: str, at: datetime) -> bool:
    """Do the next step of a file; returns whether another one follows at once."""
    if not mine(file_id):
        return False
    file = ContractFile.objects.get(pk=file_id)
    if file.status == "received":
        transition(machine=CONTRACT_FILE, row=file, act=Act.CONTRACT_FILE_CHECK, actor=READER, at=at)
        return True
    if file.status == "loading":
        loading.load(file=file, actor=READER, at=at)
    if file.status != "checking":
        return False
    if file.ask_stop:
        columns = {"ask_stop": False}
        transition(machine=CONTRACT_FILE, row=file, act=Act.CONTRACT_FILE_STOP, actor=READER, at=at, columns=columns)
        return False
    if file.bytes_done < file.size and file.fault_count < MOST_FAULTS:
        read_step(file, at)
        return True
    checking.conclude(file=file, actor=READER, at=at)
    return False


@transaction.atomic
def halt(file_id: str, at: datetime) -> None:
    """Note that loading was stopped; nothing of it is left, the file waits again for its confirmation."""
    file = ContractFile.objects.get(pk=file_id)
    columns = {"ask_stop": False}
    transition(machine=CONTRACT_FILE, row=file, act=Act.CONTRACT_FILE_HALT, actor=READER, at=at, columns=columns)
    loading.forget_progress(file)


def mine(file_id: str) -> bool:
    """Take the file for this transaction; False while another worker has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 7))", [f"contract-file:{file_id}"])
        return bool(cursor.fetchone()[0])


def read_step(file: ContractFile, at: datetime) -> None:
    """Read the next lines, keep the right ones for loading and the faults of the others, note how far it came."""
    lines: list[tuple[int, Line]] = []
    faults: list[tuple[int, Fault]] = []
    for raw, taken in islice(lines_of(parts_from(file, at)), STEP_LINES):
        file.bytes_done += taken
        file.lines_done += 1
        line, found = read_raw(file, raw)
        faults += [(file.lines_done, fault) for fault in found]
        if line is not None:
            lines.append((file.lines_done, line))
        if file.fault_count + len(faults) >= MOST_FAULTS or (found and not file.columns):
            break
    if faults and not file.columns:
        file.bytes_done = file.size
    keep(file, lines)
    file.fault_count += note_faults(file, faults[: MOST_FAULTS - file.fault_count])
    file.save(update_fields=["bytes_done", "lines_done", "fault_count", "delimiter", "columns"])


def read_raw(file: ContractFile, raw: bytes) -> tuple[Line | None, list[Fault]]:
    """One line of bytes: the headings when it is the first, nothing when it is empty, else a contract or faults."""
    if file.lines_done == 1:
        raw = raw.removeprefix(UTF8_MARK)
    try:
        text = raw.decode(file.encoding)
    except UnicodeDecodeError as error:
        return None, [undecodable(file, raw, error)]
    if file.lines_done == 1:
        return None, read_header(file, text)
    if not text.strip():
        return None, []
    return read_line(text, file.columns, file.delimiter)


def read_header(file: ContractFile, text: str) -> list[Fault]:
    """Learn the columns from the first line; returns what is wrong with it."""
    file.delimiter = delimiter_of(text)
    try:
        cells = cells_of(text, file.delimiter)
    except csv.Error:
        return [Fault(0, "quotation_mark", in_both(lambda: _("A quotation mark is not closed in this line.")))]
    faults = header_faults(cells)
    if not faults:
        file.columns = [BY_HEADING[cell.strip()].key for cell in cells]
    return faults


def undecodable(file: ContractFile, raw: bytes, error: UnicodeDecodeError) -> Fault:
    """Say in which column a byte can't be read."""
    before = raw[: error.start].decode(file.encoding, errors="replace")
    facts = {"encoding": SHOWN[file.encoding]}
    words = in_both(lambda: _("A character here can't be read as %(encoding)s. Please type it again.") % facts)
    return Fault(before.count(file.delimiter or ",") + 1, "encoding", words)


def parts_from(file: ContractFile, at: datetime) -> Iterator[bytes]:
    """Open the file's parts one after the other, from where reading goes on."""
    first, skip = divmod(file.bytes_done, PART)
    for part in file.parts.filter(position__gte=first).order_by("position").select_related("blob").iterator(1):
        data = open_blob(blob=part.blob, actor=READER, reason="checking a contract file", at=at)
        yield data[skip:]
        skip = 0


def keep(file: ContractFile, lines: list[tuple[int, Line]]) -> None:
    """Store right lines by COPY."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerows(
        [file.pk, place, line.begins_at, line.ends_at or "", *(line.values[name] for name in TEXT_COLUMNS)]
        for place, line in lines
    )
    buffer.seek(0)
    names = ", ".join(TEXT_COLUMNS)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY regulations_contractline (file_id, line, begins_at, ends_at, {names}) "
            f"FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL ({names}))",
            buffer,
        )


def note_faults(file: ContractFile, faults: list[tuple[int, Fault]]) -> int:
    """Store faults; returns how many."""
    ContractFault.objects.bulk_create(
        ContractFault(file=file, line=place, column=fault.column, code=fault.code, message=fault.message)
        for place, fault in faults
    )
    return len(faults)
