"""Notice every way in which a person stops the portal.

A shell starts background jobs with SIGINT ignored, so the handlers are always installed here. A
signal sent to `make` alone is noticed too: make passes SIGTERM on, but after SIGINT it only waits
for its child, which shows in the kernel's table of signals that make still catches.
"""

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

MAKES = frozenset({"make", "gmake"})
SHELLS = frozenset({"sh", "dash", "bash", "busybox"})
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked for the end; not an error, and not to be caught as one."""


@dataclass
class StopWatch:
    """Raises Stopped at the first signal, and counts those that come while stopping."""

    armed: bool = True
    signals: int = 0

    def install(self) -> None:
        """Take over the signals, also those that were ignored when this process began."""
        self._parent = os.getppid()
        self._make = _make_above(self._parent) if os.environ.get("MAKELEVEL") else 0
        self._make_catches = _catches_interrupt(self._make)
        for number in SIGNALS:
            signal.signal(number, self._handle)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)

    def disarm(self) -> None:
        """From here on signals are only counted: the end has begun."""
        self.armed = False

    def check(self) -> None:
        """Raise Stopped where make was interrupted or is gone."""
        if not self._make:
            return
        interrupted = self._make_catches and not _catches_interrupt(self._make)
        # A make that ignored SIGINT from the start shows nothing of it; that it is gone shows all the same.
        gone = os.getppid() != self._parent or not Path(f"/proc/{self._make}").exists()
        if interrupted or gone:
            raise Stopped

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1
        if self.armed:
            self.armed = False
            raise Stopped


def _make_above(number: int) -> int:
    """Return the number of the make that started this process, also through a shell, or 0."""
    while number > 1:
        name, parent = _name_and_parent(number)
        if name in MAKES:
            return number
        if name not in SHELLS:
            return 0
        number = parent
    return 0


def _name_and_parent(number: int) -> tuple[str, int]:
    try:
        before, _, after = Path(f"/proc/{number}/stat").read_text().rpartition(")")
    except OSError:
        return "", 0
    return before.partition("(")[2], int(after.split()[1])


def _catches_interrupt(number: int) -> bool:
    """Return whether a process has a handler of its own for SIGINT."""
    try:
        lines = Path(f"/proc/{number}/status").read_text().splitlines()
    except OSError:
        return False
    caught = next((line.split()[1] for line in lines if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) & (1 << (signal.SIGINT - 1)))
