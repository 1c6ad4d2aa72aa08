"""Handing an application over to another examiner."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from applications.forms.handing import HandOverForm
from applications.services import handing
from applications.views.case import application_of
from applications.views.decisions import case_for, done, get_and_post, page


@get_and_post
def hand_over(request: HttpRequest, key: UUID) -> HttpResponse:
    """Give a case to another examiner by name, with a note."""
    application = application_of(key)
    examiners = handing.examiners_for(application)
    form = HandOverForm(request.POST or None, examiners=examiners)

    def give() -> None:
        handing.hand_over(
            application=application,
            taker=form.chosen(),
            note=form.cleaned_data["note"],
            actor=actor_of(request),
            at=timezone.now(),
        )

    if done(form, give):
        taker = form.chosen()
        said = {"number": application.receipt_number, "name": taker.name if taker else ""}
        messages.success(request, _("%(number)s is with %(name)s now, who was told by mail.") % said)
        return redirect("applications:queue")
    return page(request, "hand_over", case=case_for(request, application), form=form, examiners=examiners)
