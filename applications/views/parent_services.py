"""Parent services and their keys to the API: a key is shown once, on the page that made it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import actor_of
from applications.forms.contracts import ServiceForm, TokenForm
from applications.views.contracts import shown
from applications.views.decisions import done
from audit.refusals import NotFound
from regulations.models import ApiToken, ParentService
from regulations.periods import end_after
from regulations.register_selectors import services_with_counts, token_of
from regulations.services import api_tokens
from regulations.services.contracts import register_service

get_and_post = require_http_methods(["GET", "POST"])


def service_of(key: UUID) -> ParentService:
    """The parent service with this id; raises NotFound."""
    service = ParentService.objects.filter(pk=key).first()
    if service is None:
        raise NotFound
    return service


@get_and_post
def parent_services(request: HttpRequest) -> HttpResponse:
    """List the parent services; set one up, or change one by its short name."""
    form = ServiceForm(request.POST or None)
    actor, at = actor_of(request), timezone.now()

    def register() -> ParentService:
        data = form.cleaned_data
        names = {"ja": data["name_ja"], "en": data["name_en"]}
        return register_service(slug=data["slug"], name=names, charges_users=data["charges_users"], actor=actor, at=at)

    if request.POST and done(form, register):
        messages.success(request, _("The parent service was saved."))
        return redirect("applications:parent_services")
    return shown(request, "services", form=form, services=services_with_counts())


@get_and_post
def parent_service(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a parent service's keys, and make one."""
    service, form, at = service_of(key), TokenForm(request.POST or None), timezone.now()
    made: list[tuple[ApiToken, str]] = []

    def make() -> None:
        data = form.cleaned_data
        until = end_after(data["expires_on"])
        made.append(api_tokens.make(
            parent_service=service, name=data["name"], scopes=data["scopes"], expires_at=until,
            actor=actor_of(request), at=at,
        ))  # fmt: skip

    if request.POST and done(form, make):
        form = TokenForm()
    return shown(request, "service", service=service, form=form, tokens=service.tokens.all(), made=made, at=at)


@require_POST
def api_token_end(request: HttpRequest, key: UUID, token: UUID) -> HttpResponse:
    """End a key at once."""
    service = service_of(key)
    api_tokens.end(token=token_of(service, token), actor=actor_of(request), at=timezone.now())
    messages.success(request, _("The key was ended."))
    return redirect("applications:parent_service", service.pk)
