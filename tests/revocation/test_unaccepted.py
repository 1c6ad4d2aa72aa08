"""A certificate that nobody accepts in time is revoked where its rules say so, and left alone where they do not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Notice
from audit.models import Event
from certificates.models import Certificate
from certificates.services import acceptance
from revocation.grounds import GROUNDS, Party, may_cite
from revocation.services import completion
from tests.certificates.pinned import issued, make_rules
from tests.harness.jobs import Jobs
from tests.people import ORIGIN
from tests.revocation.world import PUBLISHER, World, make_world

ISSUED = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
LIMIT = ISSUED + timedelta(days=10)
REVOKE = {"acceptance_days": 10, "acceptance_lapse": "revoke", "reissue": {"old_ends_days": 14}}


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with time_machine.travel(ISSUED, tick=False):
        yield make_world()


def sweep(at: datetime) -> int:
    with time_machine.travel(at, tick=False):
        return completion.revoke_unaccepted(actor=PUBLISHER, at=timezone.now())


@pytest.mark.clause("O-16.2.2", "J-5.3")
def test_it_is_revoked_when_the_limit_has_passed_and_the_holder_is_told_to_stop(world: World) -> None:
    certificate = issued(world, make_rules(world, **REVOKE), at=ISSUED)
    make_rules(world, acceptance_lapse="remind")
    assert sweep(LIMIT - timedelta(seconds=1)) == 0
    assert sweep(LIMIT) == 1
    assert sweep(LIMIT) == 0
    certificate.refresh_from_db()
    assert (certificate.ground, certificate.reason_code, certificate.slot) == ("lra:not_accepted", 5, "past")
    told = Notice.objects.filter(kind="revocation/completed", story=certificate.story)
    assert {notice.recipient for notice in told} == {world.holder, world.applicant}
    assert Event.objects.filter(act="certificate:revoke", story=certificate.story).count() == 1


@pytest.mark.clause("O-16.2.2")
def test_nothing_is_revoked_where_the_rules_only_remind(world: World) -> None:
    issued(world, make_rules(world, acceptance_days=10, acceptance_lapse="remind"), at=ISSUED)
    assert sweep(LIMIT + timedelta(days=100)) == 0


@pytest.mark.clause("O-16.2.2")
@pytest.mark.parametrize("delivery", ["accepted", "reported"])
def test_what_was_accepted_or_reported_as_wrong_is_left_to_people(world: World, delivery: str) -> None:
    certificate = issued(world, make_rules(world, **REVOKE), at=ISSUED)
    Certificate.objects.filter(pk=certificate.pk).update(delivery=delivery)
    assert sweep(LIMIT) == 0


def test_an_undecided_request_to_revoke_is_waited_for(world: World) -> None:
    certificate = issued(world, make_rules(world, **REVOKE), at=ISSUED)
    rows = Certificate.objects.filter(pk=certificate.pk)
    rows.update(revocation_requested_at=LIMIT)
    assert sweep(LIMIT) == 0
    rows.update(revocation_requested_at=None)
    assert sweep(LIMIT) == 1


def test_an_acceptance_in_the_last_second_wins(world: World) -> None:
    certificate = issued(world, make_rules(world, **REVOKE), at=ISSUED)
    Certificate.objects.filter(pk=certificate.pk).update(delivery="downloaded")
    with time_machine.travel(LIMIT, tick=False):
        acceptance.accept(certificate=certificate, actor=world.holder.actor(ORIGIN), at=timezone.now())
    assert not completion._revoke_unaccepted(certificate.pk, PUBLISHER, LIMIT)
    certificate.refresh_from_db()
    assert certificate.revoked_at is None


def test_the_publishers_sweep_does_it_and_only_the_system_may_cite_this_ground(world: World, jobs: Jobs) -> None:
    certificate = issued(world, make_rules(world, **REVOKE), at=ISSUED)
    with time_machine.travel(LIMIT, tick=False):
        jobs.run("revocation.sweep")
    certificate.refresh_from_db()
    assert certificate.ground == "lra:not_accepted"
    assert GROUNDS["lra:not_accepted"].clause == "O-16.2.2"
    assert not any(may_cite(party, "lra:not_accepted") for party in Party if party != Party.SYSTEM)
