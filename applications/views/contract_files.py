"""Contracts by file: hand in, watch, read the faults, see what loading does, load, stop, go on, throw away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of
from accounts.spreadsheets import spreadsheet
from applications.forms.contracts import FileForm
from applications.selectors.contract_effects import effects_of_file
from applications.views.contracts import shown
from applications.views.decisions import done
from audit.actors import Actor
from regulations.contract_lines import COLUMNS
from regulations.models import ContractFile
from regulations.register_selectors import file_of, progress_of
from regulations.services import contract_files

SHOWN_FAULTS = 100
SAMPLE = {
    "number": "SAMPLE-0001",
    "begins_on": "2026-04-01",
    "ends_on": "2027-03-31",
    "corporate_number": "1999900000123",
    "name": "株式会社見本精機（デモ）",
    "name_reading": "カブシキガイシャミホンセイキ",
    "name_latin": "Mihon Seiki Co., Ltd.",
    "postal_code": "105-0001",
    "authorised_email": "taro@demo.example",
    "authorised_name": "見本 太郎",
    "members": "見本 次郎 <jiro@demo.example>; 見本 三郎 <saburo@demo.example>",
}
FILES = 20
ACTS: dict[str, Callable[..., ContractFile]] = {
    "confirm": contract_files.confirm,
    "stop": contract_files.ask_stop,
    "resume": contract_files.resume,
    "discard": contract_files.discard,
}


@require_http_methods(["GET", "POST"])
def files(request: HttpRequest) -> HttpResponse:
    """List the files and take one in."""
    form = FileForm(request.POST or None, request.FILES or None)
    made: list[ContractFile] = []
    if request.method == "POST" and done(form, lambda: made.append(receive(form, actor_of(request), timezone.now()))):
        return redirect("applications:contract_file", made[0].pk)
    rows = ContractFile.objects.select_related("parent_service", "uploaded_by")[:FILES]
    return shown(request, "files", form=form, files=[(row, progress_of(row)) for row in rows], columns=COLUMNS)


def receive(form: FileForm, actor: Actor, at: datetime) -> ContractFile:
    """Store what the form brought, piece by piece."""
    file: UploadedFile[Any] = form.cleaned_data["file"]
    service = form.cleaned_data["parent_service"]
    name = str(file.name or "")
    return contract_files.receive(parent_service=service, name=name, chunks=file.chunks(), actor=actor, at=at)


@require_GET
def file(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show one file: progress, faults, or what loading it does. The page asks again by itself while it is at work."""
    row = file_of(key)
    context: dict[str, Any] = {"file": row, "progress": progress_of(row)}
    context["at_work"] = row.status in ("received", "checking", "loading")
    if row.status == "checked":
        context["effects"] = effects_of_file(file=row, at=timezone.now())
    headings = {place: COLUMNS_BY_KEY[key] for place, key in enumerate(row.columns, start=1)}
    faults = row.faults.order_by("line", "column", "pk")[:SHOWN_FAULTS]
    context["faults"] = [(fault, headings.get(fault.column)) for fault in faults]
    return shown(request, "file", shown_faults=SHOWN_FAULTS, **context)


COLUMNS_BY_KEY = {column.key: column.heading for column in COLUMNS}


@require_POST
def file_act(request: HttpRequest, key: UUID) -> HttpResponse:
    """Load a checked file, stop one at work, go on with a stopped one, or throw one away."""
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    act(file=file_of(key), actor=actor_of(request), at=timezone.now())
    return redirect("applications:contract_file", key)


@require_GET
def file_faults(_request: HttpRequest, key: UUID) -> StreamingHttpResponse:
    """Send every fault as CSV with line, column, heading and sentence."""
    row = file_of(key)
    return spreadsheet(fault_rows(row, (get_language() or "ja")[:2]), f"faults-{row.uploaded_at:%Y%m%d}.csv")


def fault_rows(file: ContractFile, language: str) -> Iterator[list[object]]:
    """The faults, line by line, below their headings."""
    headings = dict(enumerate((COLUMNS_BY_KEY[key] for key in file.columns), start=1))
    yield [_("Line"), _("Column"), _("Heading"), _("What is wrong")]
    for fault in file.faults.order_by("line", "column", "pk").iterator(1000):
        yield [fault.line, fault.column or "", headings.get(fault.column, ""), fault.message.get(language, "")]


@require_GET
def file_sample(_request: HttpRequest) -> StreamingHttpResponse:
    """Send a file with the headings and one made-up line, to begin from."""
    headings, made_up = [column.heading for column in COLUMNS], [SAMPLE.get(column.key, "") for column in COLUMNS]
    return spreadsheet([[*headings], [*made_up]], "contracts-sample.csv")
