"""Each procedure names the manual that governs it, and keeps the version it began under (O-12.1)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from applications.models import Application
from certificates.models import CertificationAuthority
from lra_portal.demo.regulations import LOADER
from regulations.models import Document, DocumentVersion, TargetSystem
from regulations.selectors import governing_manual
from regulations.services import documents
from regulations.services.drafts import text_of
from tests.applications import cases
from tests.applications.applying import Applying, load_rules
from tests.instants import MONDAY_9_00, WEDNESDAY_11_00
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


@pytest.mark.clause("O-12.1")
def test_the_last_step_of_the_form_names_the_manual_before_anything_is_submitted(
    issuing: CertificationAuthority, people: People
) -> None:
    load_rules(MONDAY_9_00)
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        applying = Applying(people.hanako)
        draft = applying.filled()
        page = applying.browser.get(f"/applications/{draft.pk}/form/confirm/").content.decode()
    assert 'href="/documents/manual/2.3/"' in page[page.index("/submit/") :]


@pytest.mark.clause("O-12.1")
@pytest.mark.clause("J-1.2")
def test_a_manual_of_the_target_system_comes_first_and_one_of_another_does_not_count(
    issuing: CertificationAuthority, people: People
) -> None:
    load_rules(MONDAY_9_00)
    at = WEDNESDAY_11_00
    general, system = Document.objects.get(slug="manual"), TargetSystem.objects.get(slug="member-client")
    columns = {"kind": "manual", "precedence": 90, "procedures": ["issue"], "target_systems": [system]}
    actor = people.rules_manager.actor()
    own = documents.set_up(columns={**columns, "slug": "member-manual"}, actor=actor, at=at)
    text = documents.Text(**{**vars(text_of(general.version_in_force(at))), "version": "1.0"})
    posted = documents.publish(document=own, text=text, actor=LOADER, at=at)
    other = TargetSystem.objects.get(slug="e-contract")
    assert governing_manual("issue", at, system) == posted
    for procedure, target in (("issue", other), ("issue", None), ("revocation", system)):
        found = governing_manual(procedure, at, target)
        assert found is not None
        assert found.document == general
    documents.govern(document=general, columns={**columns, "target_systems": [other]}, actor=actor, at=at)
    assert governing_manual("issue", at) is None
