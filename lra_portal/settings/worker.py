"""The worker: mail and images. It opens PINs to send them; it holds no CA key."""

from lra_portal.settings.base import env
from lra_portal.settings.portal import *  # noqa: F403 — mail bodies are rendered with the portal's templates

VAULT_KEYS = {
    "documents": env.str("VAULT_KEY_DOCUMENTS", default=""),
    "pkcs12": env.str("VAULT_KEY_PKCS12", default=""),
    "pin": env.str("VAULT_KEY_PIN", default=""),
}
CELERY_IMPORTS = [
    "accounts.worker.tasks",
    "regulations.worker.tasks",
    "certificates.worker.check_tasks",
    "applications.worker.tasks",
    "support_desk.worker.tasks",
]
