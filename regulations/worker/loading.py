"""Loading a checked file: set-based statements over ranges of lines, all of them in one transaction.

The transaction can't show how far it is, so that is told in the cache; a wish to stop is read between ranges
and undoes everything.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.core.cache import cache
from django.db import connection

from accounts.nudges import nudge
from audit.actors import Actor
from audit.acts import Act
from audit.services import transition
from regulations.calendar import tokyo
from regulations.models import ContractFile, ParentService
from regulations.periods import midnight
from regulations.services.contract_files import forget_contents
from regulations.services.periods import FOLLOW_TASK
from regulations.states import CONTRACT_FILE
from regulations.worker import checking
from regulations.worker.statements import CHANGES, CONTRACTS, CORPORATIONS, MEMBERS, PERIODS

RANGE: Final = 5_000
PROGRESS_SECONDS: Final = 3600
# Ends move before anything begins, so that a number may pass from one period to the next in one file.
PHASES: Final = ((CORPORATIONS, CHANGES, PERIODS), (CONTRACTS, MEMBERS))


class Halted(Exception):
    """Somebody wants the loading to stop; the transaction is undone."""


def load(*, file: ContractFile, actor: Actor, at: datetime) -> ContractFile:
    """Merge the file's lines into the register, as a whole; raises Halted when somebody wants it to stop.

    What was checked is checked again first, with the parent service's register locked: a contract that came
    in between makes the file faulty, and nothing is loaded.
    """
    ParentService.objects.select_for_update(of=("self",)).get(pk=file.parent_service_id)
    faults = checking.look_at_whole(file)
    if faults:
        columns = {"fault_count": faults}
        return transition(
            machine=CONTRACT_FILE, row=file, act=Act.CONTRACT_FILE_FAULT, actor=actor, at=at, columns=columns
        )
    outcome = {"lines": file.lines.count(), **checking.outcome_of(file, at)}
    merge(file, at)
    details = {"sha256": file.sha256, **outcome}
    file = transition(
        machine=CONTRACT_FILE,
        row=file,
        act=Act.CONTRACT_FILE_LOAD,
        actor=actor,
        at=at,
        details=details,
        columns={"outcome": outcome},
    )
    forget_contents(file=file, actor=actor, at=at)
    nudge(FOLLOW_TASK)
    return file


def merge(file: ContractFile, at: datetime) -> None:
    """Run the statements over all ranges of lines."""
    facts: dict[str, Any] = {
        "file": file.pk,
        "service": file.parent_service_id,
        "person": file.confirmed_by_id,
        "at": at,
        "tomorrow": midnight(tokyo(at).date() + timedelta(days=1)),
    }
    for phase, statements in enumerate(PHASES):
        for low in range(0, file.lines_done, RANGE):
            if ContractFile.objects.filter(pk=file.pk, ask_stop=True).exists():
                raise Halted
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement, {**facts, "low": low, "high": low + RANGE})
            tell_progress(file, phase + min(1, (low + RANGE) / file.lines_done))


def tell_progress(file: ContractFile, phases_done: float) -> None:
    """Say how far the loading is; for the page only, the truth is the transaction."""
    cache.set(f"contract-file:{file.pk}", round(100 * phases_done / len(PHASES)), PROGRESS_SECONDS)


def forget_progress(file: ContractFile) -> None:
    """Say nothing any more."""
    cache.delete(f"contract-file:{file.pk}")
