"""What the applicant sees once an application is approved: the state of order and certificate, read from the page."""

import pytest
from django.utils import timezone

from applications.models import Application
from applications.selectors.progress import standing_of, timeline_of
from applications.services import intake
from audit.refusals import Stale
from certificates.models import Certificate
from certificates.worker import batch
from tests.applications.cases import approved, submitted
from tests.people import ORIGIN, People, signed_in

pytestmark = pytest.mark.usefixtures("issuing")


@pytest.fixture
def application(people: People, demo_rules: None) -> Application:
    """An application that was approved; nothing is signed yet."""
    return approved(submitted(people.hanako), people)


def test_between_approval_and_signature_it_is_awaiting_issue_and_cannot_be_withdrawn(
    application: Application, people: People
) -> None:
    assert standing_of(application).code == "issuing"
    with pytest.raises(Stale):
        intake.withdraw(application=application, actor=people.hanako.actor(ORIGIN), at=timezone.now())
    browser = signed_in(people.hanako)
    assert browser.post(f"/applications/{application.pk}/withdraw/").status_code == 409


@pytest.mark.clause("O-16.2.2")
def test_an_issued_certificate_is_the_first_thing_to_do_at_home(application: Application, people: People) -> None:
    assert batch.run() == 1
    certificate = Certificate.objects.get()
    browser = signed_in(people.hanako)
    page = browser.get("/home/").content.decode()
    assert certificate.management_number in page
    assert "証明書を受け取ってください" in page
    page = browser.get(f"/applications/{application.pk}/").content.decode()
    assert "証明書を受け取ってください" in page
    assert browser.get(f"/applications/{application.pk}/status/").status_code == 200


def test_the_timeline_tells_every_step_once_in_order(application: Application) -> None:
    batch.run()
    fresh = Application.objects.get(pk=application.pk)
    standing = standing_of(fresh)
    assert (standing.code, standing.step, standing.your_turn) == ("issued", 6, True)
    told = [str(entry.title) for entry in timeline_of(fresh, standing)]
    assert told[:4] == ["提出済", "審査中", "承認待ち", "承認"]
    assert len(told) == 5
    assert told[4].startswith("発行")


def test_a_revoked_certificate_is_not_said_to_be_in_use(application: Application, people: People) -> None:
    batch.run()
    at = timezone.now()
    Certificate.objects.update(revoked_at=at, revocation_xid=1, ground="lra:misuse", slot="past", delivery="accepted")
    fresh = Application.objects.get(pk=application.pk)
    assert (standing_of(fresh).code, standing_of(fresh).since) == ("revoked", at)
    page = signed_in(people.hanako).get(f"/applications/{application.pk}/").content.decode()
    assert "使用をやめてください" in page


@pytest.mark.clause("O-4.3.3")
def test_its_own_certificate_does_not_speak_against_an_approved_case(application: Application, people: People) -> None:
    batch.run()
    certificate = Certificate.objects.get()
    page = signed_in(people.approver).get(f"/examination/{application.pk}/").content.decode()
    assert f"{certificate.management_number} をすでに持っています" not in page
    assert "承認できません" not in page
