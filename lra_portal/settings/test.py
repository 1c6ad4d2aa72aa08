"""Tests run every room in one process, so these settings know all keys; processes that tests start do not."""

from lra_portal.settings.base import env
from lra_portal.settings.portal import *  # noqa: F403 — a settings module extends its base

VAULT_KEYS = {
    purpose: env.str(f"VAULT_KEY_{purpose.upper()}", default="")
    for purpose in ("documents", "second_factors", "pkcs12", "pin")
}
MAY_HOLD_CA_KEY = True
CA_KEY_DIR: str = env.str("CA_KEY_DIR", default="")
CA_KEY_PASSPHRASE: str = env.str("CA_KEY_PASSPHRASE", default="")
HSM_MODULE: str = env.str("HSM_MODULE", default="")
HSM_TOKEN: str = env.str("HSM_TOKEN", default="")
HSM_PIN: str = env.str("HSM_PIN", default="")
JOURNAL_DIR: str = env.str("JOURNAL_DIR", default="")
DESK_IMAP_HOST = ""
DESK_IMAP_PORT = 143
DESK_IMAP_SECURITY = "none"
DESK_IMAP_USER = "desk"
DESK_IMAP_PASSWORD = ""
DESK_IMAP_FOLDER = "INBOX"
DESK_IMAP_TAKEN_FOLDER = "Taken"
PIN_LETTER_COMMAND: list[str] = []
PIN_LETTER_SECONDS = 60
PIN_LETTER_SPOOL = ""
SECRET_KEY = env.str("SECRET_KEY", default="tests-only")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
