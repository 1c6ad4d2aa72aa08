"""Django's handle on the app."""

from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """The room of certificates."""

    name = "certificates"
