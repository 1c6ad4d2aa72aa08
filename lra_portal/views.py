"""Pages that belong to no app: health, the language, and what is shown when a page can't be."""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.actors import actor_of
from accounts.models import User
from accounts.services import PROFILE_COLUMNS, change_profile


def health(_request: HttpRequest) -> HttpResponse:
    """Answer 200 while the database answers; for the supervisor and the container's health check."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def security_txt(_request: HttpRequest) -> HttpResponse:
    """Say where a weakness is reported (RFC 9116)."""
    expires = (timezone.now() + timedelta(days=180)).replace(microsecond=0)
    lines = (
        f"Contact: {settings.SITE_URL}{reverse('repository:contact')}",
        f"Expires: {expires.isoformat()}",
        "Preferred-Languages: ja, en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Show the pages in the other language, and write to somebody who is signed in in it from now on."""
    wanted = request.POST.get("language", "")
    user = request.user
    if isinstance(user, User) and wanted in dict(settings.LANGUAGES) and user.language != wanted:
        actor, at = actor_of(request), timezone.now()
        kept = {name: getattr(user, name) for name in PROFILE_COLUMNS}
        change_profile(user=user, columns={**kept, "language": wanted}, actor=actor, at=at)
    return set_language(request)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 — the framework passes it
    """Show that the request could not be read."""
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 — the framework passes it
    """Show that this is not for the reader."""
    return render(request, "errors/403.html", status=403)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 — the framework passes it
    """Show that there is no such page; a foreign object looks the same as an absent one."""
    return render(request, "errors/404.html", status=404)


def broken(_request: HttpRequest) -> HttpResponse:
    """Show that something failed, without asking anything of what may be broken; nothing of it is told."""
    return HttpResponse(render_to_string("errors/500.html"), status=500)
