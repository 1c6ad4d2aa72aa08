"""The auditor's pages about proof: seals, one record with its proof, records by criterion (J-3.1, O-20)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

import audit.verifier
from accounts.actors import actor_of
from accounts.fields import TypedDay
from accounts.spreadsheets import spreadsheet
from applications.rules.criteria import BY_KEY
from applications.selectors.criteria import records_for, tallies
from applications.selectors.stories import Line, record_of
from applications.services.looking import read_evidence, take_evidence, take_proof
from audit.exporting import export
from audit.models import Event, Seal, SealKey
from audit.proving import is_signed
from audit.sealing import newest, what_waits
from audit.verifier import head_hash
from regulations.calendar import tokyo

PAGE = 20
DAYS = 365


@require_GET
def seals(request: HttpRequest) -> HttpResponse:
    """Show the newest seals, the keys to be trusted, and how an export is checked elsewhere."""
    before = request.GET.get("before", "")[:18]
    rows = Seal.objects.select_related("key").order_by("-number")
    rows = rows.filter(number__lt=int(before)) if before.isdecimal() else rows
    found = list(rows[: PAGE + 1])
    read_evidence(what={"seals": before or "newest"}, actor=actor_of(request), at=timezone.now())
    next_url = f"?before={found[PAGE - 1].number}" if len(found) > PAGE else ""
    context = {
        "rows": [(seal, head_hash(seal.head()), is_signed(seal)) for seal in found[:PAGE]],
        "paging": {"next_url": next_url, "first_url": "?" if before.isdecimal() else "", "size": PAGE},
        "newest": newest(),
        "waiting": what_waits(),
        "keys": SealKey.objects.order_by("-created_at"),
        "at": timezone.now(),
    }
    return render(request, "applications/staff/seals.html", context)


@require_GET
def evidence_file(request: HttpRequest) -> StreamingHttpResponse:
    """Send the whole evidence as lines of JSON, without what the records say; who took it is on record."""
    take_evidence(what={"file": "evidence"}, actor=actor_of(request), at=timezone.now())
    response = StreamingHttpResponse(export(details=False), content_type="application/jsonl; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="evidence-{tokyo(timezone.now()):%Y%m%d-%H%M}.jsonl"'
    return response


@require_GET
def verifier(_request: HttpRequest) -> FileResponse:
    """Send the program that checks exports and proofs elsewhere."""
    path = Path(audit.verifier.__file__)
    return FileResponse(path.open("rb"), as_attachment=True, filename="verifier.py", content_type="text/x-python")


@require_GET
def record(request: HttpRequest, key: int) -> HttpResponse:
    """Show one record, its place among the seals, and its proof to take away."""
    line = record_of(key)
    if line is None:
        raise Http404
    read_evidence(what={"record": str(key)}, story=line.event.story, actor=actor_of(request), at=timezone.now())
    seal = Seal.objects.select_related("key").filter(number=line.standing.seal).first()
    return render(request, "applications/staff/record.html", {"line": line, "seal": seal, "at": timezone.now()})


@require_GET
def proof(request: HttpRequest, key: int) -> HttpResponse:
    """Send the proof of one record; `details=1` adds what it says, with the salt that binds it."""
    event = Event.objects.filter(pk=key).first()
    if event is None:
        raise Http404
    details = request.GET.get("details") == "1"
    made = take_proof(event=event, details=details, actor=actor_of(request), at=timezone.now())
    text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="proof-{key}.json"'
    return response


@require_GET
def criteria(request: HttpRequest) -> HttpResponse:
    """Show for each criterion what the records show, what they can't, and how many there are in a period."""
    since, until = period_of(request)
    faulty = bool(since.fault or until.fault)
    context: dict[str, object] = {"since": since, "until": until, "faulty": faulty}
    if since.day and until.day and not faulty:
        what = {"since": since.typed, "until": until.typed, "criteria": "all"}
        read_evidence(what=what, actor=actor_of(request), at=timezone.now())
        context["rows"] = tallies(since.day, until.day)
        context["query"] = urlencode({"since": since.typed, "until": until.typed})
    return render(request, "applications/staff/criteria.html", context, status=422 if faulty else 200)


@require_GET
def criterion_file(request: HttpRequest, key: str) -> HttpResponseBase:
    """Send the records of one criterion as a file for spreadsheets; who took it is on record."""
    criterion = BY_KEY.get(key)
    if criterion is None:
        raise Http404
    since, until = period_of(request)
    if since.day is None or until.day is None or since.fault or until.fault:
        return redirect(f"{reverse('applications:criteria')}?{request.GET.urlencode()}")
    what = {"criterion": key, "since": since.typed, "until": until.typed}
    take_evidence(what=what, actor=actor_of(request), at=timezone.now())
    name = f"records-{key}-{since.day:%Y%m%d}-{until.day:%Y%m%d}.csv"
    return spreadsheet(cells_of(records_for(criterion, since.day, until.day)), name)


def period_of(request: HttpRequest) -> tuple[TypedDay, TypedDay]:
    """Return the period that the address names; the last year where it names none."""
    today = tokyo(timezone.now()).date()
    since = TypedDay.read("since", request.GET.get("since") or (today - timedelta(days=DAYS)).isoformat())
    until = since.until(TypedDay.read("until", request.GET.get("until") or today.isoformat()))
    return since, until


def cells_of(lines: Iterable[Line]) -> Iterator[list[object]]:
    """Yield the headings, and the cells of each record; people on the applicant's side stay masked."""
    yield [
        _("Time (Tokyo)"), _("Act"), _("Tag"), _("Outcome"), _("Who"), _("Role"), _("From where"), _("About"), _("Key"),
        _("Story"), _("Before"), _("After"), _("Seal"), _("Position"), _("Record"),
    ]  # fmt: skip
    for line in lines:
        event = line.event
        yield [
            f"{tokyo(event.at):%Y-%m-%d %H:%M:%S}", line.words, event.act, event.outcome, line.who, event.role,
            event.origin, event.subject_type, event.subject_id, event.story or "", event.before, event.after,
            line.standing.seal or "", line.standing.position if line.standing.seal else "", event.uid,
        ]  # fmt: skip
