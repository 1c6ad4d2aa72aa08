"""The register of contracts, and the page that shows what a moved end does before it is done (O-18, J-2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from accounts.paging import paging_of
from applications.forms.contracts import CompanyChangeForm, CompanyForm, ContractForm, MemberForm, PeriodForm
from applications.selectors.batches import systems_by_file
from applications.selectors.contract_effects import effects_of
from applications.selectors.contract_room import Room, room_of
from applications.views.decisions import done, faulty
from audit.refusals import NotFound
from regulations.models import Contract, ParentService
from regulations.periods import end_after, kind_of_change, state_of
from regulations.register_selectors import STATES, Sought, administered_by, contract_of, contract_page
from regulations.services import contracts as register
from regulations.services.periods import NewEnd, Source, end_violations, move_end

get_and_post = require_http_methods(["GET", "POST"])
FOLDER = "applications/contracts"


def shown(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """Render a page of this room; a form with faults answers 422."""
    form = context.get("form")
    wrong = isinstance(form, Form) and form.is_bound and bool(form.errors)
    return render(request, f"{FOLDER}/{template}.html", context, status=422 if wrong else 200)


@require_GET
def contract_list(request: HttpRequest) -> HttpResponse:
    """Search the register."""
    typed, at = request.GET, timezone.now()
    sought = Sought(
        typed.get("q", "")[:100], typed.get("service", ""), typed.get("state", ""), typed.get("after", "")[:100]
    )
    page = contract_page(sought=sought, at=at)
    rows = [(row, state_of(begins_at=row.begins_at, ends_at=row.ends_at, at=at)) for row in page.rows]
    context = {"rows": rows, "sought": sought, "states": STATES, "paging": paging_of(request, page.next_key)}
    return shown(request, "list", services=ParentService.objects.order_by("slug"), **context)


@get_and_post
def contract_new(request: HttpRequest) -> HttpResponse:
    """Enter a contract by hand."""
    form = ContractForm(request.POST or None)
    made: list[Contract] = []
    actor, at = actor_of(request), timezone.now()

    def enter() -> None:
        service = form.cleaned_data["parent_service"]
        entered = register.enter_contract(
            parent_service=service, company=form.company(), terms=form.terms(), actor=actor, at=at
        )
        made.append(entered)

    if request.POST and done(form, enter):
        messages.success(request, _("The contract was entered."))
        return redirect("applications:contract", made[0].pk)
    return shown(request, "new", form=form)


@require_GET
def contract(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show one contract."""
    room = room_of(contract=contract_of(key), at=timezone.now(), after=request.GET.get("after", ""))
    return show_room(request, room, MemberForm())


def show_room(request: HttpRequest, room: Room, form: MemberForm) -> HttpResponse:
    """Render a contract's page for staff."""
    return shown(request, "contract", room=room, form=form, paging=paging_of(request, room.next_key))


@get_and_post
def contract_period(request: HttpRequest, key: UUID) -> HttpResponse:
    """Extend, shorten or end a contract: what is wanted, what follows, then the act."""
    row, at = contract_of(key), timezone.now()
    form = PeriodForm.of(row, request.POST)
    if not request.POST or not form.is_valid():
        return shown(request, "period", contract=row, form=form)
    wanted = form.new_end()
    if faulty(form, end_violations(row, wanted.last_day, field="last_day")):
        return shown(request, "period", contract=row, form=form)
    source = Source("staff", form.cleaned_data["reason"])
    if request.POST.get("act") == "move" and done(
        form, lambda: move_end(contract=row, new_end=wanted, source=source, actor=actor_of(request), at=at)
    ):
        messages.success(request, _("The end of the contract was moved. Its subscribers are told."))
        return redirect("applications:contract", row.pk)
    return shown(request, "period", form=form, **period_preview(row, wanted, at))


def period_preview(row: Contract, wanted: NewEnd, at: datetime) -> dict[str, Any]:
    """Return what the page shows before an end moves."""
    after = end_after(wanted.last_day)
    return {
        "contract": row,
        "kind": kind_of_change(before=row.ends_at, after=after, at=at),
        "after": after,
        "last_day": wanted.last_day,
        "effects": effects_of(contract=row, before=row.ends_at, after=after, at=at),
        "at_once": after is not None and after <= at,
    }


@get_and_post
def contract_company(request: HttpRequest, key: UUID) -> HttpResponse:
    """Change the corporation's data and the note on the fee."""
    row = contract_of(key)
    start = CompanyForm.values_of(row.corporation) | {"fee_note": row.fee_note}
    form = CompanyChangeForm(request.POST if request.method == "POST" else None, initial=start)
    actor, at = actor_of(request), timezone.now()
    if request.POST and done(form, lambda: register.change_company(
        contract=row, company=form.company(), fee_note=form.cleaned_data["fee_note"], actor=actor, at=at
    )):  # fmt: skip
        messages.success(request, _("The change was saved."))
        return redirect("applications:contract", row.pk)
    return shown(request, "company", contract=row, form=form)


@require_POST
def contract_people(request: HttpRequest, key: UUID) -> HttpResponse:
    """Name a person of the contract, or change what they may do."""
    row, form = contract_of(key), MemberForm(request.POST)
    actor, at = actor_of(request), timezone.now()
    if done(form, lambda: register.name_member(contract=row, actor=actor, at=at, **form.cleaned_data)):
        messages.success(request, _("The person was named."))
        return redirect("applications:contract", row.pk)
    return show_room(request, room_of(contract=row, at=at), form)


@require_POST
def contract_person_end(request: HttpRequest, key: UUID, member: int) -> HttpResponse:
    """Take a person off the contract."""
    row = contract_of(key)
    person = row.members.filter(pk=member).first()
    if person is None:
        raise NotFound
    register.end_member(member=person, actor=actor_of(request), at=timezone.now())
    messages.success(request, _("The person was taken off the contract."))
    return redirect("applications:contract", row.pk)


@require_GET
def own_contracts(request: HttpRequest) -> HttpResponse:
    """List the contracts that the reader administers."""
    at = timezone.now()
    rows = [
        (row, state_of(begins_at=row.begins_at, ends_at=row.ends_at, at=at))
        for row in administered_by(person_of(request))
    ]
    return shown(request, "own_list", rows=rows)


@require_GET
def own_contract(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show the administrator their contract: members, subscriptions, what ends, what waits for whom."""
    row = administered_by(person_of(request)).filter(pk=key).first()
    if row is None:
        raise NotFound
    room = room_of(contract=row, at=timezone.now(), after=request.GET.get("after", ""))
    takes_files = bool(systems_by_file(row))
    return shown(request, "own", room=room, paging=paging_of(request, room.next_key), takes_files=takes_files)
