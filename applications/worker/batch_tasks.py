"""Carrying out what somebody asked for many lines, in their name and a few at a time; a lost step is done again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone, translation

from applications.batches import BatchLine, BatchTask, BatchTaskLine
from applications.services import batch_examining
from audit.refusals import Refused
from regulations.line_cells import LANGUAGES, Both
from regulations.worker import line_reading

LINES_AT_ONCE: Final = 20


def work_on_all() -> int:
    """Work on every task that is not finished; returns how many steps were done."""
    steps = 0
    for task_id in list(BatchTask.objects.filter(finished_at=None).order_by("asked_at").values_list("pk", flat=True)):
        while step(str(task_id), timezone.now()):
            steps += 1
    return steps


@transaction.atomic
def step(task_id: str, at: datetime) -> bool:
    """Do the next lines of a task; returns whether more follow at once."""
    if not line_reading.mine(f"batch-task:{task_id}"):
        return False
    task = BatchTask.objects.select_related("asked_by").get(pk=task_id)
    rows = task.lines.filter(outcome="").select_related("task", "application__order").order_by("pk")
    lines = list(rows[:LINES_AT_ONCE])
    if not lines:
        BatchTask.objects.filter(pk=task.pk, finished_at=None).update(finished_at=at)
        return False
    for line in lines:
        carry_out(line, task, at)
    return True


def carry_out(line: BatchTaskLine, task: BatchTask, at: datetime) -> None:
    """Do one line; one that is refused is tried once in each language, so that the reason can be read in all.

    Who asked acts with the roles that they hold now: whoever lost a role in between does nothing any more.
    """
    actor = task.asked_by.actor(task.origin)
    message: Both = {}
    for language in LANGUAGES:
        try:
            with translation.override(language), transaction.atomic():
                batch_examining.carry_out(line=line, actor=actor, at=at)
            message = {}
            break
        except Refused as refused:
            message[language] = str(refused.message)
            line.application.refresh_from_db()
    outcome = "left" if message else "done"
    BatchTaskLine.objects.filter(pk=line.pk, outcome="").update(outcome=outcome, message=message)
    if message:
        BatchLine.objects.filter(application=line.application_id).update(found_at=None)
