"""While the service is suspended nothing is issued; lists and revocations go on (O-6)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.actors import Actor
from certificates.models import CertificationAuthority
from certificates.worker import batch
from regulations.models import Suspension, TargetSystemVersion
from regulations.ruleset import LocalText
from regulations.services import suspensions
from tests.certificates import orders
from tests.people import People

SYSTEM = Actor.system("test")
WHY = LocalText(ja="機器の交換", en="Replacing a machine")


@pytest.mark.clause("O-6")
def test_an_order_waits_for_the_end_of_a_suspension_and_is_then_signed(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    order = orders.queued(people, version)
    at = timezone.now()
    running = suspensions.announce(
        begins_at=at - timedelta(minutes=1), ends_at=at + timedelta(hours=1), reason=WHY, actor=SYSTEM, at=at
    )
    assert batch.run() == 0
    order.refresh_from_db()
    assert order.status == "queued"
    suspensions.end_early(suspension=running, actor=SYSTEM, at=timezone.now())
    assert Suspension.objects.filter(ends_at__lte=timezone.now()).count() == 1
    assert batch.run() == 1
    order.refresh_from_db()
    assert order.status == "issued"
