"""Background jobs of a test: what would go to the broker is kept, and done when the test says so.

Celery's `send_task` knows no eager mode. The jobs that are done are the real ones, found by the names that were sent.
"""

import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import celery
from django.db import connection

from lra_portal.celery import app
from lra_portal.messages import APPS


@dataclass(frozen=True)
class Job:
    """One nudge: the task's name and arguments."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass
class Jobs:
    """What was nudged and is not done yet."""

    waiting: list[Job] = field(default_factory=list)
    done: list[Job] = field(default_factory=list)

    def drain(self, most: int = 200) -> list[Job]:
        """Do every job, and those that these cause; return them in order. Raises what a job raises."""
        did: list[Job] = []
        self.commit()
        while self.waiting:
            if len(did) == most:
                raise AssertionError(f"Jobs go on causing jobs: {did[-5:]}")
            job = self.waiting.pop(0)
            app.tasks[job.name].apply(args=job.args, kwargs=job.kwargs, throw=True)
            did.append(job)
            self.commit()
        self.done += did
        return did

    def drop(self) -> list[Job]:
        """Lose every waiting job, as a broker that died would; return them."""
        self.commit()
        lost, self.waiting = self.waiting, []
        return lost

    def run(self, name: str, *args: Any) -> None:
        """Do one job now, as beat would."""
        self.waiting.append(Job(name, args))
        self.drain()

    def commit(self) -> None:
        """Do what waits for the commit that an ordinary test never reaches."""
        while connection.in_atomic_block and connection.run_on_commit:
            callbacks, connection.run_on_commit = connection.run_on_commit, []
            for entry in callbacks:
                entry[1]()


@contextmanager
def kept_jobs() -> Iterator[Jobs]:
    """Keep what is sent to the broker for the time of a `with` block."""
    for name in APPS:
        if importlib.util.find_spec(f"{name}.worker") and importlib.util.find_spec(f"{name}.worker.tasks"):
            importlib.import_module(f"{name}.worker.tasks")
    jobs = Jobs()

    def keep(_app: celery.Celery, name: str, args: Any = None, kwargs: Any = None, **_options: Any) -> None:
        jobs.waiting.append(Job(name, tuple(args or ()), dict(kwargs or {})))

    with mock.patch.object(celery.Celery, "send_task", keep):
        yield jobs
