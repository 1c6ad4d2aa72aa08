"""What every process shares: apps, database, broker, language and time.

A secret comes from the environment, or from the file that `NAME_FILE` points to. What only some
processes may know (vault keys, CA keys) stands in their own settings modules, never here.
"""

from pathlib import Path
from typing import Any

import environ
from django.utils.translation import gettext_lazy as _

from lra_portal.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.FileAwareEnv()

DEBUG = False
QUICKSTART: bool = env.bool("QUICKSTART", default=False)
SECRET_KEY: str = env.str("SECRET_KEY", default="")
SITE_URL: str = env.str("SITE_URL", default="http://localhost:8000")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])

LOCAL_APPS = [
    "audit",
    "vault",
    "accounts",
    "regulations",
    "certificates",
    "revocation",
    "applications",
    "support_desk",
    "repository",
    "lra_portal",
]
# What has models or commands; what only pages need is added by the portal's settings.
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    *LOCAL_APPS,
]

DATABASES: dict[str, dict[str, Any]] = {"default": env.db_url("DATABASE_URL", default="postgres:///lra")}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DATABASES["default"]["CONN_MAX_AGE"] = 60
# A connection that a restarted database has dropped costs one question, not one failed page.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

# A broker only nudges: a page never waits for one that is gone (architecture: side effects are rows).
CELERY_BROKER_URL: str = env.str("BROKER_URL", default="redis://localhost/0")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 0.5,
    "max_retries": 0,
    "visibility_timeout": 3600,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "Asia/Tokyo"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.str("CACHE_URL", default="redis://localhost/1"),
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 2},
    }
}

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", _("Japanese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale" / app for app in LOCAL_APPS]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Tokyo"

EMAIL_BACKEND: str = env.str("EMAIL_BACKEND", default="django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST: str = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT: int = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER: str = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD: str = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS: bool = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_FILE_PATH: str = env.str("EMAIL_FILE_PATH", default="")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="lra@localhost.example")

# Where mail to the call center goes; what the desk sends asks for answers there. Empty: they go to the sender address.
DESK_ADDRESS: str = env.str("DESK_ADDRESS", default="")

# Only the signer's settings say otherwise; every other process refuses to start beside a CA key.
MAY_HOLD_CA_KEY = False
# Purposes of the vault whose keys this process holds; each settings module adds its own.
VAULT_KEYS: dict[str, str] = {}

LOGGING = logging_config()
LOGGING_CONFIG = "logging.config.dictConfig"
SILENCED_SYSTEM_CHECKS: list[str] = []
