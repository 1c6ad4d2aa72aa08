"""The office's pages of campaigns: count first, prepare, let another person start, watch, stop, go on (O-19.2.6)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from accounts.paging import page_by_key, paging_of
from applications.campaigns import Campaign
from applications.forms.campaigns import CampaignForm
from applications.forms.texts import put_at
from applications.selectors import campaigns as selectors
from applications.services import campaigns
from audit.refusals import RuleViolated
from regulations.models import TargetSystem
from regulations.ruleset_words import listed as listed_words
from regulations.ruleset_words import said

SHOWN = 50


def campaign_of(key: UUID) -> Campaign:
    """Return a campaign with what its page shows, or answer 404."""
    return get_object_or_404(selectors.campaigns(), pk=key)


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Show the campaigns, the newest first, each with its progress."""
    names = {row.slug: row.version_in_force().ruleset.name for row in TargetSystem.objects.in_force()}
    rows = [
        (row, names.get(row.target_system.slug, row.target_system.slug), selectors.progress_of(row))
        for row in selectors.campaigns()[:SHOWN]
    ]
    return render(request, "applications/campaigns/list.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest) -> HttpResponse:
    """Choose whom it is about and see how many that are; then write it down for another person to start."""
    form = CampaignForm(request.POST if request.method == "POST" else None)
    page: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            return _counted_or_prepared(request, form, page)
        except RuleViolated as refused:
            put_at(form, refused)
    return render(request, "applications/campaigns/new.html", page, status=422 if form.errors else 200)


def new_keys(target_system: TargetSystem) -> str:
    """Return in words for which keys the rules in force make certificates."""
    ruleset = selectors.rules_for(target_system)
    return listed_words("key_types", ruleset.profile.key_types) if ruleset else ""


def _counted_or_prepared(request: HttpRequest, form: CampaignForm, page: dict[str, object]) -> HttpResponse:
    """Write the campaign down, or show the count first; what is in its way is said before the count."""
    at, population = timezone.now(), form.population()
    rate: int = form.cleaned_data["per_minute"]
    facts = {"message": form.message(), "answer_by": form.answer_by_day(), "per_minute": rate}
    if request.POST.get("act") == "prepare":
        made = campaigns.prepare(population=population, actor=actor_of(request), at=at, **facts)  # type: ignore[arg-type]
        messages.success(request, _("Prepared. Another rules manager has to start it."))
        return redirect("applications:campaign", made.pk)
    faults = campaigns.campaign_violations(population=population, at=at, **facts)  # type: ignore[arg-type]
    if faults:
        raise RuleViolated(faults)
    count = population.certificates(at).count()
    page |= {"count": count, "minutes": -(-count // rate), "new_keys": new_keys(population.target_system)}
    return render(request, "applications/campaigns/new.html", page)


@require_GET
def show(request: HttpRequest, key: UUID) -> HttpResponse:
    """How far a campaign is, and how each certificate stands."""
    return _shown(request, campaign_of(key))


def _shown(request: HttpRequest, row: Campaign, refused: RuleViolated | None = None) -> HttpResponse:
    only, at = request.GET.get("only", ""), timezone.now()
    found = page_by_key(selectors.members_of(row, only), after=request.GET.get("after", ""))
    prepared = row.status == "prepared"
    page = {
        "campaign": row,
        "progress": selectors.progress_of(row),
        "count": selectors.population_of(row).certificates(at).count() if prepared else 0,
        "ruleset": selectors.rules_for(row.target_system),
        "old_key": said("key_types", row.key_type) if row.key_type else "",
        "new_keys": new_keys(row.target_system),
        "rows": found.rows,
        "paging": paging_of(request, found.next_key),
        "only": only if only in selectors.STATUSES else "",
        "me": person_of(request).pk,
        "refusals": refused.violations if refused else [],
        "at": at,
    }
    return render(request, "applications/campaigns/show.html", page, status=422 if refused else 200)


def _done(request: HttpRequest, key: UUID, act: Callable[..., Campaign]) -> HttpResponse:
    """Do `act` to a campaign and go back to its page, which says what was refused."""
    row = campaign_of(key)
    try:
        act(campaign=row, actor=actor_of(request), at=timezone.now())
    except RuleViolated as refused:
        return _shown(request, row, refused)
    return redirect("applications:campaign", key)


@require_POST
def start(request: HttpRequest, key: UUID) -> HttpResponse:
    """Start what another person prepared."""
    return _done(request, key, campaigns.start)


@require_POST
def discard(request: HttpRequest, key: UUID) -> HttpResponse:
    """Throw away what was prepared."""
    return _done(request, key, campaigns.discard)


@require_POST
def stop(request: HttpRequest, key: UUID) -> HttpResponse:
    """Make no more offers for now."""
    return _done(request, key, campaigns.stop)


@require_POST
def resume(request: HttpRequest, key: UUID) -> HttpResponse:
    """Go on with a campaign that was stopped."""
    return _done(request, key, campaigns.resume)
