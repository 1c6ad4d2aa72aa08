"""Answering a request for more, item by item; taking up again what lapsed, or beginning anew with the same contents."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from applications.models import Application, InformationRequest, Upload
from applications.selectors.progress import open_request_of
from applications.services import answering, reopening, uploads
from applications.services.answering import REMARK
from applications.views import pages
from applications.views.answer_page import Typed, answer_page
from applications.views.intake import note_refusal, own_application
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Stale, Suspended


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Show what is asked for; a POST keeps what was typed, and adds or takes out a file, or sends the answer."""
    application = own_application(request, application_id)
    asked = open_request_of(application)
    if asked is None:
        return redirect("applications:detail", application.pk)
    if request.method != "POST":
        return render(request, "applications/answer.html", answer_page(application, person_of(request), asked))
    try:
        return acted(request, application, asked)
    except Stale:
        if open_request_of(Application.objects.get(pk=application.pk)) is not None:
            raise
        # A second click, or a field that was kept at the moment of sending: the first one did what was wanted.
        return redirect("applications:detail", application.pk)


def acted(request: HttpRequest, application: Application, asked: InformationRequest) -> HttpResponse:
    """Keep what was typed and do what the button says, or show what was wrong. Raises Stale once it was answered."""
    texts = texts_in(request, asked)
    answering.keep(request=asked, texts=texts, actor=actor_of(request), at=timezone.now())
    act, _colon, which = request.POST.get("act", "send").partition(":")
    try:
        return ACTS.get(act, send)(request, application, asked, which)
    except RuleViolated as refused:
        note_refusal(request, refused, Act.APPLICATION_UPLOAD if act == "add" else Act.APPLICATION_ANSWER)
        typed = Typed(request.POST, refused.violations)
        kept = InformationRequest.objects.get(pk=asked.pk)
        page = answer_page(application, person_of(request), kept, typed)
        return render(request, "applications/answer.html", page, status=422)


def texts_in(request: HttpRequest, asked: InformationRequest) -> Mapping[str, str]:
    """Return what was typed, by item."""
    keys = [str(item["key"]) for item in asked.items]
    typed = {key: request.POST[f"answer-{key}"] for key in keys if f"answer-{key}" in request.POST}
    return {**typed, REMARK: request.POST.get("answer", "")}


def send(request: HttpRequest, application: Application, asked: InformationRequest, _which: str) -> HttpResponse:
    """Send the answer, with the files that were chosen and not added yet."""
    for item in asked.items:
        if request.FILES.get(f"{item['key']}-file") is not None:
            add_file(request, application, str(item["key"]))
    at, actor = timezone.now(), actor_of(request)
    answering.answer(request=asked, texts=texts_in(request, asked), actor=actor, at=at)
    messages.success(request, _("Thank you. Your answer was sent; the examination goes on."))
    return redirect("applications:detail", application.pk)


def add(request: HttpRequest, application: Application, _asked: InformationRequest, which: str) -> HttpResponse:
    """Add the file that was chosen for one item."""
    add_file(request, application, which)
    return redirect(f"{pages.after_upload(application)}#document-{which}")


def add_file(request: HttpRequest, application: Application, key: str) -> None:
    """Check and keep the file that was sent for `key`; raises RuleViolated."""
    file, issued_on = pages.sent_document(request, application, key)
    uploads.add(
        application=application, key=key, file=file, issued_on=issued_on, actor=actor_of(request), at=timezone.now()
    )


def take_out(request: HttpRequest, application: Application, _asked: InformationRequest, which: str) -> HttpResponse:
    """Take out a file that was added to this answer."""
    try:
        key = UUID(which)
    except ValueError as error:
        raise NotFound from error
    found = get_object_or_404(Upload, application=application, pk=key)
    uploads.remove(upload=found, actor=actor_of(request), at=timezone.now())
    return redirect(pages.after_upload(application))


def keep(request: HttpRequest, application: Application, _asked: InformationRequest, _which: str) -> HttpResponse:
    """Say that what was typed is kept; a script that keeps it as one goes needs no page."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    messages.success(request, _("Kept. You can go on any time until the limit."))
    return redirect(pages.after_upload(application))


ACTS = {"send": send, "add": add, "remove": take_out, "keep": keep}


@require_POST
def reopen(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Take up a lapsed application again where it was left."""
    application = own_application(request, application_id)
    try:
        reopening.reopen(application=application, actor=actor_of(request), at=timezone.now())
    except (RuleViolated, Suspended) as refused:
        note_refusal(request, refused, Act.APPLICATION_REOPEN)
        messages.error(request, str(refused.message))
        return redirect("applications:detail", application.pk)
    messages.success(request, _("Taken up again. What you had written before is still here."))
    return redirect("applications:answer", application.pk)


@require_POST
def again(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Begin a new application with the contents of one that ended."""
    application = own_application(request, application_id)
    try:
        draft = reopening.again(application=application, actor=actor_of(request), at=timezone.now())
    except (RuleViolated, Suspended) as refused:
        note_refusal(request, refused, Act.APPLICATION_START)
        messages.error(request, str(refused.message))
        return redirect("applications:detail", application.pk)
    messages.success(request, _("This is a new application with the contents of last time. Please look through it."))
    return redirect("applications:step", draft.pk, "applicant")
