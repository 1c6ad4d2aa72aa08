"""Checking and filing files of applications step by step: each step is one transaction that notes how far it came."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.batches import AT_WORK, Batch, BatchFault, BatchLine
from applications.rules.batch_lines import Filed, LineRules, columns_of, read_line
from applications.rules.batches import MOST_LINES
from applications.selectors.batches import line_rules_of
from applications.states import BATCH
from applications.worker import batch_checking, batch_filing
from audit.actors import Actor
from audit.acts import Act
from audit.services import transition
from regulations.line_cells import Fault, in_both
from regulations.services.subscriptions import key_of
from regulations.worker import line_reading

READER: Final = Actor.system("batches")
STEP_LINES: Final = 1_000
MOST_FAULTS: Final = 2_000


def work_on_all() -> int:
    """Work on every file that waits for the worker; returns how many steps were done."""
    steps = 0
    waiting = Batch.objects.filter(status__in=AT_WORK).order_by("uploaded_at")
    for batch_id in list(waiting.values_list("pk", flat=True)):
        while step(str(batch_id), timezone.now()):
            steps += 1
    return steps


@transaction.atomic
def step(batch_id: str, at: datetime) -> bool:
    """Do the next step of a file; returns whether another one follows at once."""
    if not line_reading.mine(f"batch:{batch_id}"):
        return False
    batch = Batch.objects.select_related("rules", "contract__corporation", "target_system").get(pk=batch_id)
    if batch.status not in AT_WORK:
        return False
    if batch.ask_stop:
        act = Act.BATCH_HALT if batch.status == "filing" else Act.BATCH_STOP
        source = checking(batch, at) if batch.status == "received" else batch
        transition(machine=BATCH, row=source, act=act, actor=READER, at=at, columns={"ask_stop": False})
        return False
    if batch.status == "filing":
        return batch_filing.step(batch, actor=READER, at=at)
    return check(batch, at)


def check(batch: Batch, at: datetime) -> bool:
    """Begin, go on with or end the check of a file; returns whether more is to be read."""
    if batch.status == "received":
        batch = checking(batch, at)
    if batch.bytes_done < batch.size and batch.fault_count < MOST_FAULTS:
        read_step(batch, at)
        return True
    batch_checking.conclude(batch, actor=READER, at=at)
    return False


def checking(batch: Batch, at: datetime) -> Batch:
    """The file as one that is being checked."""
    return transition(machine=BATCH, row=batch, act=Act.BATCH_CHECK, actor=READER, at=at)


def read_step(batch: Batch, at: datetime) -> None:
    """Read the next lines, keep the right ones and the faults of the others, note how far it came."""
    lines: list[BatchLine] = []
    faults: list[tuple[int, Fault]] = []
    rules = line_rules_of(batch)
    for raw, taken in islice(lines_from(batch, at), STEP_LINES):
        batch.bytes_done += taken
        batch.lines_done += 1
        filed, found = read_raw(batch, rules, raw)
        if batch.lines_done == 1:
            rules = line_rules_of(batch)
        faults += [(batch.lines_done, fault) for fault in found]
        if filed is not None:
            lines.append(line_of(batch, filed))
        if batch.fault_count + len(faults) >= MOST_FAULTS or (found and not batch.columns):
            break
    if batch.lines_done > MOST_LINES + 1:
        faults.append((MOST_LINES + 2, too_many_lines()))
    if faults and (not batch.columns or batch.lines_done > MOST_LINES + 1):
        batch.bytes_done = batch.size
    BatchLine.objects.bulk_create(lines)
    batch.fault_count += note_faults(batch, faults[: MOST_FAULTS - batch.fault_count])
    batch.save(update_fields=["bytes_done", "lines_done", "fault_count", "delimiter", "columns"])


def lines_from(batch: Batch, at: datetime) -> Iterator[tuple[bytes, int]]:
    """The lines from where reading goes on."""
    first = line_reading.first_part(batch)
    parts = batch.parts.filter(position__gte=first).order_by("position").select_related("blob")
    reason = "checking a file of applications"
    return line_reading.raw_lines(batch, parts.iterator(1), reason=reason, actor=READER, at=at)


def read_raw(batch: Batch, rules: LineRules, raw: bytes) -> tuple[Filed | None, list[Fault]]:
    """One line of bytes: the headings when it is the first, nothing when it is empty, else a person or faults."""
    text, faults = line_reading.text_of(batch, raw)
    if faults:
        return None, faults
    if batch.lines_done == 1:
        return None, line_reading.learn_columns(batch, text, columns_of(rules.ruleset))
    if not text.strip():
        return None, []
    return read_line(text, rules, batch.delimiter)


def line_of(batch: Batch, filed: Filed) -> BatchLine:
    """The row of a right line."""
    return BatchLine(
        batch=batch,
        line=batch.lines_done,
        email=filed.email,
        name=filed.name,
        values=filed.values,
        csr_der=filed.csr_der,
        subject_key=key_of(filed.identity),
        key_digest=filed.key_digest,
    )


def too_many_lines() -> Fault:
    """That a file is longer than one may be."""
    facts = {"limit": MOST_LINES}
    return Fault(
        0, "too_many_lines", in_both(lambda: _("A file has at most %(limit)d lines. Please divide it.") % facts)
    )


def note_faults(batch: Batch, faults: list[tuple[int, Fault]]) -> int:
    """Store faults; returns how many."""
    BatchFault.objects.bulk_create(
        BatchFault(batch=batch, line=place, column=fault.column, code=fault.code, message=fault.message)
        for place, fault in faults
    )
    return len(faults)
