"""Pages of one's own account, and of the people of the office."""

from typing import cast
from uuid import UUID

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import invitations, selectors, services
from accounts.actors import actor_of, person_of
from accounts.forms import JoinForm, ProfileForm
from accounts.models import RoleGrant, StaffInvitation, User
from accounts.reviewing import ReviewRow, review_lines, reviewed
from accounts.roles import Role
from accounts.spreadsheets import spreadsheet
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated
from audit.services import record

# Where somebody's work begins, by role; the first that fits.
WORKPLACES = (
    (Role.EXAMINER, "applications:queue"),
    (Role.APPROVER, "applications:queue"),
    (Role.AGENT, "support_desk:workplace"),
    (Role.AUDITOR, "applications:stories"),
    (Role.RULES_MANAGER, "applications:contracts"),
    (Role.ADMINISTRATOR, "accounts:staff"),
    (Role.KEY_OFFICER, "certificates:orders"),
    (Role.RULES_MANAGER, "applications:texts"),
)


def at_fields(form: Form, error: RuleViolated) -> None:
    """Put what the rules found at the fields of the form."""
    for violation in error.violations:
        form.add_error(violation.field if violation.field in form.fields else None, str(violation.message))


def landing(request: HttpRequest) -> HttpResponse:
    """Lead somebody who has signed in to where their work begins."""
    roles = person_of(request).role_names()
    return redirect(next((page for role, page in WORKPLACES if role in roles), "applications:home"))


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change what the account says about its person."""
    person = person_of(request)
    columns = ("name", "name_reading", "name_latin", "phone", "language")
    form = ProfileForm(request.POST or None, initial={column: getattr(person, column) for column in columns})
    if request.method == "POST" and form.is_valid():
        services.change_profile(user=person, columns=form.cleaned_data, actor=actor_of(request), at=timezone.now())
        messages.success(request, _("Your data was saved."))
        response = redirect("accounts:profile")
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            form.cleaned_data["language"],
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
        return response
    return render(request, "accounts/profile.html", {"form": form, "person": person}, status=_status(form))


def staff(request: HttpRequest) -> HttpResponse:
    """List the people of the office and the open invitations."""
    at = timezone.now()
    page = {"rows": selectors.staff(), "invitations": selectors.open_invitations(at), "me": person_of(request)}
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
    page = {"row": row, "roles": _labels(row), "held": selectors.grants_of(row.email), "at": at, "me": request.user}
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
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Let somebody who was invited set name and password."""
    try:
        invitation = invitations.open_invitation(token=token, at=timezone.now())
    except NotFound:
        return render(request, "accounts/join_over.html", status=404)
    known = User.objects.filter(email=invitation.email).exists()
    form = JoinForm(request.POST or None, email=invitation.email, initial={"name": invitation.name})
    if request.method == "POST" and (known or form.is_valid()):
        return _joined(request, invitation, form, known=known)
    page = {"form": form, "invitation": invitation, "known": known, "roles": _labels(invitation)}
    return render(request, "accounts/join.html", page, status=_status(form))


def _joined(request: HttpRequest, invitation: StaffInvitation, form: JoinForm, *, known: bool) -> HttpResponse:
    told = {} if known else form.cleaned_data
    newcomer = invitations.Newcomer(
        name=told.get("name", invitation.name),
        password=told.get("password1", ""),
        name_reading=told.get("name_reading", ""),
        phone=told.get("phone", ""),
        language=(get_language() or "ja")[:2],
    )
    user = invitations.join(invitation=invitation, newcomer=newcomer, at=timezone.now())
    if known:
        messages.success(request, _("The roles were added to your account. Sign in to use them."))
        return redirect("account_login")
    return cast("HttpResponse", perform_login(request, user, email_verification="none", redirect_url="/people/"))


def _labels(invitation: StaffInvitation) -> list[str]:
    return [str(Role(role).label) for role in invitation.roles]


def _status(form: Form) -> int:
    return 422 if form.is_bound and form.errors else 200
