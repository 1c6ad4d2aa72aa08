"""Holders hear in time that receipt waits for them and that a certificate ends: once each, and not too many at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Notice
from accounts.roles import Role
from audit.actors import Actor
from audit.models import Event
from certificates import reminders
from certificates.models import Certificate
from certificates.reminders import Step, Terms
from certificates.services import reminding
from lra_portal.celery import app
from tests.certificates.pinned import issued, make_rules
from tests.harness.jobs import Jobs
from tests.people import make_person, signed_in
from tests.revocation.world import World, make_world

CLOCK = Actor.system("test")
ISSUED = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with time_machine.travel(ISSUED, tick=False):
        yield make_world()


def look(at: datetime, **limits: int) -> int:
    with time_machine.travel(at, tick=False):
        return reminding.remind(actor=CLOCK, at=timezone.now(), **limits)


def look_on(*days: float) -> None:
    """Look so many days after the issue; on each day twice, as two workers would."""
    for day in days:
        look(ISSUED + day * DAY)
        look(ISSUED + day * DAY + timedelta(minutes=1))


def told(certificate: Certificate) -> dict[str, datetime]:
    """The steps that were told, by name, with when."""
    notices = Notice.objects.filter(story=certificate.story).order_by("created_at")
    return {notice.dedupe.split("/")[1]: notice.created_at for notice in notices}


@pytest.mark.clause("O-16.2.6", "J-5.6")
def test_reminders_come_on_the_days_of_the_pinned_rules_and_at_the_end_the_duty_to_stop(world: World) -> None:
    certificate = issued(world, make_rules(world, notices={"expiry_days": [20, 5]}), at=ISSUED, days=40)
    make_rules(world, notices={"expiry_days": [90]})
    Certificate.objects.filter(pk=certificate.pk).update(delivery="accepted")
    look_on(0, 19.9, 20, 30, 35, 39, 40, 41, 45)
    found = told(certificate)
    assert list(found) == ["expiry_20", "expiry_5", "expired"]
    assert found["expiry_20"] == ISSUED + 20 * DAY
    assert found["expiry_5"] == ISSUED + 35 * DAY
    assert certificate.not_after < found["expired"] == ISSUED + 40 * DAY + timedelta(minutes=1)
    assert Notice.objects.get(dedupe=f"certificates/expired/{certificate.pk}").recipient == world.holder
    assert Event.objects.filter(act="certificate:remind", story=certificate.story).count() == 3
    certificate.refresh_from_db()
    assert not certificate.watched


@pytest.mark.clause("O-16.2.6", "J-5.6")
def test_the_mails_say_when_it_ends_how_to_renew_and_to_stop_using(world: World, jobs: Jobs) -> None:
    certificate = issued(world, make_rules(world), at=ISSUED, days=365)
    Certificate.objects.filter(pk=certificate.pk).update(delivery="accepted")
    look(ISSUED)
    look(certificate.not_after - 7 * DAY)
    with time_machine.travel(certificate.not_after - 7 * DAY, tick=False):
        jobs.run("accounts.send_notices")
    look(certificate.not_after + DAY)
    with time_machine.travel(certificate.not_after + DAY, tick=False):
        jobs.run("accounts.send_notices")
    before, after = mail.outbox
    assert certificate.management_number in before.subject
    assert "更新" in str(before.body)
    assert "使用をやめる義務" in str(before.body)
    assert "削除" in str(after.body)
    assert f"/certificates/{certificate.pk}/" in str(after.body)


def test_what_was_missed_is_told_once_and_only_the_newest_step(world: World) -> None:
    certificate = issued(world, make_rules(world, notices={"expiry_days": [60, 30, 7]}), at=ISSUED, days=365)
    Certificate.objects.filter(pk=certificate.pk).update(delivery="accepted")
    look(ISSUED)
    late = certificate.not_after - 29 * DAY
    look(late)
    look(late + DAY)
    assert list(told(certificate)) == ["expiry_30"]


def test_a_short_certificate_is_not_reminded_of_days_that_lie_before_its_issue(world: World) -> None:
    certificate = issued(world, make_rules(world, notices={"expiry_days": [60, 30, 7]}), at=ISSUED, days=20)
    Certificate.objects.filter(pk=certificate.pk).update(delivery="accepted")
    look_on(0, 5, 12, 13, 14, 21, 22)
    assert list(told(certificate)) == ["expiry_7", "expired"]


@pytest.mark.clause("J-5.6")
def test_nobody_is_reminded_of_an_end_that_a_successor_covers(world: World) -> None:
    version = make_rules(world)
    first = issued(world, version, at=ISSUED, days=100)
    with time_machine.travel(ISSUED + 50 * DAY, tick=False):
        Certificate.objects.filter(pk=first.pk).update(slot="past")
        second = issued(world, version, at=ISSUED + 50 * DAY, days=400, replaces=first)
    Certificate.objects.update(delivery="accepted")
    look_on(0, 40, 70, 93, 99)
    assert list(told(first)) == ["expiry_60"]
    assert told(second) == {}


def test_nobody_is_reminded_of_what_is_revoked(world: World) -> None:
    certificate = issued(world, make_rules(world), at=ISSUED, days=40)
    Certificate.objects.filter(pk=certificate.pk).update(revoked_at=ISSUED, ground="lra:misuse")
    look_on(0, 10, 33, 41)
    assert told(certificate) == {}


@pytest.mark.clause("O-16.2.2")
def test_receipt_is_asked_for_at_half_time_and_the_day_before_and_its_passing_alarms_the_office(world: World) -> None:
    rules = {"acceptance_days": 10, "acceptance_lapse": "remind", "notices": {"expiry_days": [7]}}
    certificate = issued(world, make_rules(world, **rules), at=ISSUED, days=300)
    approver = make_person("third_approver", Role.APPROVER)
    look_on(0, 4, 5, 6, 9, 10, 11, 30)
    found = told(certificate)
    assert found == {
        "acceptance_half": ISSUED + 5 * DAY,
        "acceptance_last": ISSUED + 9 * DAY,
        "acceptance_overdue": ISSUED + 10 * DAY,
    }
    alarms = Notice.objects.filter(kind="certificates/overdue_office")
    approvers = {approver, world.people["approver"], world.people["other_approver"]}
    assert {notice.recipient for notice in alarms} == approvers
    assert {tuple(notice.context["numbers"]) for notice in alarms} == {(certificate.management_number,)}
    with time_machine.travel(ISSUED + 11 * DAY, tick=False):
        page = signed_in(approver).get("/office/orders/").content.decode()
    assert certificate.management_number in page


@pytest.mark.clause("O-16.2.2")
@pytest.mark.parametrize("delivery", ["accepted", "reported"])
def test_whoever_accepted_or_reported_is_not_asked_again(world: World, delivery: str) -> None:
    rules = {"acceptance_days": 10, "notices": {"expiry_days": [7]}}
    certificate = issued(world, make_rules(world, **rules), at=ISSUED, days=300)
    look(ISSUED)
    Certificate.objects.filter(pk=certificate.pk).update(delivery=delivery)
    look_on(5, 9, 10, 30)
    assert told(certificate) == {}


def test_where_the_rules_revoke_the_reminder_says_so_and_no_alarm_follows(world: World, jobs: Jobs) -> None:
    rules = {"acceptance_days": 10, "acceptance_lapse": "revoke", "reissue": {"old_ends_days": 14}}
    certificate = issued(world, make_rules(world, **rules), at=ISSUED, days=300)
    look_on(0, 5, 9, 10, 30)
    assert list(told(certificate)) == ["acceptance_half", "acceptance_last"]
    assert all(notice.context["revoked_otherwise"] for notice in Notice.objects.filter(kind="certificates/receipt"))
    with time_machine.travel(ISSUED + 30 * DAY, tick=False):
        jobs.run("accounts.send_notices")
    assert "失効" in str(mail.outbox[0].body)


def test_many_ends_on_one_day_are_told_a_batch_at_a_time_and_once_each(world: World) -> None:
    version = make_rules(world, notices={"expiry_days": [5]})
    several = [issued(world, version, at=ISSUED, days=10) for _ in range(7)]
    Certificate.objects.update(delivery="accepted")
    look(ISSUED)
    at = ISSUED + 5 * DAY
    assert [look(at + n * timedelta(minutes=1), limit=3) for n in range(4)] == [3, 3, 1, 0]
    counted = Counter(Notice.objects.filter(kind="certificates/expiry").values_list("story", flat=True))
    assert counted == {certificate.story: 1 for certificate in several}


def test_a_certificate_whose_rules_can_not_be_read_is_reminded_as_usual(world: World) -> None:
    certificate = world.certificate(not_after=ISSUED + 10 * DAY)
    Certificate.objects.filter(pk=certificate.pk).update(issued_at=ISSUED, delivery="accepted")
    look_on(0, 3, 9, 12)
    assert list(told(certificate)) == ["expiry_7", "expired"]


def test_the_sweep_stands_in_the_beat(world: World, jobs: Jobs) -> None:
    certificate = issued(world, make_rules(world), at=ISSUED, days=10)
    assert "applications.remind_holders" in {entry["task"] for entry in app.conf.beat_schedule.values()}
    with time_machine.travel(ISSUED + 3 * DAY, tick=False):
        jobs.run("applications.remind_holders")
    assert list(told(certificate)) == ["expiry_7"]


@given(
    st.lists(st.integers(1, 365), max_size=5, unique=True).map(lambda days: tuple(sorted(days, reverse=True))),
    st.integers(1, 90),
    st.sampled_from(["remind", "revoke"]),
    st.integers(1, 800),
    st.lists(st.integers(0, 900 * 24), max_size=30).map(sorted),
)
def test_however_often_somebody_looks_every_step_is_told_at_most_once(
    expiry: tuple[int, ...], acceptance: int, lapse: str, length: int, looks: list[int]
) -> None:
    terms = Terms(expiry_days=expiry, acceptance_days=acceptance, acceptance_lapse=lapse)
    facts: dict[str, Any] = {"issued_at": ISSUED, "not_after": ISSUED + length * DAY}
    steps = reminders.steps_of(terms, **facts)
    since: datetime | None = None
    seen: list[Step] = []
    for hours in looks:
        at = ISSUED + timedelta(hours=hours)
        came = reminders.due_now(steps, since=since, at=at)
        assert all(step.at <= at for step in came)
        assert len({step.series for step in came}) == len(came)
        seen += came
        since = reminders.next_look(steps, at) or datetime.max.replace(tzinfo=UTC)
    assert len(set(seen)) == len(seen)
