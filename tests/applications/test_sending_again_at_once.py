"""Several presses at once send each mail that was given up once (fault 4, O-3.3)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts.models import Notice, User
from accounts.notices import send_again
from audit.models import Event
from tests.harness.cloned import Clone
from tests.harness.jobs import Jobs
from tests.instants import WEDNESDAY_11_00
from tests.people import make_people

PRESSES = 6


def give_up(person: User, number: int) -> None:
    """Leave a mail that the mail server refused for good."""
    columns = {"created_at": WEDNESDAY_11_00, "status_since": WEDNESDAY_11_00, "not_before": WEDNESDAY_11_00}
    made = Notice.objects.create(
        kind="applications/advance_notice", dedupe=f"advance:{number}", recipient=person, email=person.email, **columns
    )
    Notice.objects.filter(pk=made.pk).update(status="failed")


@pytest.mark.clause("O-3.3")
def test_presses_at_the_same_moment_send_each_mail_once(clone: Clone, jobs: Jobs) -> None:
    people = make_people()
    for number in range(20):
        give_up(people.hanako, number)
    actor = people.rules_manager.actor()

    def press(_number: int) -> int:
        try:
            return send_again(notices=Notice.objects.all(), actor=actor, at=WEDNESDAY_11_00)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(PRESSES) as pool:
        sent = list(pool.map(press, range(PRESSES)))
    assert sum(sent) == 20
    assert Event.objects.filter(act="notice:retry").count() == 20
