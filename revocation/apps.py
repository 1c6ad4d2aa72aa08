"""Django's handle on the app."""

from django.apps import AppConfig


class RevocationConfig(AppConfig):
    """The room of revocation."""

    name = "revocation"
