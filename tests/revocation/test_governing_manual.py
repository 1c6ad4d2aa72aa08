"""A request to revoke keeps the manual under which it came in (O-12.1)."""

import pytest

from regulations.models import Document, DocumentVersion
from revocation.models import RevocationRequest
from revocation.services import requests
from revocation.services.requests import Wish
from tests.revocation.world import World, now


@pytest.mark.clause("O-12.1")
def test_a_request_is_pinned_to_the_manual_in_force(world: World) -> None:
    document = Document.objects.create(slug="manual", kind="manual", procedures=["revocation"])
    at = now()
    version = DocumentVersion.objects.create(
        document=document,
        version="1.0",
        title={"ja": "手引き", "en": "Manual"},
        sha256="0" * 64,
        status="published",
        status_since=at,
        posted_at=at,
    )
    certificate = world.certificate()
    case: RevocationRequest = requests.request_own(
        certificate=certificate,
        wish=Wish("holder:no_longer_used"),
        typed_number=certificate.management_number,
        actor=world.actor("holder"),
        at=at,
    )
    assert case.manual == version
