"""The examiner's queue: what waits, until when, who has it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.actors import person_of
from accounts.paging import paging_of
from applications.selectors.queue import DECIDED_STATES, OPEN_STATES, PAGE, Wanted, queue_page, tallies
from applications.selectors.timing import pace
from regulations.models import TargetSystem
from regulations.selectors import business_calendar


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits, by due time; the tallies refresh themselves."""
    at, person, typed = timezone.now(), person_of(request), request.GET
    wanted = Wanted(
        scope=typed.get("scope", "all"),
        text=typed.get("q", "")[:100],
        status=typed.get("status", ""),
        target_system=typed.get("target", ""),
        after=typed.get("after", ""),
    )
    page, calendar = queue_page(wanted=wanted, person=person, at=at), business_calendar()
    rows = [(row, calendar.business_days_left(at, row.due_at) if row.due_at else None) for row in page.rows]
    context = {"rows": rows, "tallies": tallies(person=person, at=at), "wanted": wanted, "at": at, "open": OPEN_STATES}
    context |= {"paging": paging_of(request, page.next_key, size=PAGE), "states": (*OPEN_STATES, *DECIDED_STATES)}
    context["pace"] = pace(calendar=calendar, at=at)
    context["targets"] = [system.version_in_force() for system in TargetSystem.objects.in_force()]
    return render(request, "applications/staff/queue.html", context)
