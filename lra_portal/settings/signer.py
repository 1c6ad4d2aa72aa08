"""The signer and the publisher: the only processes that may know a CA key. No browser reaches them."""

from lra_portal.settings.base import *  # noqa: F403 — a settings module extends its base
from lra_portal.settings.base import env

VAULT_KEYS = {
    "pkcs12": env.str("VAULT_KEY_PKCS12", default=""),
    "pin": env.str("VAULT_KEY_PIN", default=""),
}
MAY_HOLD_CA_KEY = True
CA_KEY_DIR: str = env.str("CA_KEY_DIR", default="")
CA_KEY_PASSPHRASE: str = env.str("CA_KEY_PASSPHRASE", default="")
HSM_MODULE: str = env.str("HSM_MODULE", default="")
HSM_TOKEN: str = env.str("HSM_TOKEN", default="")
HSM_PIN: str = env.str("HSM_PIN", default="")
JOURNAL_DIR: str = env.str("JOURNAL_DIR", default="")
TEMPLATES: list[dict[str, object]] = []
CELERY_IMPORTS = ["certificates.worker.tasks", "revocation.worker.tasks"]
