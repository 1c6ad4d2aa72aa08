"""The project as an app: it owns commands, system checks and the quick start."""

import os

from django.apps import AppConfig
from django.conf import settings

from lra_portal.guards import refuse_ca_key, refuse_public_quickstart, refuse_unfit_vault_keys


class LraPortalConfig(AppConfig):
    """The project among its apps."""

    name = "lra_portal"
    verbose_name = "LRA portal"

    def ready(self) -> None:
        """Refuse to start where a guard is broken, and load what every process needs.

        The Celery app comes last: every process nudges through the same broker settings.
        """
        if not settings.MAY_HOLD_CA_KEY:
            refuse_ca_key(os.environ)
        refuse_unfit_vault_keys(settings.VAULT_KEYS)
        if settings.QUICKSTART:
            refuse_public_quickstart(settings.SITE_URL)
        import lra_portal.celery  # noqa: PLC0415 — settings must be ready first
        import lra_portal.checks  # noqa: F401, PLC0415
