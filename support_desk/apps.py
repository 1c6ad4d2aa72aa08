"""Django's handle on the app."""

from django.apps import AppConfig


class SupportDeskConfig(AppConfig):
    """The room of support desk."""

    name = "support_desk"
