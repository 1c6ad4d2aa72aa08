"""The examiner's queue: what waits, until when, who has it; by tab, by target system, by search, as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.actors import person_of, roles_of
from accounts.models import User
from accounts.paging import Page, Place
from accounts.roles import Role
from applications.models import Application
from applications.selectors.pinned import SystemInForce, systems_in_force
from applications.selectors.queue import (
    DECIDED_STATES,
    OPEN_STATES,
    PAGE,
    SCOPES,
    Line,
    Wanted,
    arrived,
    lines_of,
    page_of,
)
from applications.selectors.tallies import Tallies, Tally, tallies
from applications.selectors.timing import pace
from applications.services.handing import IN_HAND
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
MOST_IN_FILE = 10_000
FILTERS = ("scope", "q", "status", "target", "sort")


@dataclass(frozen=True)
class Tab:
    """A count above the list, which is the way to what it counts: a tab, or what is open of a target system."""

    scope: str
    label: str | Promise | dict[str, str]
    tally: Tally
    url: str
    current: bool


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits, by due time, or what a search finds; new rows announce themselves above it."""
    at, person, systems = timezone.now(), person_of(request), systems_in_force()
    wanted, calendar = wanted_of(request, systems), business_calendar()
    page, partly = page_of(wanted=wanted, person=person, at=at)
    context, roles = above(request, wanted, systems, at, calendar), roles_of(request)
    lines = lines_of(page.rows)
    context["rows"] = [(line, business_left(line, at, calendar), acts_on(line, person, roles)) for line in lines]
    context |= {"partly": partly, "paging": paging_of(wanted, page), "sorts": SORTS.items(), "since": at.isoformat()}
    context |= {"states": (*OPEN_STATES, *DECIDED_STATES), "shown": shown_of(wanted, page, context["counted"])}
    context |= {
        "query": address(wanted).removeprefix("?"),
        "here": request.GET.urlencode(),
        "most_in_file": MOST_IN_FILE,
    }
    return render(request, "applications/staff/queue.html", context)


@require_GET
def news(request: HttpRequest) -> HttpResponse:
    """Answer a page that is open: the tallies as they are now, and how many rows came into its list since."""
    at, systems = timezone.now(), systems_in_force()
    wanted = wanted_of(request, systems)
    context = above(request, wanted, systems, at, business_calendar())
    since = instant_of(request.GET.get("since", "")) or at
    context["arrived"] = arrived(wanted=wanted, person=person_of(request), at=at, since=since)
    context |= {"since": since.isoformat(), "query": address(wanted).removeprefix("?"), "most": PAGE}
    return render(request, "applications/staff/queue_news.html", context)


def above(
    request: HttpRequest, wanted: Wanted, systems: Sequence[SystemInForce], at: datetime, calendar: Calendar
) -> dict[str, Any]:
    """Return what stands above the list: the tabs with their counts, the target systems, the pace."""
    counted = tallies(person=person_of(request), at=at, systems=[system.pk for system in systems])
    return {
        "wanted": wanted,
        "at": at,
        "counted": counted,
        "tabs": tabs(wanted, counted, roles_of(request)),
        "systems": systems,
        "chips": chips(wanted, counted, systems),
        "pace": pace(calendar=calendar, at=at),
    }


def instant_of(text: str) -> datetime | None:
    """Return the instant that an address names, or None."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def acts_on(line: Line, person: User, roles: frozenset[str]) -> tuple[str, ...]:
    """Return what the reader may do with a line in the list; on the case page there is more."""
    row = line.application
    if row.applicant_id == person.pk:
        return ()
    if row.status == "submitted":
        return ("claim",) if Role.EXAMINER in roles else ()
    if row.status not in IN_HAND or not row.examiner_id:
        return ()
    if line.held_by(person):
        return ("release", "hand_over") if row.status == "examining" else ("hand_over",)
    return ("hand_over",) if Role.APPROVER in roles else ()


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


def tabs(wanted: Wanted, counted: Tallies, roles: frozenset[str]) -> list[Tab]:
    """Return the tabs of somebody with these roles; each keeps target system and order."""
    return [
        Tab(scope, label, counted.tabs[scope], address(wanted, q="", scope=scope, status=""), wanted.tab == scope)
        for scope, label in TABS.items()
        if scope != "mine" or Role.EXAMINER in roles
    ]


def chips(wanted: Wanted, counted: Tallies, systems: Sequence[SystemInForce]) -> list[Tab]:
    """Return the target systems with what is open in each, after all of them."""
    everything = Tab(
        "",
        _("All"),
        counted.tabs["all"],
        address(wanted, q="", scope="all", status="", target=""),
        current=False,
    )
    named = [
        Tab(
            system.slug,
            system.name,
            counted.systems[system.pk],
            address(wanted, q="", scope="all", status="", target=system.slug),
            wanted.system == system,
        )
        for system in systems
    ]
    return [everything, *named]


def shown_of(wanted: Wanted, page: Page[Application], counted: Tallies) -> Tally | None:
    """Return how many the list holds, where that is known without counting."""
    if not page.next_key and not page.previous_key:
        return Tally(len(page.rows))
    return None if wanted.narrowed else counted.tabs[wanted.scope]


def list_again(request: HttpRequest, application: Application) -> HttpResponse:
    """Send the reader back to the list they came from, to the line in question."""
    typed = QueryDict(request.POST.get("list", "")[:1000])
    known = {name: typed[name] for name in (*FILTERS, "after", "before", "last") if typed.get(name)}
    return redirect(f"{reverse('applications:queue')}?{urlencode(known)}#row-{application.pk}")


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
