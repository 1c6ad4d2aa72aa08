"""The database is restored from a true, older backup: nothing is used twice, and two people go on (fault 27)."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from certificates.models import Certificate, CertificationAuthority, Intent, Order
from certificates.worker import batch, vitals
from regulations.models import TargetSystemVersion
from revocation.models import Crl, CrlEntry
from revocation.services.revoking import revoke
from revocation.worker import burnt_serials, crl_publishing
from revocation.worker.tasks import PUBLISHER
from tests.certificates import orders
from tests.faults import dumps
from tests.faults.state import COUNT, all_is_well, journalled, refusal
from tests.harness.cloned import Clone
from tests.people import People

AFTER = 3


def issue(people: People, version: TargetSystemVersion, count: int) -> None:
    for _ in range(count):
        orders.queued(people, version)
    assert batch.run() == count


def published() -> int:
    """Bring a list out and return its number."""
    burnt_serials.revoke_burnt(actor=PUBLISHER, at=timezone.now())
    crl_publishing.publish_due(actor=PUBLISHER)
    return int(Crl.objects.latest("number").number)


def reconciled(people: People) -> None:
    for officer in (people.key_officer, people.second_key_officer):
        assert "two people" in refusal()
        call_command("reconcile", name="issuing", person=officer.email, reason="restored from a backup", verbosity=0)


@pytest.mark.clause("O-1.1")
def test_a_restored_copy_signs_nothing_until_two_people_reconciled_it_and_no_number_comes_again(
    clone: Clone,
    waiting: list[Order],
    issuing: CertificationAuthority,
    people: People,
    version: TargetSystemVersion,
    tmp_path: Path,
) -> None:
    assert batch.run() == COUNT
    published()
    dumps.dump(clone.servers, clone.name, tmp_path / "backup")
    issue(people, version, AFTER)
    lost = set(Certificate.objects.order_by("issued_at").values_list("serial", flat=True)[COUNT:])
    revoke(certificate=Certificate.objects.latest("issued_at"), ground="lra:misuse", actor=PUBLISHER, at=timezone.now())
    last_number = published()

    connections.close_all()
    dumps.restore(clone.servers, clone.name, tmp_path / "backup")
    vitals._looked_at.clear()  # as in a signer that has been started again

    assert Certificate.objects.count() == COUNT
    orders.queued(people, version)
    reconciled(people)
    assert batch.run() == 1
    burnt = set(Intent.objects.filter(status="abandoned").values_list("serial", flat=True))
    assert burnt == lost
    assert published() > last_number
    assert set(CrlEntry.objects.values_list("serial", flat=True)) >= lost
    signed = journalled(issuing)
    assert len(signed) == len(set(signed))
    all_is_well(COUNT + 1)
