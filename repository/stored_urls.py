"""The addresses of the repository's own process: what stands in certificates, and its health."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path

from repository import address_parts, status_views

address_parts.register()


def health(_request: HttpRequest) -> HttpResponse:
    """Answer 200 while the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health),
    path("ca/<slug:name>-chain.pem", status_views.chain),
    re_path(r"^ca/(?P<name>[-a-zA-Z0-9_]+)\.(?P<form>cer|der|pem)$", status_views.ca_certificate),
    path("ca/<slug:name>/<sha256:digest>.cer", status_views.earlier_certificate),
    path("crl/<slug:name>.crl", status_views.crl),
]
