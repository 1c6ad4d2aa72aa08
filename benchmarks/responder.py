"""The responder's application with one more address, an empty view: what the same server takes for nothing at all."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from revocation.responder import urls

settings.ROOT_URLCONF = __name__
application = get_wsgi_application()


def empty(_request: HttpRequest) -> HttpResponse:
    """Answer nothing, in one piece as the responder does."""
    return HttpResponse(headers={"Content-Length": "0"})


urlpatterns = [path("empty", empty), *urls.urlpatterns]
handler500 = urls.handler500
