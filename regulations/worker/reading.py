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

from audit.actors import Actor
from audit.acts import Act
from audit.services import transition
from regulations.contract_lines import COLUMNS, Line, read_line
from regulations.line_cells import Fault
from regulations.models import ContractFault, ContractFile
from regulations.states import CONTRACT_FILE
from regulations.worker import checking, line_reading, loading

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
    if not line_reading.mine(f"contract-file:{file_id}"):
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


def read_step(file: ContractFile, at: datetime) -> None:
    """Read the next lines, keep the right ones for loading and the faults of the others, note how far it came."""
    lines: list[tuple[int, Line]] = []
    faults: list[tuple[int, Fault]] = []
    for raw, taken in islice(lines_from(file, at), STEP_LINES):
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


def lines_from(file: ContractFile, at: datetime) -> Iterator[tuple[bytes, int]]:
    """The lines from where reading goes on."""
    parts = file.parts.filter(position__gte=line_reading.first_part(file)).order_by("position").select_related("blob")
    return line_reading.raw_lines(file, parts.iterator(1), reason="checking a contract file", actor=READER, at=at)


def read_raw(file: ContractFile, raw: bytes) -> tuple[Line | None, list[Fault]]:
    """One line of bytes: the headings when it is the first, nothing when it is empty, else a contract or faults."""
    text, faults = line_reading.text_of(file, raw)
    if faults:
        return None, faults
    if file.lines_done == 1:
        return None, line_reading.learn_columns(file, text, COLUMNS)
    if not text.strip():
        return None, []
    return read_line(text, file.columns, file.delimiter)


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
