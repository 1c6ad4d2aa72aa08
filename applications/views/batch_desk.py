"""Files of applications at the office: each line with what was found, and many examined or approved at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actors import actor_of, person_of, roles_of
from accounts.roles import Role
from applications.batches import Batch, BatchDocument, BatchDocumentPage
from applications.models import Application
from applications.rules.batch_sheet import SEPARATOR
from applications.rules.sheet import TELEPHONE_PARTS, SheetItem, Verdict
from applications.rules.words import Option, options_of
from applications.selectors import batch_desk
from applications.selectors.batches import tally_of
from applications.services import batch_examining, looking
from applications.services.batch_examining import Asked
from applications.views.batches import paging_to
from audit.refusals import RuleViolated, Violation

FOLDER = "applications/staff"
RECOMMEND, APPROVE, REFUSE = "recommend", "approve", "refuse"
ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}


@dataclass(frozen=True)
class SheetField:
    """One item of the sheet for many lines, with what was typed and what is wrong with it."""

    item: SheetItem
    typed: Mapping[str, str]
    errors: Sequence[str]

    @property
    def options(self) -> tuple[Option, ...]:
        """Return the choices."""
        return options_of(self.item.kind)

    @property
    def name(self) -> str:
        """Return what the names of its inputs begin with."""
        return f"{self.item.key}{SEPARATOR}"


@require_GET
def batches(request: HttpRequest) -> HttpResponse:
    """List the files that reached the office."""
    return render(request, f"{FOLDER}/batches.html", {"rows": batch_desk.desk_list()})


@require_GET
def batch(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show one file: common documents, what waits, the lines with findings, what was done to many."""
    row = batch_desk.desk_batch(key)
    looking.open_batch(batch=row, actor=actor_of(request), at=timezone.now())
    return render(request, f"{FOLDER}/batch.html", page_of(request, row))


def page_of(request: HttpRequest, row: Batch, refused: RuleViolated | None = None) -> dict[str, Any]:
    """What the page of a file shows; `refused` are verdicts that lack something."""
    tasks = batch_desk.tasks_of(row)
    own = person_of(request).pk in (row.uploaded_by_id, row.confirmed_by_id)
    waiting = {kind: list(rows) for kind, rows in waiting_for(request, row, own=own).items()}
    to_examine = waiting["recommend"]
    return {
        "batch": row,
        "own": own,
        "ruleset": row.rules.ruleset,
        "documents": list(row.documents.filter(removed_at=None).prefetch_related("pages").order_by("uploaded_at")),
        "labels": {rule.key: rule.label for rule in row.rules.ruleset.documents},
        "tally": tally_of(row),
        "waiting": {kind: len(rows) for kind, rows in waiting.items()},
        "seen": {kind: batch_desk.seen_together(rows) for kind, rows in waiting.items()},
        "proposed": batch_desk.proposed(waiting["refuse"]),
        "sheet": sheet_fields(request, batch_desk.common_sheet(to_examine[0] if to_examine else None), refused),
        "problems": refused.violations if refused is not None else [],
        "tasks": tasks,
        "at_work": any(task.task.finished_at is None for task in tasks),
        **lines_shown(request, row, {application.pk for application in to_examine}),
    }


def waiting_for(request: HttpRequest, row: Batch, *, own: bool) -> dict[str, QuerySet[Application]]:
    """The lines to which the reader can do something together; nobody handles a file that they filed themselves."""
    person, roles = person_of(request), roles_of(request)
    return {
        kind: batch_desk.candidates(row, kind, person) if role in roles and not own else Application.objects.none()
        for kind, role in ((RECOMMEND, Role.EXAMINER), (APPROVE, Role.APPROVER), (REFUSE, Role.APPROVER))
    }


def lines_shown(request: HttpRequest, row: Batch, choosable: Collection[UUID]) -> dict[str, Any]:
    """The lines of the page, how they are narrowed down, and the addresses of the neighbouring pages."""
    after, troubled = request.GET.get("after", ""), request.GET.get("show") == "findings"
    place = int(after) if after.isdecimal() and len(after) < 9 else 0
    rows, next_key = batch_desk.desk_rows(row, batch_desk.Shown(place, troubled=troubled), choosable)
    paging = paging_to(next_key, after, batch_desk.PAGE)
    if troubled:
        addresses = ("next_url", "first_url")
        paging |= {name: str(paging[name]).replace("?", "?show=findings&", 1) for name in addresses}
    return {
        "rows": rows,
        "troubled": troubled,
        "with_findings": batch_desk.with_findings(row).count(),
        "not_looked_up": batch_desk.not_looked_up(row),
        "may_choose": any(shown.may_choose for shown in rows),
        "paging": paging,
    }


def sheet_fields(request: HttpRequest, items: Sequence[SheetItem], refused: RuleViolated | None) -> list[SheetField]:
    """The fields of the sheet with what was typed."""
    violations: Sequence[Violation] = refused.violations if refused is not None else ()
    return [
        SheetField(
            item,
            {part: request.POST.get(f"{item.key}{SEPARATOR}{part}", "") for part in PARTS},
            [str(row.message) for row in violations if str(row.field).startswith(f"{item.key}{SEPARATOR}")],
        )
        for item in items
    ]


PARTS = ("result", "evidence", "note", "source", "number", "spoke_with")


@require_POST
def recommend(request: HttpRequest, key: UUID) -> HttpResponse:
    """Hand every clean line to the approver with the verdicts of one sheet."""
    row = batch_desk.desk_batch(key)
    first = batch_desk.candidates(row, RECOMMEND, person_of(request)).first()
    verdicts = {item.key: verdict_in(request, item) for item in batch_desk.common_sheet(first)}
    try:
        asked = Asked(RECOMMEND, request.POST.get("seen", ""), verdicts=verdicts)
        batch_examining.begin(batch=row, asked=asked, actor=actor_of(request), at=timezone.now())
    except RuleViolated as refused:
        return render(request, f"{FOLDER}/batch.html", page_of(request, row, refused), status=422)
    messages.success(request, _("The lines are being handed on. Those that are not clean are left for you."))
    return redirect("applications:batch", row.pk)


def verdict_in(request: HttpRequest, item: SheetItem) -> Verdict:
    """What was typed about one item; the result of a call is its note."""
    typed = {part: request.POST.get(f"{item.key}{SEPARATOR}{part}", "")[:2000] for part in PARTS}
    call = {part: typed[part] for part in TELEPHONE_PARTS if part != "result"} | {"result": typed["note"]}
    telephone = call if item.kind == "telephone" else None
    return Verdict(typed["result"], typed["evidence"][:200], typed["note"], telephone)


@require_POST
def approve(request: HttpRequest, key: UUID) -> HttpResponse:
    """Approve every line that an examiner has recommended."""
    row = batch_desk.desk_batch(key)
    asked = Asked(APPROVE, request.POST.get("seen", ""))
    batch_examining.begin(batch=row, asked=asked, actor=actor_of(request), at=timezone.now())
    messages.success(request, _("The lines are being approved. The signer issues them one after the other."))
    return redirect("applications:batch", row.pk)


@require_GET
def batch_file(request: HttpRequest, key: UUID, document: UUID) -> HttpResponse:
    """Return a common document as it was handed in; always as an attachment."""
    row = batch_desk.desk_batch(key)
    found = BatchDocument.objects.filter(batch=row, pk=document, removed_at=None, blob__isnull=False).first()
    if found is None:
        raise Http404
    body = looking.open_common(document=found, blob=found.blob, actor=actor_of(request), at=timezone.now())
    name = f"{found.key}.{ENDINGS.get(found.media_type, 'bin')}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(body, content_type="application/octet-stream", headers=headers)


@require_GET
def batch_page(request: HttpRequest, key: UUID, document: UUID, number: int) -> HttpResponse:
    """Return one page of a common document as the worker drew it."""
    row = batch_desk.desk_batch(key)
    pages = BatchDocumentPage.objects.select_related("document__batch", "blob")
    found = pages.filter(document__batch=row, document=document, document__removed_at=None, number=number).first()
    if found is None:
        raise Http404
    image = looking.open_common(document=found.document, blob=found.blob, actor=actor_of(request), at=timezone.now())
    return HttpResponse(image, content_type="image/png", headers={"X-Content-Type-Options": "nosniff"})
