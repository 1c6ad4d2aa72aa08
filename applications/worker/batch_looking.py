"""Keeping beside each line of a file what the system finds about it, so that the office can choose lines by it.

Looked up when a line has been received, again when a task left it, and once a day while it is undecided, because time
alone makes documents old and ends contracts. Nothing is decided by what is kept: deciding looks it up anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from applications.batches import BatchLine
from applications.models import UNDECIDED
from applications.rules import batch_sheet
from applications.selectors.facts import findings_about
from regulations.worker import line_reading

LINES_AT_ONCE: Final = 50
STEPS_AT_ONCE: Final = 20
LOOKED_UP_FOR: Final = timedelta(days=1)


def look_at_waiting() -> int:
    """Look up the lines that wait for it, a bounded number at a time; returns how many steps were done."""
    steps = 0
    while steps < STEPS_AT_ONCE and step(timezone.now()):
        steps += 1
    return steps


@transaction.atomic
def step(at: datetime) -> bool:
    """Look up the next lines; returns whether more follow at once."""
    if not line_reading.mine("batch-findings"):
        return False
    related = ("application__rules", "application__contract", "application__subscription", "application__order")
    old = Q(found_at=None) | Q(found_at__lt=at - LOOKED_UP_FOR)
    rows = BatchLine.objects.filter(old, application__status__in=UNDECIDED).select_related(*related)
    lines = list(rows.order_by("pk")[:LINES_AT_ONCE])
    for line in lines:
        if line.application is not None:
            line.found = batch_sheet.kept(batch_sheet.troubling(findings_about(line.application, at)))
            line.found_at = at
    BatchLine.objects.bulk_update(lines, ["found", "found_at"])
    return len(lines) == LINES_AT_ONCE
