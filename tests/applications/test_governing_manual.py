"""Each procedure names the manual that governs it, and keeps the version it began under (O-12.1)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.models import Application
from certificates.models import CertificationAuthority
from lra_portal.demo.regulations import LOADER
from regulations.models import Document, DocumentVersion
from regulations.selectors import governing_manual
from regulations.services import documents
from regulations.services.drafts import text_of
from tests.applications import cases
from tests.people import People, signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.clause("O-12.1")
def test_an_application_keeps_the_manual_under_which_it_was_received(
    application: Application, issuing: CertificationAuthority, people: People
) -> None:
    first, at = application.manual, application.submitted_at
    assert isinstance(first, DocumentVersion)
    assert at is not None
    newer = documents.Text(**{**vars(text_of(first)), "version": "9.0"})
    later = at + timedelta(minutes=1)
    posted = documents.publish(document=first.document, text=newer, actor=LOADER, at=later)
    application.refresh_from_db()
    assert application.manual == first
    for procedure in ("issue", "reissue", "revocation"):
        assert governing_manual(procedure, later) == posted
        assert governing_manual(procedure, at) == first
    address = reverse("repository:document_version", args=[first.document.slug, first.version])
    page = signed_in(people.hanako).get(reverse("applications:detail", args=[application.pk])).content.decode()
    assert address in page
    assert cases.submitted(people.jiro, at=later + timedelta(minutes=1)).manual == posted


def test_a_procedure_without_a_manual_pins_none(issuing: CertificationAuthority, people: People) -> None:
    cases.load_rules()
    Document.objects.update(procedures=[])
    assert cases.submitted(people.hanako).manual is None
