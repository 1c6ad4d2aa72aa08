"""The OCSP responder: it reads the database and holds no key but the short-lived one that it makes itself.

No applications, no sessions, no templates, no secret key: whoever takes this process over can
answer wrongly for as long as its certificate lives, and nothing else.
"""

import logging
import os
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.FileAwareEnv()

_NOT_HERE = ("CA_KEY", "HSM_", "PKCS11_", "JOURNAL_DIR", "VAULT_KEY", "SECRET_KEY")
for _name in sorted(os.environ):
    if _name.startswith(_NOT_HERE):
        raise ImproperlyConfigured(f"{_name} has no place in the responder's environment: take it out")

DEBUG = False
ROOT_URLCONF = "revocation.responder.urls"
ALLOWED_HOSTS = ["*"]  # no answer depends on the host that was asked
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
APPEND_SLASH = False

DATABASES: dict[str, dict[str, Any]] = {"default": env.db_url("DATABASE_URL", default="postgres:///lra")}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
DATABASES["default"]["CONN_MAX_AGE"] = None

# How long an answer holds, and how long others may keep it without asking again, in seconds.
OCSP_VALIDITY: int = env.int("OCSP_VALIDITY", default=3600)
OCSP_MAX_AGE: int = env.int("OCSP_MAX_AGE", default=30)


def _waits(line: logging.LogRecord) -> bool:
    return getattr(line, "status_code", None) == 503


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    # A health check that waits for the first certificate is no error.
    "filters": {"but_waiting": {"()": "django.utils.log.CallbackFilter", "callback": lambda it: not _waits(it)}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["but_waiting"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
