"""Whatever dies while certificates are signed: one order, one certificate (faults 1, 2, 4, 5, 8, 27)."""

import random
import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from audit.actors import Actor
from audit.acts import Act
from audit.models import Event
from audit.services import record
from certificates.models import Certificate, CertificationAuthority, Intent, Order
from certificates.worker import batch, claims, keys, linting, signing, storing, sweeps, vitals
from certificates.worker.claims import Berth
from regulations.models import TargetSystemVersion
from tests.certificates import orders
from tests.faults import signer
from tests.faults.scale import scaled
from tests.faults.state import COUNT, all_is_well, journalled, refusal
from tests.harness.cloned import Clone
from tests.harness.jobs import Jobs
from tests.people import People

KILLS = scaled(1, 40)


@pytest.mark.clause("O-1.1")
@pytest.mark.parametrize("point", ["before_signing", "before_storing"])
def test_a_signer_killed_in_the_middle_costs_serials_and_nothing_else(
    clone: Clone, waiting: list[Order], issuing: CertificationAuthority, point: str
) -> None:
    assert signer.finish(signer.start(clone, "run", SIGNER_CRASH_AT=point)) == -signal.SIGKILL
    assert Order.objects.filter(status="signing").count() == COUNT
    assert sweeps.abandon_lost() == COUNT
    assert batch.run() == COUNT
    all_is_well(COUNT)
    burnt = set(Intent.objects.filter(status="abandoned").values_list("serial", flat=True))
    assert len(burnt) == COUNT
    signed = journalled(issuing)
    assert len(signed) == len(set(signed)) == (COUNT if point == "before_signing" else 2 * COUNT)
    known = set(Intent.objects.values_list("serial", flat=True))
    assert set(signed) <= known


@pytest.mark.clause("O-1.1")
def test_a_signer_killed_after_storing_has_done_its_work_once(clone: Clone, waiting: list[Order]) -> None:
    assert signer.finish(signer.start(clone, "run", SIGNER_CRASH_AT="after_storing")) == -signal.SIGKILL
    assert (sweeps.abandon_lost(), batch.run()) == (0, 0)
    all_is_well(COUNT)
    assert Intent.objects.count() == COUNT


@pytest.mark.clause("O-1.1")
def test_signers_killed_at_any_moment_leave_every_order_issued_once(
    clone: Clone, people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    for walk in range(KILLS):
        for _ in range(COUNT):
            orders.queued(people, version)
        process = signer.start(clone, "run")
        deadline = time.monotonic() + 30
        while Order.objects.filter(status="queued").exists() and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(random.Random(walk).uniform(0, 0.2))
        process.kill()
        signer.finish(process)
        sweeps.abandon_lost()
    while batch.run() + sweeps.abandon_lost():
        pass
    all_is_well(KILLS * COUNT)
    signed = journalled(issuing)
    assert len(signed) == len(set(signed))
    assert set(signed) <= set(Intent.objects.values_list("serial", flat=True))


def test_three_signers_at_once_sign_each_order_once(
    clone: Clone, waiting: list[Order], issuing: CertificationAuthority
) -> None:
    signers = [signer.start(clone, "run", SIGNER_LEASE_SECONDS="60") for _ in range(3)]
    assert [signer.finish(process) for process in signers] == [0, 0, 0]
    all_is_well(COUNT)
    assert Intent.objects.count() == COUNT
    assert max(Counter(journalled(issuing)).values()) == 1
    assert len(journalled(issuing)) == COUNT


def test_a_lost_nudge_is_found_by_the_sweep(waiting: list[Order], jobs: Jobs) -> None:
    jobs.drop()
    jobs.run("certificates.sweep")
    all_is_well(COUNT)


def test_while_its_signer_lives_no_intent_is_abandoned(clone: Clone, waiting: list[Order]) -> None:
    holder = clone.connect("lra_signer").cursor()
    holder.execute("SELECT pg_advisory_lock(4711)")
    berth = Berth("other", 4711, timedelta(0))
    claims.claim(berth=berth, keys={}, limit=10, at=timezone.now())
    assert sweeps.abandon_lost() == 0
    holder.execute("SELECT pg_advisory_unlock(4711)")
    assert sweeps.abandon_lost() == 2


def test_a_signer_that_comes_too_late_stores_nothing(waiting: list[Order], issuing: CertificationAuthority) -> None:
    at = timezone.now()
    claimed = claims.claim(berth=Berth("late", 1, timedelta(0)), keys={}, limit=1, at=at)
    signed = [
        storing.packed(one, signing.sign(linting.lint(one.plan), keys.load(issuing.key_reference))) for one in claimed
    ]
    assert sweeps.abandon_lost() == 1
    assert storing.store(signed, [], at=timezone.now()) == []
    assert batch.run() == COUNT
    all_is_well(COUNT)
    burnt = Intent.objects.get(status="abandoned").serial
    assert not Certificate.objects.filter(serial=burnt).exists()


@pytest.mark.parametrize("days", [2, -2])
def test_a_signer_whose_clock_is_wrong_signs_nothing_and_says_so(
    waiting: list[Order], monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    monkeypatch.setattr("certificates.worker.clock.database_now", lambda: timezone.now() + timedelta(days=days))
    assert "seconds apart" in refusal()
    assert Order.objects.filter(status="queued").count() == COUNT
    assert Event.objects.filter(act=Act.SIGNER_REFUSE).count() == 1
    monkeypatch.undo()
    assert batch.run() == COUNT


def test_a_clock_behind_the_last_act_needs_two_key_officers(waiting: list[Order], people: People) -> None:
    later = timezone.now() + timedelta(days=2)
    record(act=Act.PAGE_VISIT, actor=Actor.system("test"), at=later)
    assert "behind the last act" in refusal()
    for officer, still in ((people.key_officer, True), (people.key_officer, True), (people.second_key_officer, False)):
        call_command("accept_clock", person=officer.email, reason="the server's clock was wrong", verbosity=0)
        assert bool(refusal() if still else "") == still
    with pytest.raises(CommandError):
        call_command("accept_clock", person=people.approver.email, reason="not mine to say")
    assert batch.run() == COUNT


@pytest.fixture
def gone_back(waiting: list[Order], issuing: CertificationAuthority) -> str:
    """A serial that the journal knows and the database, as after a restore, does not."""
    assert batch.run() == COUNT
    serial = f"{(1 << 158) + 4711:040x}"
    vitals.journal(issuing.pk).note_certificates([(serial, "0" * 64)], at=timezone.now())
    vitals._looked_at.clear()
    return serial


def reconcile(officer: User) -> None:
    call_command("reconcile", name="issuing", person=officer.email, reason="restored from a backup", verbosity=0)


def test_a_database_gone_back_is_noticed_and_two_people_reconcile_it(
    gone_back: str, people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    orders.queued(people, version)
    assert "two people" in refusal()
    epoch = CertificationAuthority.objects.get(pk=issuing.pk).status_epoch
    for officer in (people.key_officer, people.key_officer):
        reconcile(officer)
        assert "two people" in refusal()
    reconcile(people.second_key_officer)
    assert batch.run() == 1
    burnt = Intent.objects.get(serial=gone_back)
    assert (burnt.status, burnt.order) == ("abandoned", None)
    assert CertificationAuthority.objects.get(pk=issuing.pk).status_epoch > epoch
    all_is_well(COUNT + 1)


def test_somebody_without_the_role_reconciles_nothing(gone_back: str, people: People) -> None:
    with pytest.raises(CommandError):
        reconcile(people.approver)


def test_without_its_key_orders_wait_and_the_signer_says_what_is_missing(
    waiting: list[Order], issuing: CertificationAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "CA_KEY_PASSPHRASE", "not the right passphrase")
    assert "doesn't open" in refusal()
    assert Order.objects.filter(status="queued").count() == COUNT
    monkeypatch.undo()
    assert batch.run() == COUNT
