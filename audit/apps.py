"""Django's handle on the app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The room of audit."""

    name = "audit"
