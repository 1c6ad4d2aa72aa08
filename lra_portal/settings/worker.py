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
# The mailbox in which the desk's mail lies; without a host nothing is read. Security is "tls", "starttls" or, on one
# machine, "none". What was taken in is moved to another folder of the same mailbox.
DESK_IMAP_HOST: str = env.str("DESK_IMAP_HOST", default="")
DESK_IMAP_PORT: int = env.int("DESK_IMAP_PORT", default=993)
DESK_IMAP_SECURITY: str = env.str("DESK_IMAP_SECURITY", default="tls")
DESK_IMAP_USER: str = env.str("DESK_IMAP_USER", default="")
DESK_IMAP_PASSWORD: str = env.str("DESK_IMAP_PASSWORD", default="")
DESK_IMAP_FOLDER: str = env.str("DESK_IMAP_FOLDER", default="INBOX")
DESK_IMAP_TAKEN_FOLDER: str = env.str("DESK_IMAP_TAKEN_FOLDER", default="Taken")
CELERY_IMPORTS = [
    "accounts.worker.tasks",
    "regulations.worker.tasks",
    "certificates.worker.check_tasks",
    "certificates.worker.letter_tasks",
    "revocation.worker.outside_tasks",
    "applications.worker.tasks",
    "support_desk.worker.tasks",
]
