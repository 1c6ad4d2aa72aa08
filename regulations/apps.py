"""Django's handle on the app."""

from django.apps import AppConfig


class RegulationsConfig(AppConfig):
    """The room of regulations."""

    name = "regulations"
