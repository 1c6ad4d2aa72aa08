"""Django's handle on the app."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """The room of vault."""

    name = "vault"
