"""Reads of the office's pages about files of applications: what waits, line by line, and what was done to many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from applications.batches import Batch, BatchTask
from applications.models import Application
from applications.rules import batch_sheet, sheet
from applications.rules.findings import Finding
from applications.rules.intake import digest_of
from applications.rules.sheet import SheetItem
from applications.selectors.batches import lines_of
from applications.selectors.facts import findings_about
from audit.refusals import NotFound

PAGE = 25
LISTED = 50
LEFT_SHOWN = 100
AT_THE_OFFICE = ("filing", "halted", "filed")


@dataclass(frozen=True)
class DeskRow:
    """One line as the office sees it, with what the system found about it now."""

    line: int
    application: Application
    troubling: list[Finding]
    printed: list[sheet.Printed]


@dataclass(frozen=True)
class TaskRow:
    """What was done to many lines at once, how far it is, and which lines were left for what reason."""

    task: BatchTask
    total: int
    done: int
    left: int
    left_lines: list[tuple[int, Application, dict[str, str]]]

    @property
    def percent(self) -> int:
        """How far it is."""
        return 100 * (self.done + self.left) // max(self.total, 1)


def desk_batches() -> QuerySet[Batch]:
    """The files that reached the office, newest first."""
    rows = Batch.objects.filter(status__in=AT_THE_OFFICE)
    return rows.select_related("contract__corporation", "rules", "target_system", "confirmed_by", "uploaded_by")


def desk_list() -> list[Batch]:
    """The newest of them with how many lines wait for an examiner and for an approver."""
    waiting = Count("applications", filter=Q(applications__status__in=["submitted", "examining"]))
    approval = Count("applications", filter=Q(applications__status="awaiting_approval"))
    return list(desk_batches().annotate(to_examine=waiting, to_approve=approval)[:LISTED])


def desk_batch(key: UUID) -> Batch:
    """One of them; raises NotFound."""
    found = desk_batches().filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def candidates(batch: Batch, kind: str, person: User) -> QuerySet[Application]:
    """The lines that `person` can recommend or approve together: nobody else has them, and a recommendation stands."""
    rows = Application.objects.filter(batch=batch).select_related("order", "rules").order_by("batch_line__line")
    if kind == "approve":
        return rows.filter(status="awaiting_approval", recommendation="approve").exclude(examiner=person)
    return rows.filter(Q(status="submitted") | Q(status="examining", examiner=person))


def seen_together(rows: Iterable[Application]) -> str:
    """The digest of many lines as they are shown: which, and with which contents."""
    return digest_of({str(row.pk): row.order.seen for row in rows if row.order is not None})


def common_sheet(application: Application | None) -> list[SheetItem]:
    """The items that one sheet asks for all lines like this one."""
    if application is None or application.order is None:
        return []
    ruleset = application.rules.ruleset
    return batch_sheet.common_items(ruleset, sheet.printed_of(ruleset, application.order.frozen))


def desk_rows(batch: Batch, at: datetime, after: int) -> tuple[list[DeskRow], str]:
    """The next received lines behind the line `after` with their findings, and the key of the next page."""
    related = ("application__contract", "application__subscription", "application__order", "application__applicant")
    rows = lines_of(batch).filter(application__submitted_at__isnull=False, line__gt=after).select_related(*related)
    found = list(rows.select_related("application__rules__target_system", "application__examiner")[: PAGE + 1])
    more = str(found[PAGE - 1].line) if len(found) > PAGE else ""
    return [desk_row(row.line, row.application, at) for row in found[:PAGE] if row.application is not None], more


def desk_row(line: int, application: Application, at: datetime) -> DeskRow:
    """One line with its findings, and what its certificate will say of its own (J-3.2)."""
    ruleset, order = application.rules.ruleset, application.order
    said = sheet.printed_of(ruleset, order.frozen) if order is not None else []
    own = {field.key for field in ruleset.fields if not field.from_contract}
    printed = [part for part in said if own & set(part.field_keys)]
    return DeskRow(line, application, batch_sheet.troubling(findings_about(application, at)), printed)


def tasks_of(batch: Batch) -> list[TaskRow]:
    """What was done to many lines of a file at once, newest first."""
    done, left = Count("lines", filter=Q(lines__outcome="done")), Count("lines", filter=Q(lines__outcome="left"))
    tasks = batch.tasks.select_related("asked_by").annotate(total=Count("lines"), done=done, left=left)
    return [TaskRow(task, task.total, task.done, task.left, left_lines_of(task)) for task in tasks[:10]]


def left_lines_of(task: BatchTask) -> list[tuple[int, Application, dict[str, str]]]:
    """The first lines that a task left, with the reason."""
    rows = task.lines.filter(outcome="left").select_related("application__batch_line").order_by("pk")
    return [(row.application.batch_line.line, row.application, row.message) for row in rows[:LEFT_SHOWN]]
