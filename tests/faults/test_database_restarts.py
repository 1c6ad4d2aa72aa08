"""PostgreSQL is shut down at once in the middle of work and started again: nothing is half done (fault 3)."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest
from django.db import Error, connection
from django.utils import timezone

from certificates.models import Approval, CertificationAuthority, Intent, Order
from certificates.worker import batch, sweeps
from lra_portal.services import Services, clean, lease
from lra_portal.services.postgresql import PostgreSQL
from regulations.models import TargetSystemVersion
from tests.certificates import orders
from tests.faults import dumps, signer
from tests.faults.scale import scaled
from tests.faults.state import all_is_well, journalled
from tests.harness.cloned import Clone
from tests.harness.databases import ROLE, connected
from tests.people import People

RESTARTS, SIGNERS, APPLYING = scaled(1, 20), scaled(1, 2), scaled(1, 2)


@pytest.fixture
def own_server(clone: Clone, tmp_path: Path) -> Iterator[Services]:
    """A PostgreSQL of the test's own, since other tests work on the usual one."""
    folder = tmp_path / "own"
    folder.mkdir()
    with lease(folder) as services:
        yield services
    assert clean(folder)


@pytest.fixture
def moved(
    clone: Clone,
    issuing: CertificationAuthority,
    people: People,
    version: TargetSystemVersion,
    own_server: Services,
    tmp_path: Path,
) -> Iterator[Clone]:
    """The database of the test, with its authority and people, on that server."""
    dumps.dump(clone.servers, clone.name, tmp_path / "moved")
    dumps.restore(own_server, clone.name, tmp_path / "moved")
    with connected(own_server, ROLE, clone.name):
        yield Clone(clone.name, own_server, clone.slot)


class Office:
    """People who apply, examine and approve without a break, and press again when the page shows an error."""

    def __init__(self, people: People, version: TargetSystemVersion) -> None:
        self.people, self.version = people, version
        self.closed, self.errors = threading.Event(), 0
        self.threads = [threading.Thread(target=self._work) for _ in range(APPLYING)]

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.closed.set()
        for thread in self.threads:
            thread.join()

    def _work(self) -> None:
        while not self.closed.is_set():
            try:
                orders.queued(self.people, self.version)
            except Error:
                self.errors += 1
                connection.close()
            time.sleep(0.05)
        connection.close()


def restart_at_once(services: Services) -> None:
    """Stop the server without letting anybody finish, and start it again; it recovers from its log."""
    connection.close()
    PostgreSQL(services.place)._control("stop", "-w", "-m", "immediate")
    services.revive()


def wait_for_another(number: int) -> None:
    """Wait until more than `number` orders are issued, so that every restart meets work under way."""
    deadline = time.monotonic() + 60
    while Order.objects.filter(status="issued").count() <= number:
        assert time.monotonic() < deadline, "nothing is issued any more"
        time.sleep(0.02)


@pytest.mark.clause("O-1.1")
def test_what_was_under_way_at_a_restart_is_whole_or_not_there_and_goes_on_by_itself(
    moved: Clone, own_server: Services, people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    with ExitStack() as ending:
        signers = [signer.start(moved, "keep") for _ in range(SIGNERS)]
        for process in signers:
            ending.callback(process.kill)
        with Office(people, version) as office:
            for _ in range(RESTARTS):
                wait_for_another(Order.objects.filter(status="issued").count())
                restart_at_once(own_server)
                sweeps.abandon_lost()
            wait_for_another(Order.objects.filter(status="issued").count())
    outputs = [process.communicate(timeout=60)[0] for process in signers]
    print(*outputs, office.errors)
    assert office.errors or any(outputs), "no restart met anybody at work"
    while batch.run() + sweeps.abandon_lost():
        pass
    assert not Order.objects.exclude(status__in=("issued", "proposed")).exists()
    for half in Order.objects.filter(status="proposed"):
        assert Approval.objects.filter(order=half).count() < len(half.required_roles())
    signed = journalled(issuing)
    assert len(signed) == len(set(signed))
    assert set(signed) <= set(Intent.objects.values_list("serial", flat=True))
    assert Intent.objects.filter(status="open", lease_until__lt=timezone.now()).count() == 0
    all_is_well(Order.objects.filter(status="issued").count())
