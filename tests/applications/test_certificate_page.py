"""One certificate as the office sees it: how it stands, and the calls and mails that were made about it (O-17.1)."""

import pytest
from django.utils import timezone

from applications.models import Contact
from audit.actors import Actor
from audit.models import Event
from certificates.models import Certificate
from revocation.services import revoking
from tests.flows import steps
from tests.flows.steps import House
from tests.people import signed_in

CALL = {"channel": "telephone", "with_whom": "見本 次郎", "text": "部署の英字表記を確かめた。"}


@pytest.fixture
def certificate(house: House) -> Certificate:
    """Jiro's certificate for electronic contracts."""
    return steps.issue(steps.apply(house.people.jiro, "e-contract"), house.people, house.jobs)


def address(certificate: Certificate) -> str:
    return f"/examination/certificates/{certificate.pk}/"


@pytest.mark.clause("O-17.1")
def test_a_call_after_issuing_is_kept_with_the_certificate_and_its_application(
    certificate: Certificate, house: House
) -> None:
    examiner = signed_in(house.people.examiner)
    assert examiner.post(address(certificate), CALL).status_code == 302
    assert examiner.post(address(certificate), CALL | {"channel": "mail", "text": "返信を待つ。"}).status_code == 302
    contact = Contact.objects.order_by("at", "pk")[0]
    assert (contact.application.order, contact.person, contact.channel) == (
        certificate.order,
        house.people.examiner,
        "telephone",
    )
    said = Event.objects.filter(act="application:contact", story=certificate.story)
    assert said.count() == 2
    for reader in (house.people.examiner, house.people.auditor):
        for page in (address(certificate), f"/examination/{contact.application_id}/"):
            text = signed_in(reader).get(page).content.decode()
            assert "部署の英字表記を確かめた。" in text, page
            assert "返信を待つ。" in text, page


@pytest.mark.clause("O-17.1")
@pytest.mark.parametrize(
    ("wrong", "kept"),
    [
        ({"text": " "}, "見本 次郎"),
        ({"with_whom": ""}, "部署の英字表記を確かめた。"),
        ({"text": "確認\u202eした"}, "見本 次郎"),
        ({"with_whom": "見本\u200b次郎"}, "部署の英字表記を確かめた。"),
        ({"channel": "telepathy"}, "部署の英字表記を確かめた。"),
        ({"text": "長" * 2001}, "見本 次郎"),
    ],
)
def test_what_can_not_be_kept_is_said_and_what_was_typed_stays(
    certificate: Certificate, house: House, wrong: dict[str, str], kept: str
) -> None:
    answer = signed_in(house.people.examiner).post(address(certificate), CALL | wrong)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert kept in text
    assert "data-error-summary" in text
    assert not Contact.objects.exists()


@pytest.mark.clause("O-9")
def test_who_may_not_contact_keeps_nothing_and_outsiders_find_nothing(certificate: Certificate, house: House) -> None:
    auditor = signed_in(house.people.auditor)
    assert 'name="with_whom"' not in auditor.get(address(certificate)).content.decode()
    assert auditor.post(address(certificate), CALL).status_code in (403, 404)
    for person in (house.people.jiro, house.people.outsider, house.people.rules_manager):
        assert signed_in(person).get(address(certificate)).status_code in (403, 404)
        assert signed_in(person).post(address(certificate), CALL).status_code in (403, 404)
    assert not Contact.objects.exists()
    unknown = address(certificate).replace(str(certificate.pk), "00000000-0000-4000-8000-000000000000")
    assert signed_in(house.people.examiner).get(unknown).status_code == 404


def test_looking_at_it_is_on_record(certificate: Certificate, house: House) -> None:
    looks = Event.objects.filter(story=certificate.story, person_id=house.people.auditor.pk)
    before = looks.count()
    signed_in(house.people.auditor).get(address(certificate))
    assert looks.count() == before + 1


def test_a_revoked_certificate_says_why_in_words(certificate: Certificate, house: House) -> None:
    revoking.revoke(
        certificate=certificate,
        ground="lra:information_changed",
        actor=Actor.system("test"),
        at=timezone.now(),
    )
    for language, words in (("ja", "記載"), ("en", "changed")):
        page = signed_in(house.people.examiner).get(address(certificate), headers={"accept-language": language})
        assert words in page.content.decode()
        assert "lra:information_changed" not in page.content.decode()


def test_the_office_sees_what_it_says_in_words_and_in_asn1_and_takes_it_as_a_file(
    certificate: Certificate, house: House
) -> None:
    for reader in (house.people.examiner, house.people.auditor):
        browser = signed_in(reader)
        page = browser.get(address(certificate)).content.decode()
        for said in ("2.5.4.3 (commonName)", "/ca/issuing.cer", "/ca/root.cer", "<code>CN</code>"):
            assert said in page, said
        file = browser.get(f"{address(certificate)}file/der/")
        assert file.content == bytes(certificate.der)
        assert file["Content-Disposition"].startswith("attachment")
        assert browser.get(f"{address(certificate)}file/p12/").status_code == 404
    stranger = signed_in(house.people.outsider)
    assert stranger.get(f"{address(certificate)}file/der/").status_code == 404
