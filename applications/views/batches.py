"""Applying for many people by one file: the rooms of the contract's administrator."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from accounts.spreadsheets import spreadsheet
from applications.batches import AT_WORK, Batch, BatchDocument
from applications.forms.applicant import DocumentForm
from applications.forms.batches import BatchFileForm
from applications.rules.batch_lines import columns_of
from applications.rules.batches import documents_of_batch
from applications.selectors import batches as selectors
from applications.services import batches
from applications.views import pages
from applications.views.batch_files import fault_rows, result_rows, sample_rows
from applications.views.decisions import done
from applications.views.intake import note_refusal
from audit.acts import Act
from audit.refusals import NotFound, Refused, RuleViolated, Suspended, Violation
from regulations.models import Contract, TargetSystem
from regulations.register_selectors import administered_by

FOLDER = "applications/batches"
SHOWN_FAULTS = 100
ACTS: dict[str, Callable[..., Batch]] = {
    "stop": batches.ask_stop,
    "resume": batches.resume,
    "discard": batches.discard,
}


def own_contract(request: HttpRequest, key: UUID) -> Contract:
    """The contract, if the visitor administers it; anything else is absent (404)."""
    found = administered_by(person_of(request)).filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def own_batch(request: HttpRequest, contract: UUID, key: UUID) -> Batch:
    """One of the files under a contract that the visitor administers (else 404)."""
    return selectors.own_batch(person_of(request), contract, key)


def back_to(batch: Batch, anchor: str = "") -> HttpResponse:
    """Send the reader to the page of a file."""
    address = reverse("applications:own_batch", args=[batch.contract_id, batch.pk])
    return redirect(f"{address}#{anchor}" if anchor else address)


@require_http_methods(["GET", "POST"])
def own_batches(request: HttpRequest, contract: UUID) -> HttpResponse:
    """List the files of a contract and take one in."""
    row = own_contract(request, contract)
    systems = selectors.systems_by_file(row)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = BatchFileForm(systems, *sent)
    made: list[Batch] = []

    def receive() -> None:
        file = form.cleaned_data["file"]
        batch = batches.receive(
            contract=row,
            target_system=form.target(),
            file=(str(file.name or ""), file.chunks()),
            person=person_of(request),
            actor=actor_of(request),
            at=timezone.now(),
        )
        made.append(batch)

    if request.method == "POST" and done(form, receive):
        return back_to(made[0])
    rows = selectors.own_batches(person_of(request)).filter(contract=row)[: selectors.SHOWN]
    page = {"contract": row, "form": form, "systems": [(system, columns_for(system)) for system in systems]}
    page["rows"] = [(batch, selectors.progress_of(batch)) for batch in rows]
    return render(request, f"{FOLDER}/own_list.html", page, status=422 if form.errors else 200)


def columns_for(system: TargetSystem) -> Sequence[object]:
    """The columns of a file for a target system."""
    return columns_of(system.version_in_force().ruleset)


@require_GET
def own_batch_page(request: HttpRequest, contract: UUID, key: UUID) -> HttpResponse:
    """Show one file: progress, faults, documents, what confirming does, and later how each line stands."""
    batch = own_batch(request, contract, key)
    return render(request, f"{FOLDER}/own.html", page_of(request, batch))


def page_of(
    request: HttpRequest,
    batch: Batch,
    *,
    ticked: Collection[str] = (),
    refused: Refused | None = None,
    bound: DocumentForm | None = None,
) -> dict[str, Any]:
    """What the page of a file shows."""
    at = timezone.now()
    violations = refused.violations if isinstance(refused, RuleViolated) else []
    boxes = pages.consent_boxes(selectors.asked_of_administrator(batch, at), ticked, violations)
    after = request.GET.get("after", "")
    rows, next_key = selectors.lines_page(batch, int(after) if after.isdecimal() and len(after) < 9 else 0)
    headings = {place: column.heading for place, column in enumerate(named_columns(batch), start=1)}
    faults = batch.faults.order_by("line", "column", "pk")[:SHOWN_FAULTS]
    return {
        "batch": batch,
        "ruleset": batch.rules.ruleset,
        "progress": selectors.progress_of(batch),
        "at_work": batch.status in AT_WORK,
        "faults": [(fault, headings.get(fault.column, "")) for fault in faults],
        "shown_faults": SHOWN_FAULTS,
        "documents": documents_shown(batch, violations, bound),
        "changeable": batch.status in batches.BEFORE_FILING,
        "boxes": boxes,
        "seen": selectors.seen_of(batch),
        "problems": [pages.Fault(str(row.message), anchor_of(row, boxes)) for row in violations],
        "suspended": refused if isinstance(refused, Suspended) else None,
        "tally": selectors.tally_of(batch),
        "rows": rows if batch.status in ("filing", "halted", "filed") else [],
        "paging": paging_to(next_key, after, selectors.PAGE),
    }


def paging_to(next_key: str, after: str, size: int) -> dict[str, object]:
    """The addresses that the paging component wants, for lines of a file."""
    first = "?#lines" if after else ""
    return {"next_url": f"?after={next_key}#lines" if next_key else "", "first_url": first, "size": size}


def named_columns(batch: Batch) -> list[Any]:
    """The columns of a file in their order."""
    known = {column.key: column for column in columns_of(batch.rules.ruleset)}
    return [known[key] for key in batch.columns if key in known]


def documents_shown(batch: Batch, violations: Sequence[Violation], bound: DocumentForm | None) -> list[dict[str, Any]]:
    """Each document that the rules name, with what was handed in for it."""
    kept = list(batch.documents.filter(removed_at=None).order_by("uploaded_at", "pk"))
    return [
        {
            "document": rule,
            "form": bound if bound is not None and bound.document == rule else DocumentForm(rule),
            "uploads": [row for row in kept if row.key == rule.key],
            "errors": [str(row.message) for row in violations if row.field == rule.key],
        }
        for rule in documents_of_batch(batch.rules.ruleset)
    ]


def anchor_of(violation: Violation, boxes: Sequence[pages.ConsentBox]) -> str:
    """Where on the page something is put right."""
    box = next((box for box in boxes if violation.field and box.key.startswith(f"{violation.field}:")), None)
    if box is not None:
        return f"#{box.id}"
    return f"#document-{violation.field}" if violation.field else ""


@require_POST
def own_batch_act(request: HttpRequest, contract: UUID, key: UUID) -> HttpResponse:
    """Stop a file at work, go on with a stopped one, or throw one away."""
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    batch = own_batch(request, contract, key)
    act(batch=batch, actor=actor_of(request), at=timezone.now())
    return back_to(batch)


@require_POST
def own_batch_confirm(request: HttpRequest, contract: UUID, key: UUID) -> HttpResponse:
    """File the lines of a checked file, or say what is missing with every tick kept."""
    batch = own_batch(request, contract, key)
    ticked, seen = request.POST.getlist("consent"), request.POST.get("seen", "")
    try:
        batches.confirm(batch=batch, ticked=ticked, seen=seen, actor=actor_of(request), at=timezone.now())
    except (RuleViolated, Suspended) as refused:
        note_refusal(request, refused, Act.BATCH_CONFIRM)
        page = page_of(request, batch, ticked=ticked, refused=refused)
        return render(request, f"{FOLDER}/own.html", page, status=refused.status)
    messages.success(request, _("The applications are being filed. You can leave this page."))
    return back_to(batch)


@require_POST
def own_batch_document(request: HttpRequest, contract: UUID, key: UUID) -> HttpResponse:
    """Take in a document that stands for every line; what can't be accepted is said at its place."""
    batch = own_batch(request, contract, key)
    rules = {row.key: row for row in documents_of_batch(batch.rules.ruleset)}
    rule = rules.get(request.POST.get("document", ""))
    if rule is None:
        raise Http404
    form = DocumentForm(rule, request.POST, request.FILES)
    try:
        file, issued_on = pages.file_sent(request, form)
        batches.add_document(
            batch=batch, key=rule.key, file=file, issued_on=issued_on, actor=actor_of(request), at=timezone.now()
        )
    except RuleViolated as refused:
        note_refusal(request, refused, Act.BATCH_DOCUMENT)
        page = page_of(request, batch, refused=refused, bound=form)
        return render(request, f"{FOLDER}/own.html", page, status=422)
    return back_to(batch, f"document-{rule.key}")


@require_POST
def own_batch_document_remove(request: HttpRequest, contract: UUID, key: UUID, document: UUID) -> HttpResponse:
    """Take a common document out again."""
    batch = own_batch(request, contract, key)
    found = get_object_or_404(BatchDocument, batch=batch, pk=document)
    batches.remove_document(document=found, actor=actor_of(request), at=timezone.now())
    return back_to(batch, f"document-{found.key}")


@require_GET
def own_batch_faults(request: HttpRequest, contract: UUID, key: UUID) -> StreamingHttpResponse:
    """Send every fault as CSV with line, column, heading and sentence."""
    batch = own_batch(request, contract, key)
    language = (get_language() or "ja")[:2]
    return spreadsheet(fault_rows(batch, named_columns(batch), language), f"faults-{batch.uploaded_at:%Y%m%d}.csv")


@require_GET
def own_batch_results(request: HttpRequest, contract: UUID, key: UUID) -> StreamingHttpResponse:
    """Send what became of each line as CSV."""
    batch = own_batch(request, contract, key)
    language = (get_language() or "ja")[:2]
    return spreadsheet(result_rows(batch, language), f"results-{batch.uploaded_at:%Y%m%d}.csv")


@require_GET
def own_batch_sample(request: HttpRequest, contract: UUID, slug: str) -> StreamingHttpResponse:
    """Send a file with the headings and one made-up line, to begin from."""
    row = own_contract(request, contract)
    system = next((one for one in selectors.systems_by_file(row) if one.slug == slug), None)
    if system is None:
        raise Http404
    return spreadsheet(sample_rows(system.version_in_force().ruleset), f"{slug}-sample.csv")
