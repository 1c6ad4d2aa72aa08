"""`make run`: bring the whole portal up, keep it up, and take it down without losing anything."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from lra_portal.quickstart.authorities import address_of_authority, has_evidence_key, hold_ceremony
from lra_portal.quickstart.banner import print_banner
from lra_portal.quickstart.portal import CHECKOUT, PROCESSES, Portal, StepFailedError
from lra_portal.quickstart.processes import trace_of, write_traces
from lra_portal.quickstart.readiness import await_answers
from lra_portal.quickstart.steps import complain, step, tell
from lra_portal.quickstart.stopping import Stopped, StopWatch
from lra_portal.quickstart.supervisor import Supervisor
from lra_portal.services import ServiceProblem, Services, lease

FOLDER = CHECKOUT / "var" / "quickstart"
LOGS = CHECKOUT / "var" / "log"
DATABASE = "lra_quickstart"
BROKER = 0
LOOK_EVERY = 0.3
"""Seconds between two looks at the children and the services."""
OTHER_RUN_STOPS_WITHIN = 20.0


class NotPossibleError(Exception):
    """The portal can't run here and now; the message says why and what to do."""


def run(port: int) -> int:
    """Run the portal until somebody stops it; return the exit code of the command."""
    watch = StopWatch()
    supervisor = Supervisor(FOLDER / "processes.json", tell)
    try:
        watch.install()
        with _only_run(watch):
            write_traces(FOLDER / "supervisor.json", [trace_of("supervisor", os.getpid())])
            leftovers = supervisor.end_leftovers()
            if leftovers:
                print(f"  An earlier run was killed; ended what it left: {', '.join(leftovers)}")
            require_free_ports(port)
            _run_on_services(port, supervisor, watch)
    except Stopped:
        print("Stopped. `make run` goes on with the same data.", flush=True)
    except (NotPossibleError, ServiceProblem, StepFailedError) as problem:
        complain(f"\n{problem}")
        return 1
    except PermissionError as problem:
        complain(f"\n{problem.filename} belongs to another user: run this as that user, or in a checkout of your own.")
        return 1
    return 0


def _run_on_services(port: int, supervisor: Supervisor, watch: StopWatch) -> None:
    with step("Starting PostgreSQL and Valkey"):
        holder = lease()
        services = holder.__enter__()
    try:
        portal = Portal(services, DATABASE, FOLDER, port, port + 1, BROKER, LOGS)
        prepare(portal, "--samples")
        start_processes(portal, supervisor, watch)
        print_banner(portal)
        _supervise(services, supervisor, watch)
    finally:
        watch.disarm()
        with step("Stopping the processes"):
            supervisor.stop()
        with step("Stopping PostgreSQL and Valkey"):
            holder.__exit__(None, None, None)


def prepare(portal: Portal, *samples: str) -> None:
    """Make database, tables, authorities and demo data where they are missing; `--samples` files applications."""
    _require_matching_keys(portal)
    if not portal.services.has_database(portal.database):
        with step("Making the database"):
            portal.services.create_database(portal.database)
    with step("Bringing the tables up to date"):
        portal.services.prepare_database(portal.database)
        portal.manage("owner", "migrate", "--no-input", "--verbosity=0")
    if not address_of_authority(portal):
        with step("Making the demo root and issuing CA"):
            hold_ceremony(portal)
    if not has_evidence_key(portal):
        with step("Making the key of seals over the evidence"):
            portal.manage("signer", "create_evidence_key")
    with step("Demo people, rules and documents"):
        portal.manage("owner", "load_demo", *samples)
    with step("Collecting static files"):
        portal.manage("web", "collectstatic", "--no-input", "--verbosity=0")


def start_processes(portal: Portal, supervisor: Supervisor, watch: StopWatch) -> None:
    """Start every process of the portal and wait until it answers; raises StepFailedError."""
    with step(f"Starting {', '.join(PROCESSES)}"):
        for process in PROCESSES:
            supervisor.start(portal.command(process))
        await_answers(portal, supervisor, watch)


def _supervise(services: Services, supervisor: Supervisor, watch: StopWatch) -> None:
    while True:
        watch.check()
        revived = services.revive()
        if revived:
            tell(f"Started again what had stopped: {', '.join(revived)}")
        supervisor.tend()
        time.sleep(LOOK_EVERY)


def _require_matching_keys(portal: Portal) -> None:
    """Refuse to go on with data whose keys are gone: nothing sealed in it could be opened."""
    has_keys = (portal.folder / "secrets.json").is_file()
    has_database = portal.services.has_database(portal.database)
    if not has_database and (portal.folder / "ca-keys").is_dir():
        raise NotPossibleError(
            f"The keys in {portal.folder} are still there, but their database is not where it was. If the checkout\n"
            "was moved, move it back; else `make clean` removes the rest, and `make run` starts afresh."
        )
    if has_database and not has_keys:
        raise NotPossibleError(
            f"The database is still there, but its keys in {portal.folder} are gone.\n"
            "`make clean` removes the rest; then `make run` starts afresh."
        )


def require_free_ports(port: int) -> None:
    """Raise NotPossibleError unless this machine lets both ports be used."""
    for number in (port, port + 1):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number))
            except OSError as problem:
                raise NotPossibleError(
                    f"Port {number} can't be used ({problem.strerror}). The portal needs two ports "
                    f"that follow each other; PORT={port + 100} make run takes others."
                ) from None


@contextmanager
def _only_run(watch: StopWatch) -> Iterator[None]:
    """Hold the lock of the one running portal of this checkout, waiting for one that stops."""
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(FOLDER / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + OTHER_RUN_STOPS_WITHIN
        if not _take(descriptor):
            print("  Another run of this checkout has not ended yet; waiting for it.", flush=True)
        while not _take(descriptor):
            if time.monotonic() > deadline:
                raise NotPossibleError("The portal of this checkout is running already; stop it first (Ctrl-C there).")
            watch.check()
            time.sleep(0.2)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
