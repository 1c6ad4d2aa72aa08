"""Django's handle on the app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The room of accounts."""

    name = "accounts"
