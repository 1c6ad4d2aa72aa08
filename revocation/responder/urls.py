"""The responder's two addresses: its health, and everything else is an OCSP request."""

from django.urls import path, re_path

from revocation.responder import endpoint

urlpatterns = [
    path("healthz", endpoint.health, name="responder_health"),
    re_path(r"^(?P<encoded>.*)$", endpoint.answer, name="responder"),
]

handler500 = "revocation.responder.endpoint.internal_error"
