"""The examiner's queue: what waits, until when, who has it; by tab, by target system, by search, as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.actors import person_of
from accounts.paging import Page, Place
from applications.models import Application
from applications.selectors.pinned import SystemInForce, systems_in_force
from applications.selectors.queue import (
    DECIDED_STATES,
    OPEN_STATES,
    PAGE,
    SCOPES,
    Line,
    Wanted,
    lines_of,
    queue_page,
    search_page,
)
from applications.selectors.tallies import Tallies, Tally, tallies
from applications.selectors.timing import pace
from regulations.calendar import Calendar
from regulations.selectors import business_calendar

TABS: dict[str, str | Promise] = {
    "overdue": _("Overdue"),
    "today": _("Due today"),
    "mine": _("Mine"),
    "unclaimed": _("Nobody has them"),
    "waiting": _("Applicant to answer"),
    "approval": _("Waiting for approval"),
}
SORTS: dict[str, str | Promise] = {
    "due": _("Due first"),
    "received": _("Received first"),
    "newest": _("Received last"),
    "name": _("By reading"),
}
LONGEST_QUESTION = 100


@dataclass(frozen=True)
class Tab:
    """One tally above the list, which is the way to its tab."""

    scope: str
    label: str | Promise
    tally: Tally
    url: str
    current: bool


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits, by due time, or what a search finds; the tallies refresh themselves."""
    at, person, systems = timezone.now(), person_of(request), systems_in_force()
    wanted, calendar = wanted_of(request, systems), business_calendar()
    if wanted.text:
        page, hits = search_page(wanted=wanted)
    else:
        page, hits = queue_page(wanted=wanted, person=person, at=at), None
    counted = tallies(person=person, at=at, systems=[system.pk for system in systems])
    context: dict[str, Any] = {"wanted": wanted, "at": at, "hits": hits, "sorts": SORTS.items()}
    context["rows"] = [(line, business_left(line, at, calendar)) for line in lines_of(page.rows)]
    context |= {"tabs": tabs(wanted, counted), "shown": shown_of(wanted, counted)}
    context["systems"] = [(system, counted.systems[system.pk]) for system in systems]
    context |= {"states": (*OPEN_STATES, *DECIDED_STATES), "paging": paging_of(wanted, page)}
    context["pace"] = pace(calendar=calendar, at=at)
    return render(request, "applications/staff/queue.html", context)


def wanted_of(request: HttpRequest, systems: Sequence[SystemInForce]) -> Wanted:
    """Return what an address asks for; a word that is none says nothing."""
    typed = request.GET
    known = {system.slug: system for system in systems}
    scope, status, sort = typed.get("scope", ""), typed.get("status", ""), typed.get("sort", "")
    return Wanted(
        scope=scope if scope in SCOPES else "all",
        text=typed.get("q", "").replace("\x00", "").strip()[:LONGEST_QUESTION],
        status=status if status in (*OPEN_STATES, *DECIDED_STATES) else "",
        system=known.get(typed.get("target", "")),
        sort=sort if sort in SORTS else "due",
        place=Place.read(typed),
    )


def tabs(wanted: Wanted, counted: Tallies) -> list[Tab]:
    """Return the tabs; each keeps target system and order."""
    return [
        Tab(scope, label, counted.tabs[scope], address(wanted, scope=scope, status=""), wanted.tab == scope)
        for scope, label in TABS.items()
    ]


def shown_of(wanted: Wanted, counted: Tallies) -> Tally | None:
    """Return how many the list holds, where that is known without counting."""
    return None if wanted.narrowed else counted.tabs[wanted.scope]


def address(wanted: Wanted, **changed: str) -> str:
    """Return the address of the list that is wanted, with something changed."""
    slug = wanted.system.slug if wanted.system else ""
    said = {"scope": wanted.scope, "q": wanted.text, "status": wanted.status, "target": slug, "sort": wanted.sort}
    said |= changed
    usual = {"scope": "all", "sort": "due"}
    return "?" + urlencode({name: value for name, value in said.items() if value and value != usual.get(name)})


def paging_of(wanted: Wanted, page: Page[Application]) -> dict[str, object]:
    """Return the addresses that the paging component wants."""
    return {
        "first_url": address(wanted) if page.previous_key else "",
        "previous_url": address(wanted, before=page.previous_key) if page.previous_key else "",
        "next_url": address(wanted, after=page.next_key) if page.next_key else "",
        "last_url": address(wanted, last="1") if page.next_key and not wanted.text else "",
        "size": PAGE,
    }


def business_left(line: Line, at: datetime, calendar: Calendar) -> int | None:
    """Return how many business days an application has left."""
    due_at = line.application.due_at
    return calendar.business_days_left(at, due_at) if due_at else None
