"""Files of applications at the office: each line with what was found, and many examined or approved at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actors import actor_of, person_of
from accounts.roles import Role
from applications.batches import Batch, BatchDocument, BatchDocumentPage
from applications.rules.batch_sheet import SEPARATOR
from applications.rules.sheet import TELEPHONE_PARTS, SheetItem, Verdict
from applications.rules.words import Option, options_of
from applications.selectors import batch_desk
from applications.selectors.batches import tally_of
from applications.services import batch_examining, looking
from applications.views.batches import paging_to
from audit.refusals import RuleViolated, Violation

FOLDER = "applications/staff"
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
    person, at = person_of(request), timezone.now()
    roles = person.role_names()
    own = person.pk in (row.uploaded_by_id, row.confirmed_by_id)
    examine = list(batch_desk.candidates(row, "recommend", person)) if not own else []
    approve = list(batch_desk.candidates(row, "approve", person)) if not own else []
    after = request.GET.get("after", "")
    rows, next_key = batch_desk.desk_rows(row, at, int(after) if after.isdecimal() and len(after) < 9 else 0)
    tasks = batch_desk.tasks_of(row)
    return {
        "batch": row,
        "own": own,
        "ruleset": row.rules.ruleset,
        "documents": list(row.documents.filter(removed_at=None).prefetch_related("pages").order_by("uploaded_at")),
        "labels": {rule.key: rule.label for rule in row.rules.ruleset.documents},
        "tally": tally_of(row),
        "examine": len(examine) if Role.EXAMINER.value in roles else 0,
        "examine_seen": batch_desk.seen_together(examine),
        "approve": len(approve) if Role.APPROVER.value in roles else 0,
        "approve_seen": batch_desk.seen_together(approve),
        "sheet": sheet_fields(request, batch_desk.common_sheet(examine[0] if examine else None), refused),
        "problems": refused.violations if refused is not None else [],
        "rows": rows,
        "paging": paging_to(next_key, after, batch_desk.PAGE),
        "tasks": tasks,
        "at_work": any(task.task.finished_at is None for task in tasks),
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
    first = batch_desk.candidates(row, "recommend", person_of(request)).first()
    verdicts = {item.key: verdict_in(request, item) for item in batch_desk.common_sheet(first)}
    try:
        batch_examining.begin(
            batch=row,
            kind="recommend",
            verdicts=verdicts,
            seen=request.POST.get("seen", ""),
            actor=actor_of(request),
            at=timezone.now(),
        )
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
    seen = request.POST.get("seen", "")
    batch_examining.begin(batch=row, kind="approve", verdicts={}, seen=seen, actor=actor_of(request), at=timezone.now())
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
