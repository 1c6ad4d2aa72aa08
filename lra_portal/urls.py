"""All addresses of the portal; who may visit which stands in `lra_portal.access`."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from accounts import views as account_views
from applications.api.routes import api
from lra_portal import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.health, name="health"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("language/", views.switch_language, name="set_language"),
    path("accounts/email/", account_views.addresses, name="account_email"),
    path("accounts/", include("allauth.urls")),
    path("people/", include("accounts.urls")),
    path("", include("certificates.urls")),
    path("", include("revocation.urls")),
    path("", include("applications.urls")),
    path("api/v1/", api.urls),
    path("desk/", include("support_desk.urls")),
    path("", include("repository.urls")),
]
if settings.QUICKSTART:
    urlpatterns.append(path("outbox/", include("lra_portal.quickstart.urls")))

handler400 = "lra_portal.views.bad_request"
handler403 = "lra_portal.views.forbidden"
handler404 = "lra_portal.views.missing"
handler500 = "lra_portal.views.broken"
