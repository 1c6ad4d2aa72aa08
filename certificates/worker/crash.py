"""Places where a test kills the signer, named by an environment variable; nothing happens without it."""

import os
import signal


def point(name: str) -> None:
    """Die here, without any clean-up, when SIGNER_CRASH_AT names this point (faults, number 1)."""
    if os.environ.get("SIGNER_CRASH_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
