"""Operating system processes that outlive surprises: started, found again, and ended for certain.

A process is known by its number *and* the instant it started, so that a reused number is never
taken for ours. Each child leads a process group of its own, which ends with it.
"""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Trace:
    """What is written down about a child, to find it after everything else was killed."""

    name: str
    number: int
    started: str


@dataclass(frozen=True)
class Command:
    """One program to run: its words, its whole environment, its folder and its log file."""

    name: str
    words: tuple[str, ...]
    environment: dict[str, str]
    folder: Path
    log: Path


def launch(command: Command) -> "subprocess.Popen[bytes]":
    """Start a child that leads its own group and is told to stop should this process die."""
    parent = os.getpid()

    def ask_for_signal() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    command.log.parent.mkdir(parents=True, exist_ok=True)
    with command.log.open("ab") as log:
        return subprocess.Popen(
            command.words,
            env=command.environment,
            cwd=command.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # Only the main thread starts children, and no other thread runs: safe before exec.
            preexec_fn=ask_for_signal,  # noqa: PLW1509
        )


def trace_of(name: str, number: int) -> Trace:
    """Return what identifies a running process; `started` is empty where it has gone already."""
    return Trace(name, number, start_of(number))


def start_of(number: int) -> str:
    """Return the clock ticks since boot at which a process started, or nothing if it is gone."""
    fields = _status_fields(number)
    return fields[19] if fields and fields[0] != "Z" else ""


def write_traces(path: Path, traces: list[Trace]) -> None:
    """Keep the traces of all children; the file is complete before it gets its name."""
    half = path.with_suffix(".half")
    half.write_text(json.dumps([asdict(trace) for trace in traces]))
    half.rename(path)


def read_traces(path: Path) -> list[Trace]:
    """Return the traces of an earlier run, or none."""
    try:
        return [Trace(**row) for row in json.loads(path.read_text())]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def end_process(path: Path, patience: float) -> bool:
    """Ask the process whose trace is kept at `path` to end, and wait; return False while it is still there."""
    for trace in read_traces(path):
        if trace.started and start_of(trace.number) == trace.started:
            with contextlib.suppress(ProcessLookupError):
                os.kill(trace.number, signal.SIGTERM)
        deadline = time.monotonic() + patience
        while trace.started and start_of(trace.number) == trace.started:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
    return True


def end_group(trace: Trace, patience: float = 10.0) -> bool:
    """End a child and all it started: ask, wait, insist. Return False where nothing was left."""
    members = _group_of(trace)
    if not members:
        return False
    _send(trace, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while members and time.monotonic() < deadline:
        time.sleep(0.05)
        members = _group_of(trace)
    if members:
        _send(trace, signal.SIGKILL)
        deadline = time.monotonic() + 2
        while _group_of(trace) and time.monotonic() < deadline:
            time.sleep(0.02)
    return True


def end_groups(traces: list[Trace], patience: float = 10.0) -> list[str]:
    """End several children at the same time; return the names of those that were still there."""
    there = [trace for trace in traces if _group_of(trace)]
    for trace in there:
        _send(trace, signal.SIGTERM)
    deadline = time.monotonic() + patience
    for trace in there:
        end_group(trace, max(0.0, deadline - time.monotonic()))
    return [trace.name for trace in there]


def _send(trace: Trace, number: signal.Signals) -> None:
    """Ask the leader alone where it lives, since it knows how to end its own; else the group."""
    with contextlib.suppress(ProcessLookupError):
        if number == signal.SIGTERM and start_of(trace.number):
            os.kill(trace.number, number)
        else:
            os.killpg(trace.number, number)


def _group_of(trace: Trace) -> list[int]:
    """Return the members of a child's group; a leader that started at another time is a stranger."""
    leader = start_of(trace.number)
    if leader and leader != trace.started:
        return []
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _status_fields(int(entry.name))
            if fields and fields[0] != "Z" and fields[2] == str(trace.number):
                members.append(int(entry.name))
    return members


def _status_fields(number: int) -> list[str]:
    """Return the fields of a process after its name, which may hold spaces and brackets."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
