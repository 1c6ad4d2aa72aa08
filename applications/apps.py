"""Django's handle on the app."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """The room of applications."""

    name = "applications"
