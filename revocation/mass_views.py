"""Pages of mass revocations: propose with a dry run, approve as another person, watch, stop and go on."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from accounts.views import at_fields
from audit.refusals import RuleViolated
from revocation import mass_rules
from revocation.grounds import GROUNDS
from revocation.mass_forms import MassForm
from revocation.mass_models import MassMember, MassRevocation
from revocation.services import mass as services
from revocation.services.mass import Selection
from revocation.states import MASS

SHOWN = 200


@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Say which certificates and why; the dry run follows on the page of its own."""
    form = MassForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        selection = Selection(form.all_numbers(), form.source(), said["target_system"], said["contract"])
        try:
            made = services.propose(
                selection=selection,
                ground=said["ground"],
                statement=said["statement"],
                actor=actor_of(request),
                at=timezone.now(),
            )
            return redirect("revocation:mass", made.pk)
        except RuleViolated as error:
            at_fields(form, error)
    newest = MassRevocation.objects.select_related("made_by").order_by("-made_at")[:20]
    page = {"form": form, "newest": newest}
    return render(request, "revocation/mass_new.html", page, status=422 if form.errors else 200)


@require_GET
def mass(request: HttpRequest, mass_id: UUID) -> HttpResponse:
    """What is revoked, what is left out and why, how far it is."""
    found = get_object_or_404(MassRevocation.objects.select_related("made_by", "approved_by"), pk=mass_id)
    return render(request, "revocation/mass.html", _facts(request, found))


@require_POST
def approve(request: HttpRequest, mass_id: UUID) -> HttpResponse:
    """Let it run."""
    return _act(request, mass_id, services.approve, _("The revocations are running."))


@require_POST
def discard(request: HttpRequest, mass_id: UUID) -> HttpResponse:
    """Throw the proposal away."""
    return _act(request, mass_id, services.discard, _("The proposal was thrown away. Nothing was revoked."))


@require_POST
def stop(request: HttpRequest, mass_id: UUID) -> HttpResponse:
    """Stop before the next batch."""
    return _act(request, mass_id, services.stop, _("Stopped. What is revoked already stays revoked."))


@require_POST
def resume(request: HttpRequest, mass_id: UUID) -> HttpResponse:
    """Go on."""
    return _act(request, mass_id, services.resume, _("The revocations go on."))


def _act(request: HttpRequest, mass_id: UUID, service: Callable[..., MassRevocation], said: str) -> HttpResponse:
    found = get_object_or_404(MassRevocation, pk=mass_id)
    try:
        service(mass=found, actor=actor_of(request), at=timezone.now())
    except RuleViolated as error:
        messages.error(request, str(error.violations[0].message))
    else:
        messages.success(request, said)
    return redirect("revocation:mass", mass_id)


def _facts(request: HttpRequest, found: MassRevocation) -> dict[str, object]:
    counts = dict(found.members.values_list("status").annotate(n=Count("pk")))
    chosen, revoked, skipped = (counts.get(status, 0) for status in ("chosen", "revoked", "skipped"))
    total = chosen + revoked + skipped
    left = [(mass_rules.WHY[why], n) for why, n in _left_out(found)]
    return {
        "mass": found,
        "ground": GROUNDS[found.ground],
        "total": total,
        "done": revoked + skipped,
        "skipped": skipped,
        "percent": 100 * (revoked + skipped) // total if total else 100,
        "left_counts": left,
        "left_lines": [(row, mass_rules.WHY[row.why]) for row in _lines(found, "left_out")],
        "lines": _lines(found, "chosen", "revoked", "skipped"),
        "shown": SHOWN,
        "acts": [move.act.value.partition(":")[2] for move in MASS.moves if found.status in move.sources],
        "mine": found.made_by_id == person_of(request).pk,
    }


def _left_out(found: MassRevocation) -> list[tuple[str, int]]:
    return list(found.members.filter(status="left_out").values_list("why").annotate(n=Count("pk")).order_by("why"))


def _lines(found: MassRevocation, *statuses: str) -> list[MassMember]:
    rows = found.members.filter(status__in=statuses).select_related("certificate").defer("certificate__der")
    return list(rows.order_by("id")[:SHOWN])
