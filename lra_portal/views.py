"""Pages that belong to no app: health, and what is shown when a page can't be."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def health(_request: HttpRequest) -> HttpResponse:
    """Answer 200 while the database answers; for the supervisor and the container's health check."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


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
