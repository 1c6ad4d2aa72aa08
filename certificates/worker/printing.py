"""Handing a finished PDF to whatever prints it: a command, or a folder (settings of the worker)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

from django.conf import settings

from certificates.worker.keys import flush_directory

# Nothing of this process's environment, which holds keys, goes to the command.
ENVIRONMENT: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


class NotPrintedError(Exception):
    """The paper did not reach the printer; the message says why, in one word, and holds nothing of it."""


class UnclearError(Exception):
    """Nobody can know whether the paper reached the printer."""


def hand_over(paper: bytes, *, name: str) -> None:
    """Hand `paper` over as `name`. Raises NotPrintedError or UnclearError."""
    if settings.PIN_LETTER_COMMAND:
        _to_command(paper)
    elif settings.PIN_LETTER_SPOOL:
        _to_folder(paper, Path(settings.PIN_LETTER_SPOOL), name)
    else:
        raise NotPrintedError("no_printer")


def _to_command(paper: bytes) -> None:
    """Give the paper to the configured command on its standard input, within its time limit."""
    try:
        done = subprocess.run(
            settings.PIN_LETTER_COMMAND,
            input=paper,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            timeout=settings.PIN_LETTER_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnclearError("time_limit") from None
    except OSError:
        raise NotPrintedError("no_command") from None
    if done.returncode < 0:
        raise UnclearError("command_killed")
    if done.returncode:
        raise NotPrintedError(f"command_says_{done.returncode}")


def forget(*, name: str) -> None:
    """Remove what a process that died while it wrote `name` left in the folder: nobody prints it, but it shows a PIN.

    Raises NotPrintedError when the folder does not let it.
    """
    if not settings.PIN_LETTER_SPOOL:
        return
    try:
        _half(Path(settings.PIN_LETTER_SPOOL), name).unlink(missing_ok=True)
    except OSError:
        raise NotPrintedError("folder") from None


def _half(folder: Path, name: str) -> Path:
    """Return where a paper lies until it is complete."""
    return folder / f".{name}.half"


def _to_folder(paper: bytes, folder: Path, name: str) -> None:
    """Write the paper for this user alone, and give it its name only when it is complete."""
    half = _half(folder, name)
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(paper)
            file.flush()
            os.fsync(file.fileno())
        half.rename(folder / f"{name}.pdf")
    except OSError:
        raise NotPrintedError("folder") from None
    finally:
        half.unlink(missing_ok=True)
    try:
        flush_directory(folder)
    except OSError:
        raise UnclearError("folder") from None
