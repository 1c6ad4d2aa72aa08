"""The worker: mail and images. It opens PINs to send them; it holds no CA key."""

import shlex

from lra_portal.settings.base import env
from lra_portal.settings.portal import *  # noqa: F403 — mail bodies are rendered with the portal's templates

VAULT_KEYS = {
    "documents": env.str("VAULT_KEY_DOCUMENTS", default=""),
    "pkcs12": env.str("VAULT_KEY_PKCS12", default=""),
    "pin": env.str("VAULT_KEY_PIN", default=""),
}
# How a PIN letter leaves the worker: a command that takes the PDF on its standard input, or a folder from which it is
# printed. The command gets none of this process's environment.
PIN_LETTER_COMMAND = shlex.split(env.str("PIN_LETTER_COMMAND", default=""))
PIN_LETTER_SECONDS = env.int("PIN_LETTER_SECONDS", default=60)
PIN_LETTER_SPOOL = env.str("PIN_LETTER_SPOOL", default="")
CELERY_IMPORTS = [
    "accounts.worker.tasks",
    "regulations.worker.tasks",
    "certificates.worker.check_tasks",
    "certificates.worker.letter_tasks",
    "revocation.worker.outside_tasks",
    "applications.worker.tasks",
    "support_desk.worker.tasks",
]
