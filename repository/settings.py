"""The repository as a process of its own: stored bytes for relying parties, and nothing else.

No secret key, no sessions, no templates, no broker: whoever takes this process over can refuse to answer, and
read what is public anyway. The quick start serves the same addresses from the portal.
"""

import os
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.FileAwareEnv()

_NOT_HERE = ("CA_KEY", "HSM_", "PKCS11_", "JOURNAL_DIR", "VAULT_KEY", "SECRET_KEY")
for _name in sorted(os.environ):
    if _name.startswith(_NOT_HERE):
        raise ImproperlyConfigured(f"{_name} has no place in the repository's environment: take it out")

DEBUG = False
ROOT_URLCONF = "repository.stored_urls"
ALLOWED_HOSTS = ["*"]  # no answer depends on the host that was asked
MIDDLEWARE: list[str] = []
# The models whose rows are read, and those that they refer to.
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "audit",
    "vault",
    "accounts",
    "regulations",
    "certificates",
    "revocation",
]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Asia/Tokyo"
APPEND_SLASH = False

DATABASES: dict[str, dict[str, Any]] = {"default": env.db_url("DATABASE_URL", default="postgres:///lra")}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
