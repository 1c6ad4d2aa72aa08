"""One's own application after it was submitted: where it stands, its contents, withdrawing, printing."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actors import actor_of, person_of
from applications.services import intake
from applications.views.intake import own_application
from applications.views.own_pages import contents_page, detail_page


@require_GET
def detail(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Where the application stands, what is to be done, what happened and what comes."""
    application = own_application(request, application_id)
    if application.status == "draft":
        return redirect("applications:step", application.pk, "applicant")
    if application.status == "waiting_consent" and application.applicant_id == person_of(request).pk:
        return redirect("applications:confirm", application.pk)
    return render(request, "applications/detail.html", detail_page(application, person_of(request)))


@require_GET
def status(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """The live region of the page above, alone."""
    application = own_application(request, application_id)
    return render(request, "applications/status.html", detail_page(application, person_of(request)))


@require_GET
def contents(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """All contents and the consents, word for word."""
    return render(request, "applications/contents.html", contents_page(own_application(request, application_id)))


@require_GET
def printed(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """The application on paper."""
    return render(request, "applications/print.html", contents_page(own_application(request, application_id)))


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Take the application back: the consequences first, then the button."""
    application = own_application(request, application_id)
    if request.method == "POST":
        was_draft = application.status == "draft"
        intake.withdraw(application=application, actor=actor_of(request), at=timezone.now())
        return redirect("applications:home") if was_draft else redirect("applications:detail", application.pk)
    if not intake.may_withdraw(application, person_of(request).pk):
        return redirect("applications:detail", application.pk)
    return render(
        request, "applications/withdraw.html", {"application": application, "ruleset": application.rules.ruleset}
    )
