"""Applying for somebody else, and confirming what another has filed for oneself (O-4.1, J-5)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast
from uuid import UUID

from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import waiting
from accounts.actors import actor_of, origin_of, person_of
from accounts.forms import JoinForm
from accounts.invitations import Newcomer
from accounts.models import User
from applications.forms.filing import DeclineForm, SubjectForm
from applications.models import Application, Confirmation
from applications.selectors.intake import key_mode_of
from applications.services import confirming, filing, intake
from applications.views import pages
from applications.views.decisions import done
from applications.views.intake import keep_request, note_refusal, own_application
from audit.acts import Act
from audit.refusals import Refused, RuleViolated, Suspended
from regulations.models import TargetSystem


@require_http_methods(["GET", "POST"])
def for_another(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for whom an agent applies, and begin; what was typed stays when it can't be used."""
    target_system = get_object_or_404(TargetSystem.objects.in_force(), slug=slug)
    ruleset = target_system.version_in_force().ruleset
    if ruleset.agents == "none":
        raise Http404
    form = SubjectForm(request.POST or None, needs_contract=ruleset.needs_contract)
    begun: list[Application] = []

    def begin() -> None:
        draft = filing.start_for(
            target_system=target_system,
            subject=form.subject(),
            person=person_of(request),
            actor=actor_of(request),
            at=timezone.now(),
        )
        begun.append(draft)

    if request.method == "POST" and done(form, begin):
        return redirect("applications:step", begun[0].pk, "applicant")
    page = {"form": form, "ruleset": ruleset}
    return render(request, "applications/for_another.html", page, status=422 if form.errors else 200)


@require_POST
def present(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Put a filled-in draft before the applicant, or say what is missing."""
    application = own_application(request, application_id)
    seen = request.POST.get("seen", "")
    try:
        filing.present(application=application, seen=seen, actor=actor_of(request), at=timezone.now())
    except (RuleViolated, Suspended) as refused:
        note_refusal(request, refused, Act.APPLICATION_PRESENT)
        application.refresh_from_db()
        page = pages.confirm_page(application, refused=refused)
        return render(request, "applications/present.html", page, status=refused.status)
    messages.success(request, _("The applicant was sent a mail with the way to read, agree and confirm."))
    return redirect("applications:detail", application.pk)


@require_POST
def recall(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Take an application back to change it, before the applicant has answered."""
    application = own_application(request, application_id)
    filing.recall(application=application, actor=actor_of(request), at=timezone.now())
    messages.success(request, _("You can change it now. The applicant's link no longer works."))
    return redirect("applications:step", application.pk, "applicant")


@never_cache
@require_http_methods(["GET", "POST"])
def for_me(request: HttpRequest, token: str) -> HttpResponse:
    """Show whom the mailed link is for; who has no account yet sets a password and goes on signed in.

    A GET changes nothing, since mail scanners follow links. Whoever holds the link reads the address.
    """
    row = confirming.find(token=token)
    applicant = row.application.applicant
    if isinstance(request.user, User) and request.user.pk == applicant.pk:
        return redirect("applications:detail", row.application_id)
    if not confirming.is_open(row, timezone.now()):
        return render(request, "applications/for_me_over.html", {"row": row}, status=404)
    newcomer = waiting.waits(applicant)
    form = JoinForm(request.POST or None, email=applicant.email, initial={"name": applicant.name})
    if newcomer and request.method == "POST" and form.is_valid():
        return moved_in(request, row, form)
    way_in = f"{reverse('account_login')}?next={reverse('applications:detail', args=[row.application_id])}"
    page = {"row": row, "form": form, "newcomer": newcomer, "way_in": way_in, "ruleset": row.application.rules.ruleset}
    return render(request, "applications/for_me.html", page, status=422 if newcomer and form.errors else 200)


def moved_in(request: HttpRequest, row: Confirmation, form: JoinForm) -> HttpResponse:
    """Give the account to the newcomer and lead them, signed in, to what they are asked about."""
    told = form.cleaned_data
    newcomer = Newcomer(
        name=told["name"],
        password=told["password1"],
        name_reading=told["name_reading"],
        phone=told["phone"],
        language=(get_language() or "ja")[:2],
    )
    user = waiting.move_in(
        user=row.application.applicant, newcomer=newcomer, origin=origin_of(request), at=timezone.now()
    )
    there = reverse("applications:confirm", args=[row.application_id])
    return cast("HttpResponse", perform_login(request, user, email_verification="none", redirect_url=there))


def asked_application(request: HttpRequest, application_id: UUID) -> Application:
    """The application that waits for this visitor's own word; one that others wait for is absent (404)."""
    application = own_application(request, application_id)
    if application.applicant_id != person_of(request).pk:
        raise Http404
    return application


@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Show what another has filed, ask for each consent, and receive it (O-4.1, J-5)."""
    application = asked_application(request, application_id)
    if application.status != "waiting_consent":
        return redirect("applications:detail", application.pk)
    actor, at = actor_of(request), timezone.now()
    application = intake.take_up_rules(application=application, actor=actor, at=at)
    if request.method != "POST":
        return render(request, "applications/confirm_filed.html", confirm_page(application))
    if request.POST.get("act") == "key":
        return key_handed_in(request, application)
    ticked, seen = request.POST.getlist("consent"), request.POST.get("seen", "")
    try:
        intake.submit(application=application, ticked=ticked, seen=seen, actor=actor, at=at)
    except (RuleViolated, Suspended) as refused:
        note_refusal(request, refused, Act.APPLICATION_SUBMIT)
        application.refresh_from_db()
        page = confirm_page(application, ticked=ticked, refused=refused)
        return render(request, "applications/confirm_filed.html", page, status=refused.status)
    return redirect("applications:detail", application.pk)


def key_handed_in(request: HttpRequest, application: Application) -> HttpResponse:
    """Keep the applicant's own signing request; whoever filed for them has none to give."""
    form = keep_request(request, application)
    if not form.errors:
        messages.success(request, _("Your request was kept. Please read on."))
        return redirect("applications:confirm", application.pk)
    page = confirm_page(application) | {"request_form": form}
    return render(request, "applications/confirm_filed.html", page, status=422)


def confirm_page(
    application: Application, *, ticked: Collection[str] = (), refused: Refused | None = None
) -> dict[str, Any]:
    """What the applicant reads before they agree: who filed it, all contents, the documents, each consent."""
    page = pages.confirm_page(application, ticked=ticked, refused=refused)
    wants_key = key_mode_of(application) == "csr"
    return page | {
        "confirmation": confirming.open_one(application),
        "filed_by": application.filed_by,
        "request_form": pages.request_form_of(application) if wants_key else None,
    }


@require_POST
def take_over(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Go on alone with what another has filled in."""
    application = asked_application(request, application_id)
    filing.take_over(application=application, actor=actor_of(request), at=timezone.now())
    messages.success(request, _("This is your own draft now. Please look at every page before you submit it."))
    return redirect("applications:step", application.pk, "applicant")


@require_http_methods(["GET", "POST"])
def decline(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Say no: what that does, a reason, the button."""
    application = asked_application(request, application_id)
    if application.status != "waiting_consent":
        return redirect("applications:home")
    form = DeclineForm(request.POST or None)

    def say_no() -> None:
        note = form.cleaned_data["note"]
        filing.decline(application=application, note=note, actor=actor_of(request), at=timezone.now())

    if request.method == "POST" and done(form, say_no):
        messages.success(request, _("You declined. Nothing was received."))
        return redirect("applications:home")
    page = {"application": application, "form": form, "ruleset": application.rules.ruleset}
    return render(request, "applications/decline.html", page, status=422 if form.errors else 200)
