"""Keep the portal's processes running: start them, start them again, stop them all.

A child that dies is started again after a pause that grows, and is said so on the terminal.
"""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lra_portal.quickstart.processes import (
    Command,
    Trace,
    end_group,
    end_groups,
    launch,
    read_traces,
    trace_of,
    write_traces,
)

LONGEST_PAUSE = 30.0
"""Seconds between two tries at most."""
LONG_ENOUGH = 60.0
"""Seconds after which a child counts as healthy, so that its next death is a first one."""
TOO_MANY_DEATHS = 3
LARGEST_LOG = 5 * 1024 * 1024


@dataclass
class Child:
    """One supervised process: its command, its present life, and how often it died early."""

    command: Command
    process: "subprocess.Popen[bytes]"
    trace: Trace
    since: float
    deaths: int = 0
    again_at: float | None = None


@dataclass
class Supervisor:
    """The children of one portal; `tell` prints one line for the person at the terminal."""

    traces: Path
    tell: Callable[[str], None] = print
    children: dict[str, Child] = field(default_factory=dict)

    def end_leftovers(self) -> list[str]:
        """End what a killed run left behind; return the names of the processes found."""
        found = end_groups(read_traces(self.traces))
        self.traces.unlink(missing_ok=True)
        return found

    def start(self, command: Command) -> None:
        """Start one child and write down how to find it again."""
        if command.log.is_file() and command.log.stat().st_size > LARGEST_LOG:
            command.log.replace(command.log.with_suffix(".log.1"))
        process = launch(command)
        earlier = self.children.get(command.name)
        self.children[command.name] = Child(
            command,
            process,
            trace_of(command.name, process.pid),
            time.monotonic(),
            earlier.deaths if earlier else 0,
        )
        self._write_traces()

    def tend(self) -> None:
        """Look after every child once: notice the dead, start again those whose pause is over."""
        for child in list(self.children.values()):
            if child.again_at is None and child.process.poll() is not None:
                self._mourn(child)
            if child.again_at is not None and time.monotonic() >= child.again_at:
                self.start(child.command)

    def has_failed(self, name: str) -> bool:
        """Return whether a child is dead right now."""
        return self.children[name].process.poll() is not None

    def keeps_dying(self) -> list[str]:
        """Return the children that died several times soon after their start."""
        return [name for name, child in self.children.items() if child.deaths >= TOO_MANY_DEATHS]

    def stop(self, patience: float = 10.0) -> None:
        """Stop every child and all that they started."""
        end_groups([child.trace for child in self.children.values()], patience)
        for child in self.children.values():
            child.process.wait()
        self.children.clear()
        self.traces.unlink(missing_ok=True)

    def kill(self) -> None:
        """Stop every child without asking."""
        self.stop(patience=0.0)

    def _mourn(self, child: Child) -> None:
        """Clear away what a dead child left and set the pause before its next life."""
        end_group(child.trace, patience=2.0)
        lived = time.monotonic() - child.since
        child.deaths = 1 if lived > LONG_ENOUGH else child.deaths + 1
        pause = min(LONGEST_PAUSE, 2.0 ** (child.deaths - 2)) if child.deaths > 1 else 0.0
        child.again_at = time.monotonic() + pause
        when = f"in {pause:.0f} s" if pause else "at once"
        ended = _how(child.process.returncode)
        self.tell(f"{child.command.name} {ended}; it starts again {when} (see {child.command.log})")

    def _write_traces(self) -> None:
        self.traces.parent.mkdir(parents=True, exist_ok=True)
        write_traces(self.traces, [child.trace for child in self.children.values()])


def _how(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
