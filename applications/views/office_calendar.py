"""The business calendar and planned suspensions: looked at by staff, kept by the rules manager (O-1.7, O-6, O-8.3)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of
from applications.forms.contracts import ClosureForm, SuspensionForm
from applications.services import calendar as due_times
from applications.views.contracts import shown
from applications.views.decisions import done, faulty
from audit.refusals import NotFound
from certificates.models import Order
from regulations.calendar import tokyo
from regulations.closed_days import closed_days_of, year_of
from regulations.models import Closure, Suspension
from regulations.ruleset import LocalText
from regulations.services import closures, suspensions

FIRST_YEAR, LAST_YEAR = 2000, 2050
get_and_post = require_http_methods(["GET", "POST"])


@require_GET
def office_calendar(request: HttpRequest) -> HttpResponse:
    """Show a year with its closed days and why they are."""
    today = tokyo(timezone.now()).date()
    typed = request.GET.get("year", "")
    year = (
        min(max(int(typed), FIRST_YEAR), LAST_YEAR)
        if typed.isascii() and typed.isdigit() and len(typed) == 4
        else today.year
    )
    closures = {row.day: row for row in Closure.objects.all()}
    reasons = {day: row.reason for day, row in closures.items()}
    rows = [(day, kind, words, closures.get(day)) for day, kind, words in closed_days_of(year, reasons)]
    months = year_of(year, reasons, today)
    context: dict[str, Any] = {"year": year, "months": months, "closed": rows, "today": today}
    context["earlier"] = year - 1 if year > FIRST_YEAR else None
    context["later"] = year + 1 if year < LAST_YEAR else None
    return shown(request, "calendar", days=sum(month.business_days for month in months), **context)


@get_and_post
def calendar_close(request: HttpRequest) -> HttpResponse:
    """Close the office on a day: which due times move is shown first."""
    form, at = ClosureForm(request.POST or None), timezone.now()
    if not request.POST or not form.is_valid():
        return shown(request, "close_day", form=form)
    day = form.cleaned_data["day"]
    if faulty(form, closures.day_violations(day, at)):
        return shown(request, "close_day", form=form)
    reason = LocalText(ja=form.cleaned_data["reason_ja"], en=form.cleaned_data["reason_en"])
    if request.POST.get("act") == "close" and done(
        form, lambda: due_times.close_day(day=day, reason=reason, actor=actor_of(request), at=at)
    ):
        messages.success(request, _("The day is closed. Due times have moved."))
        return redirect("applications:calendar")
    return shown(request, "close_day", form=form, moved=due_times.effects_of_closing(day=day, at=at), day=day)


@require_POST
def calendar_open(request: HttpRequest, key: int) -> HttpResponse:
    """Take a closure back."""
    closure = Closure.objects.filter(pk=key).first()
    if closure is None:
        raise NotFound
    due_times.open_day(closure=closure, actor=actor_of(request), at=timezone.now())
    messages.success(request, _("The day is a business day again. Due times have moved back."))
    return redirect("applications:calendar")


@get_and_post
def suspension_list(request: HttpRequest) -> HttpResponse:
    """List suspensions and announce one; what it stops and what goes on is shown first."""
    form, at = SuspensionForm(request.POST or None), timezone.now()
    context: dict[str, Any] = {"rows": Suspension.objects.order_by("-begins_at")[:20], "at": at}
    if not request.POST or not form.is_valid():
        return shown(request, "suspensions", form=form, **context)
    reason = LocalText(ja=form.cleaned_data["reason_ja"], en=form.cleaned_data["reason_en"])
    begins_at, ends_at = form.begins_at(), form.ends_at()
    if faulty(form, list(suspensions.window_violations(begins_at, ends_at, at))):
        return shown(request, "suspensions", form=form, **context)
    if request.POST.get("act") == "announce" and done(form, lambda: suspensions.announce(
        begins_at=begins_at, ends_at=ends_at, reason=reason, actor=actor_of(request), at=at
    )):  # fmt: skip
        messages.success(request, _("The suspension was announced on the site."))
        return redirect("applications:suspensions")
    waiting = Order.objects.filter(status="queued").count()
    return shown(request, "suspensions", form=form, begins_at=begins_at, ends_at=ends_at, waiting=waiting, **context)


@require_POST
def suspension_end(request: HttpRequest, key: int) -> HttpResponse:
    """End a suspension now, or take back one that has not begun."""
    suspension = Suspension.objects.filter(pk=key).first()
    if suspension is None:
        raise NotFound
    suspensions.end_early(suspension=suspension, actor=actor_of(request), at=timezone.now())
    messages.success(request, _("The suspension was ended."))
    return redirect("applications:suspensions")
