"""Pages of administrators: who works here, who is to, who lost their way in, and the report on roles."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import invitations, selectors, services, ways_back
from accounts.actors import actor_of, person_of
from accounts.forms import WayBackForm
from accounts.models import AccountChange, RoleGrant, StaffInvitation
from accounts.reviewing import ReviewRow, review_lines, reviewed
from accounts.spreadsheets import spreadsheet
from accounts.views import at_fields, role_labels, status_of
from audit.acts import Act
from audit.refusals import RuleViolated
from audit.services import record


def staff(request: HttpRequest) -> HttpResponse:
    """List the people of the office and the open invitations."""
    at = timezone.now()
    page = {
        "rows": selectors.staff(),
        "invitations": selectors.open_invitations(at),
        "changes": AccountChange.objects.open(at).select_related("user", "proposed_by").order_by("-proposed_at"),
        "me": person_of(request),
    }
    return render(request, "accounts/staff.html", page)


@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show what an administrator proposed; another one confirms it, and everybody may take it back."""
    row = get_object_or_404(StaffInvitation.objects.select_related("invited_by", "confirmed_by"), pk=key)
    actor, at = actor_of(request), timezone.now()
    if request.method == "POST":
        if request.POST.get("answer") == "decline":
            invitations.decline(invitation=row, actor=actor, at=at)
            messages.success(request, _("The invitation is over. Nobody got a role by it."))
        else:
            invitations.confirm(invitation=row, site_url=settings.SITE_URL, actor=actor, at=at)
            messages.success(request, _("The invitation was sent. Its link is valid for three days."))
        return redirect("accounts:staff")
    page = {"row": row, "roles": role_labels(row), "held": selectors.grants_of(row.email), "at": at, "me": request.user}
    return render(request, "accounts/invitation.html", page)


def review(request: HttpRequest) -> HttpResponse:
    """Show who holds which role since when, by whom, and what of it should be looked at."""
    return render(request, "accounts/review.html", {"rows": _reviewed(request), "at": timezone.now()})


def review_file(request: HttpRequest) -> StreamingHttpResponse:
    """Send the report on roles for a spreadsheet."""
    return spreadsheet(review_lines(_reviewed(request)), f"roles-{timezone.localdate():%Y%m%d}.csv")


def _reviewed(request: HttpRequest) -> list[ReviewRow]:
    actor, at = services.authorise(actor=actor_of(request), act=Act.STAFF_REVIEW), timezone.now()
    rows = reviewed(at)
    record(act=Act.STAFF_REVIEW, actor=actor, at=at, details={"rows": len(rows)})
    return rows


@require_http_methods(["GET", "POST"])
def end_role(request: HttpRequest, grant: int) -> HttpResponse:
    """Show what ending a role does, and end it."""
    row = get_object_or_404(RoleGrant.objects.held().select_related("user"), pk=grant)
    if request.method == "POST":
        services.end_role(grant=row, actor=actor_of(request), at=timezone.now())
        messages.success(request, _("The role was ended."))
        return redirect("accounts:staff")
    return render(request, "accounts/end_role.html", {"grant": row})


@require_http_methods(["GET", "POST"])
def way_back(request: HttpRequest) -> HttpResponse:
    """Propose to remove a lost second factor or to change a lost mail address."""
    form = WayBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ways_back.propose(wish=ways_back.Wish(**form.cleaned_data), actor=actor_of(request), at=timezone.now())
        except RuleViolated as error:
            at_fields(form, error)
        else:
            messages.success(request, _("Proposed. Another administrator has to confirm it."))
            return redirect("accounts:staff")
    return render(request, "accounts/way_back.html", {"form": form}, status=status_of(form))


@require_http_methods(["GET", "POST"])
def account_change(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show what is to change in an account; another administrator confirms it, or it is declined."""
    row = get_object_or_404(AccountChange.objects.select_related("user", "proposed_by", "confirmed_by"), pk=key)
    actor, at = actor_of(request), timezone.now()
    if request.method == "POST":
        if request.POST.get("answer") == "decline":
            ways_back.decline(change=row, actor=actor, at=at)
            messages.success(request, _("Declined. Nothing was changed."))
        else:
            ways_back.confirm(change=row, site_url=settings.SITE_URL, actor=actor, at=at)
            messages.success(request, _("Done. The person was told by mail."))
        return redirect("accounts:staff")
    return render(request, "accounts/account_change.html", {"row": row, "at": at, "me": person_of(request)})
