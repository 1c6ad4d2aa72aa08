"""Many certificates end on one day: each holder hears of each step once, so many a minute and no more (fault 32)."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Notice
from accounts.notices import notify_many
from audit.actors import Actor
from audit.models import Event
from certificates.models import Certificate, CertificationAuthority
from certificates.reminders import Step, Terms
from certificates.services import reminding
from certificates.worker import batch
from regulations.models import TargetSystemVersion
from tests.certificates import orders
from tests.faults.scale import scaled
from tests.faults.state import all_is_well
from tests.harness.cloned import Clone
from tests.people import People

CLOCK = Actor.system("test")
MANY = scaled(24, 10_000)
A_MINUTE = scaled(10, reminding.BATCH)
A_FEW = 5
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Desk:
    """Where certificates are issued that all end at the same moment."""

    people: People
    version: TargetSystemVersion

    def issue(self, count: int) -> datetime:
        """Issue so many, each by the signer, and return when they end."""
        for _ in range(count):
            orders.queued(self.people, self.version)
        with time_machine.travel(timezone.now(), tick=False):
            while batch.run():
                pass
        assert Certificate.objects.count() == count
        Certificate.objects.update(delivery="accepted")
        return Certificate.objects.latest("not_after").not_after


@pytest.fixture
def desk(clone: Clone, people: People, version: TargetSystemVersion, issuing: CertificationAuthority) -> Desk:
    """The desk, in a database in which everything commits."""
    return Desk(people, version)


def look_until_done(about: str) -> list[int]:
    """Look every minute until nothing is left to tell; return how many mails each look wrote."""
    told = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        while True:
            before = Notice.objects.filter(kind=about).count()
            looked = reminding.remind(actor=CLOCK, at=timezone.now(), limit=A_MINUTE)
            told.append(Notice.objects.filter(kind=about).count() - before)
            if not looked:
                return told
            clock.shift(MINUTE)


@pytest.mark.clause("O-16.2.6", "J-5.6")
def test_ten_thousand_ends_on_one_day_are_told_once_each_step_and_so_many_a_minute(desk: Desk) -> None:
    end = desk.issue(MANY)
    look_until_done("certificates/expiry")
    for number, days in enumerate(Terms().expiry_days, start=1):
        with time_machine.travel(end - timedelta(days=days) + MINUTE, tick=False):
            told = look_until_done("certificates/expiry")
        assert max(told) <= A_MINUTE
        assert sum(told) == MANY
        assert Notice.objects.filter(kind="certificates/expiry").count() == number * MANY
    with time_machine.travel(end + timedelta(days=1), tick=False):
        told = look_until_done("certificates/expired")
        assert (max(told) <= A_MINUTE, sum(told)) == (True, MANY)
        assert look_until_done("certificates/expired") == [0]
    steps = len(Terms().expiry_days) + 1
    each = Counter(Notice.objects.filter(kind__in=("certificates/expiry", "certificates/expired")).values_list("story"))
    assert set(each.values()) == {steps}
    assert Event.objects.filter(act="certificate:remind").count() == steps * MANY
    all_is_well(MANY)


def test_a_mail_that_is_asked_for_again_by_another_worker_stays_one(desk: Desk) -> None:
    end = desk.issue(A_FEW)
    look_until_done("certificates/expiry")
    with time_machine.travel(end - timedelta(days=1), tick=False):
        look_until_done("certificates/expiry")
        before = Notice.objects.count()
        due = [
            reminding.Due(row, Terms(), step)
            for row in Certificate.objects.select_related("holder")
            for step in [Step("expiry", row.not_after, Terms().expiry_days[-1])]
        ]
        notify_many(letters=[reminding.letter(item) for item in due], at=timezone.now())
    assert Notice.objects.count() == before
    all_is_well(A_FEW)
