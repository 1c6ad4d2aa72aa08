"""Reads of the office's pages about files of applications: what waits, line by line, and what was done to many."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from applications.batches import Batch, BatchLine, BatchTask
from applications.models import UNDECIDED, Application
from applications.rules import batch_sheet, sheet
from applications.rules.deciding import GROUNDS
from applications.rules.intake import digest_of
from applications.rules.sheet import SheetItem
from audit.refusals import NotFound

PAGE = 25
LISTED = 50
LEFT_SHOWN = 100
AT_THE_OFFICE = ("filing", "halted", "filed")


@dataclass(frozen=True)
class DeskRow:
    """One line as the office sees it, with what the system found about it when it was looked up last."""

    line: BatchLine
    application: Application
    printed: list[sheet.Printed]
    may_choose: bool


@dataclass(frozen=True)
class Shown:
    """Which lines the page shows: those behind the line `after`, only those with findings where `troubled`."""

    after: int = 0
    troubled: bool = False


@dataclass(frozen=True)
class Proposed:
    """Lines that an examiner proposes to refuse with the same words."""

    ground: str
    text: str
    lines: list[int]

    @property
    def word(self) -> str:
        """Return the ground in words."""
        return str(GROUNDS.get(self.ground, self.ground))


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


def candidates(batch: Batch, kind: str, person: User, lines: Collection[int] | None = None) -> QuerySet[Application]:
    """The lines to which `person` can do something together, of `lines` only where they are given.

    To recommend or to propose a refusal: nobody else has them. To approve or to refuse: it was handed on with that.
    """
    rows = Application.objects.filter(batch=batch).select_related("order", "rules").order_by("batch_line__line")
    if lines is not None:
        rows = rows.filter(batch_line__line__in=lines)
    if kind in ("approve", "refuse"):
        return rows.filter(status="awaiting_approval", recommendation=kind).exclude(examiner=person)
    return rows.filter(Q(status="submitted") | Q(status="examining", examiner=person))


def proposed(rows: Iterable[Application]) -> list[Proposed]:
    """Lines that are proposed to be refused, by the words that their applicants would read."""
    grouped: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        grouped.setdefault((row.refusal_ground, row.refusal_text), []).append(row.batch_line.line)
    return [Proposed(ground, text, lines) for (ground, text), lines in grouped.items()]


def seen_together(rows: Iterable[Application]) -> str:
    """The digest of many lines as they are shown: which, and with which contents."""
    return digest_of({str(row.pk): row.order.seen for row in rows if row.order is not None})


def common_sheet(application: Application | None) -> list[SheetItem]:
    """The items that one sheet asks for all lines like this one."""
    if application is None or application.order is None:
        return []
    ruleset = application.rules.ruleset
    return batch_sheet.common_items(ruleset, sheet.printed_of(ruleset, application.order.frozen))


def received_lines(batch: Batch) -> QuerySet[BatchLine]:
    """The lines of a file that the office has received."""
    return batch.lines.filter(application__submitted_at__isnull=False)


def with_findings(batch: Batch) -> QuerySet[BatchLine]:
    """Those about which the system found something."""
    return received_lines(batch).exclude(found=[])


def not_looked_up(batch: Batch) -> int:
    """How many undecided lines the system has not looked up yet."""
    return received_lines(batch).filter(application__status__in=UNDECIDED, found_at=None).count()


def desk_rows(batch: Batch, shown: Shown, choosable: Collection[UUID]) -> tuple[list[DeskRow], str]:
    """The next received lines, and the key of the next page; `choosable` are the applications that may be chosen."""
    related = ("application__contract", "application__order", "application__applicant", "application__examiner")
    rows = with_findings(batch) if shown.troubled else received_lines(batch)
    rows = rows.filter(line__gt=shown.after).select_related(*related, "application__rules").order_by("line")
    found = list(rows[: PAGE + 1])
    more = str(found[PAGE - 1].line) if len(found) > PAGE else ""
    return [desk_row(row, row.application, choosable) for row in found[:PAGE] if row.application is not None], more


def desk_row(line: BatchLine, application: Application, choosable: Collection[UUID]) -> DeskRow:
    """One line with its findings, and what its certificate will say of its own (J-3.2)."""
    ruleset, order = application.rules.ruleset, application.order
    said = sheet.printed_of(ruleset, order.frozen) if order is not None else []
    own = {field.key for field in ruleset.fields if not field.from_contract}
    printed = [part for part in said if own & set(part.field_keys)]
    return DeskRow(line, application, printed, application.pk in choosable)


def tasks_of(batch: Batch) -> list[TaskRow]:
    """What was done to many lines of a file at once, newest first."""
    done, left = Count("lines", filter=Q(lines__outcome="done")), Count("lines", filter=Q(lines__outcome="left"))
    tasks = batch.tasks.select_related("asked_by").annotate(total=Count("lines"), done=done, left=left)
    return [TaskRow(task, task.total, task.done, task.left, left_lines_of(task)) for task in tasks[:10]]


def left_lines_of(task: BatchTask) -> list[tuple[int, Application, dict[str, str]]]:
    """The first lines that a task left, with the reason."""
    rows = task.lines.filter(outcome="left").select_related("application__batch_line").order_by("pk")
    return [(row.application.batch_line.line, row.application, row.message) for row in rows[:LEFT_SHOWN]]
