"""From the first page to a certificate on the subscriber's machine, for both demo target systems."""

import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from applications.services import uploads
from audit.refusals import NotFound, Refused
from certificates.services import deliveries
from tests.certificates import material
from tests.flows import steps
from tests.flows.steps import House


@pytest.mark.clause("O-4.2", "O-5", "O-16.2.2", "O-1.1")
def test_a_member_gets_a_certificate_for_a_key_of_her_own(house: House) -> None:
    hanako = house.people.hanako
    application = steps.apply(hanako, "member-client", material.p256())
    assert application.receipt_number
    certificate = steps.issue(application, house.people, house.jobs)
    file = steps.fetch(certificate, hanako)
    issued = x509.load_pem_x509_certificate(file.content)
    assert issued.public_key() == material.p256().public_key()
    assert "OU=MEMBER-M-000123" in issued.subject.rfc4514_string()
    accepted = steps.accept(certificate, hanako)
    assert accepted.delivery == "accepted"


@pytest.mark.clause("J-2", "J-3.2", "J-5.2")
def test_an_authorised_person_gets_file_and_pin_by_two_mails(house: House) -> None:
    jiro = house.people.jiro
    application = steps.apply(jiro, "e-contract")
    certificate = steps.issue(application, house.people, house.jobs)
    file = steps.fetch(certificate, jiro)
    steps.send_mail(house.jobs)
    pins = [
        match[0]
        for message in steps.mails_to(jiro)
        if (match := re.search(r"(?:[2-9A-HJ-NP-Z]{4}[- ]){3,}[2-9A-HJ-NP-Z]{4}", str(message.body)))
    ]
    assert len(pins) == 1
    assert all("delivery/" not in str(m.body) for m in steps.mails_to(jiro) if pins[0] in str(m.body))
    key, issued, _chain = opened(file.content, pins[0])
    assert key is not None
    assert issued is not None
    names = [part.value for part in issued.subject]
    assert names == [
        "JP",
        "Tokyo",
        "Minato-ku",
        "Mihon Seiki Co., Ltd. (DEMO)",
        "CN-1999900000123",
        "Purchasing, Director",
        "Jiro Mihon",
    ]


def opened(content: bytes, pin: str) -> tuple[object, x509.Certificate | None, list[x509.Certificate]]:
    """Open a PKCS#12 file with the PIN as the mail prints it, or as it is without the spaces between groups."""
    for password in (pin, re.sub(r"[- ]", "", pin)):
        try:
            return pkcs12.load_key_and_certificates(content, password.encode())
        except ValueError:
            continue
    raise AssertionError("the PIN of the mail does not open the file")


@pytest.mark.clause("O-14.2")
def test_nobody_but_the_holder_can_use_the_link(house: House) -> None:
    application = steps.apply(house.people.hanako, "member-client", material.p256())
    certificate = steps.issue(application, house.people, house.jobs)
    token = steps.link_token(house.people.hanako)
    for person in (house.people.outsider, house.people.examiner, house.people.agent, house.people.contract_admin):
        with pytest.raises(Refused):
            deliveries.download(token=token, actor=steps.actor(person), at=steps.now())
    certificate.refresh_from_db()
    assert certificate.delivery == "undelivered"


@pytest.mark.clause("O-4.3.3")
def test_a_second_application_is_refused_while_the_certificate_is_valid(house: House) -> None:
    application = steps.apply(house.people.hanako, "member-client", material.p256())
    steps.issue(application, house.people, house.jobs)
    with pytest.raises(Refused):
        steps.apply(house.people.hanako, "member-client", material.rsa_key())


def test_a_broker_that_loses_every_nudge_loses_nothing(house: House) -> None:
    application = steps.apply(house.people.hanako, "member-client", material.p256())
    steps.examine(application, house.people.examiner)
    steps.approve(application, house.people.approver)
    assert house.jobs.drop() != []
    house.jobs.run("certificates.sign_batch")
    assert steps.certificate_of(application).delivery == "undelivered"


@pytest.mark.clause("O-9")
def test_the_outsider_finds_nothing_of_anybody(house: House) -> None:
    application = steps.apply(house.people.hanako, "member-client", material.p256())
    upload = application.uploads.get()
    with pytest.raises(NotFound):
        uploads.read_own(upload=upload, actor=steps.actor(house.people.outsider), at=steps.now())
