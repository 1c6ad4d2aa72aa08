"""The project as an app: it owns commands, system checks and the quick start."""

from django.apps import AppConfig


class LraPortalConfig(AppConfig):
    """The project among its apps."""

    name = "lra_portal"
    verbose_name = "LRA portal"

    def ready(self) -> None:
        """Load the Celery app, so that every process nudges through the same broker settings."""
        import lra_portal.celery  # noqa: F401, PLC0415 — settings must be ready first
