"""Lists are built while revocations come in, and on a disk that is full: nothing is lost, the last one stays served.

Serves faults 9 and 11.
"""

import re
import resource
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from django.db import connection

from certificates.models import Certificate, SignerHeartbeat
from certificates.worker import serials
from revocation import invariants, selectors
from revocation.entries import entry_der
from revocation.models import Crl, CrlEntry
from revocation.services.revoking import current_xid, revoke
from revocation.worker import crl_publishing, tasks
from tests.faults.scale import scaled
from tests.harness.cloned import Clone
from tests.revocation.world import PUBLISHER, SYSTEM, World, make_current, make_world, now

BUILDERS = 4
REVOKERS = 4
REVOCATIONS = scaled(40, 500)
SMALL = 64 * 1024


@pytest.fixture
def world(clone: Clone) -> World:
    """A small world in a database of its own, where everything commits."""
    return make_world()


def in_threads(*works: Callable[[], None]) -> None:
    """Let every work begin at once, each with a connection of its own, and wait until all have ended."""
    faults = list[BaseException]()
    together = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        try:
            together.wait()
            work()
        except BaseException as fault:  # noqa: BLE001 — told by the test below
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def newest() -> bytes:
    crl = Crl.objects.order_by("-number").first()
    assert crl is not None
    return selectors.bytes_of(crl)


def by_openssl(file: Path) -> set[str]:
    words = ["openssl", "crl", "-inform", "DER", "-in", str(file), "-noout", "-text"]
    return read_by(words, r"Serial Number: ([0-9A-F]+)")


def by_gnutls(file: Path) -> set[str]:
    words = ["certtool", "--crl-info", "--inder", "--infile", str(file)]
    return read_by(words, r"Serial Number \(hex\): ([0-9a-f]+)")


def by_java(file: Path) -> set[str]:
    return read_by(["keytool", "-printcrl", "-file", str(file)], r"SerialNumber: ([0-9a-f:]+)")


def read_by(words: list[str], serial: str) -> set[str]:
    """The serials that another program reads out of a list."""
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return {f"{int(found.replace(':', ''), 16):x}" for found in re.findall(serial, done.stdout)}


@pytest.mark.processes
@pytest.mark.needs("gnutls-bin", "default-jdk-headless")
def test_four_builders_and_many_revocations_at_once_lose_nothing_and_others_read_the_same_set(
    world: World, tmp_path: Path
) -> None:
    certificates = [world.certificate() for _ in range(REVOCATIONS)]

    def build() -> None:
        for _ in range(scaled(5, 25)):
            crl_publishing.publish(authority=world.issuing, shard=0, actor=PUBLISHER, force=True)

    def revoker(some: list[Certificate]) -> Callable[[], None]:
        def revoke_some() -> None:
            for certificate in some:
                revoke(certificate=certificate, ground="lra:misuse", actor=SYSTEM, at=now())

        return revoke_some

    in_threads(*[build] * BUILDERS, *[revoker(certificates[start::REVOKERS]) for start in range(REVOKERS)])
    assert list(invariants.breaches()) == []
    lists = list(Crl.objects.order_by("pk"))
    assert len(lists) == BUILDERS * scaled(5, 25)
    assert [crl.number for crl in lists] == sorted({crl.number for crl in lists})
    for crl in lists[-crl_publishing.KEPT_LISTS + 1 :]:
        seen = set(selectors.seen_by(CrlEntry.objects.all(), crl.snapshot).values_list("serial", flat=True))
        listed = x509.load_der_x509_crl(selectors.bytes_of(crl))
        assert seen <= {f"{entry.serial_number:x}" for entry in listed}
    crl_publishing.publish(authority=world.issuing, shard=0, actor=PUBLISHER, force=True)
    file = tmp_path / "list.crl"
    file.write_bytes(newest())
    wanted = {certificate.serial for certificate in certificates}
    assert {f"{entry.serial_number:x}" for entry in x509.load_der_x509_crl(file.read_bytes())} == wanted
    assert by_openssl(file) == by_gnutls(file) == by_java(file) == wanted


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Let the kernel refuse to this process what would make a file larger, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def burn_many(world: World, count: int) -> None:
    """Write the entries of many abandoned serials."""
    at, xid = now(), current_xid()
    numbers = [serials.new_serial() for _ in range(count)]
    CrlEntry.objects.bulk_create(
        CrlEntry(
            authority=world.issuing, serial=f"{number:x}", entry_der=entry_der(serial=number, revoked_at=at),
            revoked_at=at, ends_at=at + timedelta(days=365), xid=xid,
        )
        for number in numbers
    )  # fmt: skip


def test_on_a_full_disk_the_last_list_stays_served_and_the_next_one_comes_when_there_is_room(world: World) -> None:
    certificate = world.certificate()
    tasks.publish()
    make_current()
    served = selectors.current_crl(world.issuing)
    burn_many(world, 2000)
    revoke(certificate=certificate, ground="lra:misuse", actor=SYSTEM, at=now())
    with files_no_larger_than(SMALL):
        tasks.sweep()
    assert selectors.current_crl(world.issuing) == served
    assert Crl.objects.count() == 1
    assert "publish" in SignerHeartbeat.objects.get(name=selectors.PUBLISHER).refuses
    assert Certificate.objects.get(pk=certificate.pk).revoked_at is not None
    tasks.sweep()
    assert SignerHeartbeat.objects.get(name=selectors.PUBLISHER).refuses == ""
    assert certificate.serial in {f"{entry.serial_number:x}" for entry in x509.load_der_x509_crl(newest())}
    assert list(invariants.breaches()) == []
