"""`make demo`: the whole path on a portal of its own, made for it and gone afterwards.

It shares PostgreSQL and Valkey with `make run` where that is up, but no database, no key and no port.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from lra_portal.quickstart.portal import CHECKOUT, Portal, StepFailedError
from lra_portal.quickstart.processes import trace_of, write_traces
from lra_portal.quickstart.readiness import failure_of
from lra_portal.quickstart.run import NotPossibleError, prepare, start_processes
from lra_portal.quickstart.steps import complain, step
from lra_portal.quickstart.stopping import Stopped, StopWatch
from lra_portal.quickstart.supervisor import Supervisor
from lra_portal.services import ServiceProblem, Services, lease

VAR = CHECKOUT / "var"


@dataclass(frozen=True)
class Demo:
    """Where a demo leaves its results, and what is its own on the shared servers."""

    base: Path = VAR
    database: str = "lra_demo"
    broker: int = 2

    @property
    def results(self) -> Path:
        """One folder per target system; emptied first."""
        return self.base / "demo"

    @property
    def folder(self) -> Path:
        """Keys, mail and notes of the demo's portal; gone afterwards."""
        return self.base / "demo-portal"

    @property
    def logs(self) -> Path:
        """What the demo's processes write down; kept until the next demo."""
        return self.base / "log" / "demo"


def run_demo(demo: Demo) -> int:
    """Walk the path for every demo target system; return 0 only if everything verified."""
    watch = StopWatch()
    began = time.monotonic()
    try:
        watch.install()
        with _only_demo(demo), ExitStack() as stack:
            supervisor = Supervisor(demo.folder / "processes.json")
            supervisor.end_leftovers()
            _empty_folders(demo)
            write_traces(demo.folder / "supervisor.json", [trace_of("supervisor", os.getpid())])
            with step("Starting PostgreSQL and Valkey"):
                services = stack.enter_context(lease())
            stack.callback(_end, demo, supervisor, services, watch)
            code = _walk(demo, _fresh_portal(demo, services), supervisor, watch)
    except Stopped:
        complain("Stopped before the end.")
        return 130
    except (NotPossibleError, ServiceProblem, StepFailedError) as problem:
        complain(f"\n{problem}")
        return 1
    except PermissionError as problem:
        complain(f"\n{problem.filename} belongs to another user: run this as that user, or in a checkout of your own.")
        return 1
    print(
        f"{time.monotonic() - began:.0f} s in all; the results are in {demo.results}" if code == 0 else "Not verified."
    )
    return code


def _fresh_portal(demo: Demo, services: Services) -> Portal:
    services.drop_database(demo.database)
    for number in (demo.broker, demo.broker + 1):
        with Redis.from_url(services.cache_url(number)) as broker:
            broker.flushdb()
    port, responder_port = _free_ports()
    return Portal(services, demo.database, demo.folder, port, responder_port, demo.broker, demo.logs)


def _walk(demo: Demo, portal: Portal, supervisor: Supervisor, watch: StopWatch) -> int:
    prepare(portal)
    start_processes(portal, supervisor, watch)
    words = [sys.executable, "manage.py", "walk_demo", str(demo.results)]
    walking = subprocess.Popen(words, env=portal.environment("web"), cwd=CHECKOUT, start_new_session=True)
    try:
        while walking.poll() is None:
            watch.check()
            supervisor.tend()
            for name in supervisor.keeps_dying():
                raise StepFailedError(failure_of(portal, name))
            time.sleep(0.1)
    finally:
        walking.kill()
        walking.wait()
    return walking.returncode


def _end(demo: Demo, supervisor: Supervisor, services: Services, watch: StopWatch) -> None:
    """Stop the processes and leave nothing but the results and the logs."""
    watch.disarm()
    supervisor.stop(patience=5.0)
    services.drop_database(demo.database)
    shutil.rmtree(demo.folder, ignore_errors=True)


def _empty_folders(demo: Demo) -> None:
    for folder in (demo.results, demo.folder, demo.logs):
        if folder.is_dir():
            shutil.rmtree(folder)
    demo.results.mkdir(parents=True)
    demo.folder.mkdir(mode=0o700, parents=True)


def _free_ports() -> tuple[int, int]:
    """Return two ports of this machine that nobody listens on at this moment."""
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


@contextmanager
def _only_demo(demo: Demo) -> Iterator[None]:
    demo.base.mkdir(exist_ok=True)
    descriptor = os.open(demo.base / "demo.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise NotPossibleError("A demo is running in this checkout already; wait for its end.") from None
    finally:
        os.close(descriptor)
