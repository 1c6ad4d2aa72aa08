"""Inviting people to the office, and locking out who leaves: pages that know cases in hand."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import invitations
from accounts.actors import actor_of
from accounts.forms import InvitationForm, LeavingForm
from accounts.models import RoleGrant, User
from accounts.views import at_fields
from applications.services import leaving
from audit.refusals import RuleViolated

get_and_post = require_http_methods(["GET", "POST"])


@get_and_post
def invite(request: HttpRequest) -> HttpResponse:
    """Propose somebody for a post in the office."""
    form = InvitationForm(request.POST or None, initial=_known(request.GET.get("person", "")))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        post = invitations.Post(data["roles"], reason=data["reason"])
        try:
            invitations.invite(
                email=data["email"], name=data["name"], post=post, actor=actor_of(request), at=timezone.now()
            )
        except RuleViolated as error:
            at_fields(form, error)
        else:
            messages.success(request, _("Proposed. Another administrator confirms it, then the mail goes out."))
            return redirect("accounts:staff")
    return render(request, "accounts/invite.html", {"form": form}, status=422 if form.errors else 200)


@get_and_post
def lock_out(request: HttpRequest, person: UUID) -> HttpResponse:
    """Show what happens to somebody who leaves, and lock them out."""
    staff = User.objects.filter(is_active=True, grants__in=RoleGrant.objects.held()).distinct()
    user = get_object_or_404(staff, pk=person)
    form = LeavingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            leaving.lock(user=user, reason=form.cleaned_data["reason"], actor=actor_of(request), at=timezone.now())
        except RuleViolated as error:
            at_fields(form, error)
        else:
            messages.success(request, _("%(name)s is locked out everywhere.") % {"name": user.name})
            return redirect("accounts:staff")
    page = {"form": form, "person": user, "grants": list(user.grants.held().order_by("role"))}
    return render(request, "accounts/lock_out.html", page, status=422 if form.errors else 200)


def _known(key: str) -> dict[str, object]:
    """Return what the form begins with when somebody's roles are to be changed."""
    try:
        person = User.objects.filter(pk=UUID(key), grants__in=RoleGrant.objects.held()).first()
    except ValueError:
        person = None
    return {"email": person.email, "name": person.name} if person else {}
