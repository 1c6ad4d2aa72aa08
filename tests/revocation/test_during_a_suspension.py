"""A suspension stops applications and issuing; what is revoked meanwhile is published as ever (O-6)."""

from datetime import timedelta

import pytest

from regulations.models import Suspension
from revocation.services.revoking import revoke
from tests.revocation.test_publishing import published, serials_of
from tests.revocation.world import SYSTEM, World, now


@pytest.mark.clause("O-6")
def test_what_is_revoked_during_a_suspension_is_on_the_next_list(world: World) -> None:
    at = now()
    Suspension.objects.create(
        begins_at=at - timedelta(hours=1), ends_at=at + timedelta(hours=1), reason={"ja": "点検", "en": "Check"}
    )
    certificate = world.certificate()
    revoke(certificate=certificate, ground="lra:accepted_request", actor=SYSTEM, at=at)
    assert certificate.serial in serials_of(published(world))
