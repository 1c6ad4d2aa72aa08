"""Many certificates are revoked by a real worker that is fed by the broker: it dies, is stopped, and goes on."""

import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from accounts.models import Notice
from accounts.nudges import nudge
from audit.models import Event
from revocation import invariants
from revocation.models import CrlEntry, MassRevocation, ResponderProbe
from revocation.services import mass
from revocation.services.mass import Selection
from tests.faults.scale import scaled
from tests.faults.workers import celery_words, until, worker_environment
from tests.harness.cloned import Clone
from tests.harness.processes import running
from tests.revocation.world import World, make_world, now

pytestmark = pytest.mark.processes
MANY = mass.BATCH * scaled(3, 40)


def revoked() -> int:
    return CrlEntry.objects.count()


def approved(world: World) -> MassRevocation:
    """A mass revocation of two people, handed to the worker by the broker."""
    numbers = [world.certificate().management_number for _ in range(MANY)]
    selection = Selection(numbers=numbers, source="list.csv")
    row = mass.propose(
        selection=selection, ground="lra:misuse", statement="Seen.", actor=world.actor("examiner"), at=now()
    )
    return mass.approve(mass=row, actor=world.actor("approver"), at=now())


@pytest.mark.clause("J-5.3")
def test_a_mass_revocation_outlives_its_worker_stops_when_told_and_goes_on(clone: Clone, tmp_path: Path) -> None:
    world = make_world()
    words, environment = celery_words("work"), worker_environment(clone, tmp_path)
    with ExitStack() as stack:
        first = stack.enter_context(running(words, environment, tmp_path / "first.log"))
        row = approved(world)
        until(lambda: revoked() > 0)
        first.send_signal(signal.SIGKILL)
        first.wait()
        row.refresh_from_db()
        row = mass.stop(mass=row, actor=world.actor("examiner"), at=now())
        stopped_at = revoked()
        assert 0 < stopped_at < MANY
        assert stopped_at % mass.BATCH == 0
        second = stack.enter_context(running(words, environment, tmp_path / "second.log"))
        nudge("revocation.mass")
        nudge("revocation.ask_responder")  # one worker does one thing after the other: this one is the later
        until(ResponderProbe.objects.exists)
        assert revoked() == stopped_at
        mass.resume(mass=row, actor=world.actor("other_approver"), at=now())
        until(lambda: MassRevocation.objects.filter(status="finished").exists())
        second.terminate()
        assert second.wait(60) == 0
    assert revoked() == Event.objects.filter(act="certificate:revoke").count() == MANY
    assert row.members.filter(status="revoked").count() == MANY
    told = Notice.objects.filter(kind="revocation/completed").values_list("dedupe", flat=True)
    assert len(told) == len(set(told)) == 2 * MANY
    assert list(invariants.breaches()) == []
