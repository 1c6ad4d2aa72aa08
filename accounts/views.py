"""Pages of one's own account, and of the people of the office."""

from typing import cast

from allauth.account.utils import perform_login
from allauth.account.views import email as allauth_email
from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import invitations, services
from accounts.actors import actor_of, person_of
from accounts.forms import JoinForm, ProfileForm
from accounts.models import StaffInvitation, User
from accounts.roles import Role
from audit.refusals import NotFound, RuleViolated, Violation

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


@require_http_methods(["GET", "POST"])
def addresses(request: HttpRequest) -> HttpResponse:
    """Let people manage their mail addresses; for somebody of the office two administrators do it (O-19)."""
    if request.method == "POST" and person_of(request).is_staff_member:
        raise RuleViolated(
            [Violation(None, "by_two", _("The address of somebody of the office is changed by two administrators."))]
        )
    return cast("HttpResponse", allauth_email(request))


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
    return render(request, "accounts/profile.html", {"form": form, "person": person}, status=status_of(form))


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
    page = {"form": form, "invitation": invitation, "known": known, "roles": role_labels(invitation)}
    return render(request, "accounts/join.html", page, status=status_of(form))


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


def role_labels(invitation: StaffInvitation) -> list[str]:
    """Return the roles of an invitation in words."""
    return [str(Role(role).label) for role in invitation.roles]


def status_of(form: Form) -> int:
    """Return the HTTP status of a page with a form."""
    return 422 if form.is_bound and form.errors else 200
