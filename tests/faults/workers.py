"""Workers in processes of their own, fed by the broker of the test."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from accounts.nudges import nudge
from tests.faults.scale import scaled
from tests.harness.cloned import Clone

WITHIN = scaled(60, 600)


def celery_words(queue: str) -> list[str]:
    quiet = ["--loglevel=ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return ["celery", "-A", "lra_portal.celery", "worker", "-Q", queue, "--pool=solo", *quiet]


def worker_environment(clone: Clone, folder: Path) -> dict[str, str]:
    """Return what a worker reads from its environment; its mails go into files."""
    keys = {f"VAULT_KEY_{name.upper()}": settings.VAULT_KEYS[name] for name in ("documents", "pkcs12", "pin")}
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "lra_portal.settings.worker",
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(folder / "mails"),
        **clone.environment("lra_worker"),
        **keys,
    }


def until(done: Callable[[], bool], ask: str = "") -> None:
    """Wait for something; ask for a task now and then, as beat does."""
    deadline, asked = time.monotonic() + WITHIN, 0.0
    while not done():
        now = time.monotonic()
        assert now < deadline, "it never came"
        if ask and now - asked > 1:
            nudge(ask)
            asked = now
        time.sleep(0.05)
