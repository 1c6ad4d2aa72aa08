"""A request to revoke keeps the manual under which it came in (O-12.1)."""

import pytest
from django.test import Client
from django.urls import reverse

from regulations.models import Document, DocumentVersion
from revocation.models import RevocationRequest
from revocation.services import requests
from revocation.services.requests import Wish
from tests.people import People, signed_in
from tests.revocation.world import World, make_world, now


@pytest.fixture
def version(db: None) -> DocumentVersion:
    """A manual of revocation, posted a moment ago."""
    document, at = Document.objects.create(slug="manual", kind="manual", procedures=["revocation"]), now()
    return DocumentVersion.objects.create(
        document=document,
        version="1.0",
        title={"ja": "手引き", "en": "Manual"},
        sha256="0" * 64,
        status="published",
        status_since=at,
        posted_at=at,
    )


@pytest.mark.clause("O-12.1")
def test_a_request_is_pinned_to_the_manual_in_force(world: World, version: DocumentVersion) -> None:
    at = now()
    certificate = world.certificate()
    case: RevocationRequest = requests.request_own(
        certificate=certificate,
        wish=Wish("holder:no_longer_used"),
        typed_number=certificate.management_number,
        actor=world.actor("holder"),
        at=at,
    )
    assert case.manual == version


@pytest.mark.clause("O-12.1")
def test_every_form_that_asks_for_a_revocation_names_the_manual_first(version: DocumentVersion, people: People) -> None:
    certificate = make_world().certificate(holder=people.hanako)
    address = reverse("repository:document_version", args=["manual", "1.0"])
    forms = {
        reverse("revocation:urgent"): Client(),
        reverse("revocation:request", args=[certificate.pk]): signed_in(people.hanako),
        reverse("revocation:staff_request"): signed_in(people.examiner),
    }
    assert [form for form, browser in forms.items() if address not in browser.get(form).content.decode()] == []
