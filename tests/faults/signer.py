"""A signer in a process of its own, with the signer's own settings, role and keys."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from django.conf import settings

from tests.harness.cloned import Clone

BASE = Path(__file__).resolve().parents[2]


def environment(clone: Clone, **more: str) -> dict[str, str]:
    """Return all that a signer reads from its environment; its claims run out at once unless `more` says otherwise."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "lra_portal.settings.signer",
        **clone.environment("lra_signer"),
        "VAULT_KEY_PKCS12": settings.VAULT_KEYS["pkcs12"],
        "VAULT_KEY_PIN": settings.VAULT_KEYS["pin"],
        "CA_KEY_DIR": settings.CA_KEY_DIR,
        "CA_KEY_PASSPHRASE": settings.CA_KEY_PASSPHRASE,
        "JOURNAL_DIR": settings.JOURNAL_DIR,
        "SIGNER_LEASE_SECONDS": "0",
        **more,
    }


def start(clone: Clone, act: str, **more: str) -> "subprocess.Popen[str]":
    """Start a signer that does one thing (`run` or `sweep`) and ends, or signs until it is ended (`keep`)."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.signer", act],
        cwd=BASE,
        env=environment(clone, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: "subprocess.Popen[str]") -> int:
    """Wait for a signer and return its exit code; its output is shown when the test fails."""
    output, _ = process.communicate(timeout=60)
    print(output)
    return process.returncode


def main(act: str) -> None:
    """Be the signer."""
    import django  # noqa: PLC0415 — the settings come from this process's environment

    django.setup()
    from certificates.worker import batch, sweeps  # noqa: PLC0415 — models need the settings

    if act == "keep":
        keep(batch.run)
    print(batch.run() if act == "run" else sweeps.sweep())


def keep(run: Callable[[], int]) -> NoReturn:
    """Sign what comes, as Celery would have it done: a batch that breaks off is an error and not the end."""
    from django.db import Error, connection  # noqa: PLC0415 — settings first

    while True:
        try:
            run()
        except Error as error:
            print(type(error).__name__, flush=True)
            connection.close()
        time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1])
