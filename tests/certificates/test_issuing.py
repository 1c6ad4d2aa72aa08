"""From an approved order to a stored certificate, through the signer's own code and real PostgreSQL."""

import hashlib
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from django.utils import timezone

from accounts.models import Notice
from audit.acts import Act
from audit.models import Event
from certificates import emails, rules
from certificates.models import Approval, Certificate, CertificationAuthority, Intent, Order
from certificates.names import parts_of
from certificates.profiles import CertificateProfile
from certificates.worker import authorities, batch
from regulations.models import TargetSystemVersion
from tests.authorities import make_issuing
from tests.certificates import material, orders
from tests.people import People
from vault.services import decrypt

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(people: People, version: TargetSystemVersion, issuing: CertificationAuthority) -> Order:
    return orders.queued(people, version)


@pytest.mark.clause("O-1.1")
def test_an_approved_order_becomes_one_certificate_with_its_evidence(order: Order) -> None:
    assert batch.run() == 1
    certificate = Certificate.objects.get()
    order.refresh_from_db()
    assert (order.status, certificate.order, certificate.slot) == ("issued", order, "current")
    assert certificate.intent.status == "signed"
    acts = list(Event.objects.of_story(order.story).values_list("act", "before", "after"))
    assert acts[-2:] == [(Act.ORDER_CLAIM, "queued", "signing"), (Act.CERTIFICATE_ISSUE, "signing", "issued")]
    assert batch.run() == 0
    assert Intent.objects.count() == Certificate.objects.count() == 1


def test_the_stored_columns_are_those_of_the_bytes(order: Order) -> None:
    batch.run()
    row = Certificate.objects.get()
    certificate = x509.load_der_x509_certificate(bytes(row.der))
    assert tuple(parts_of(certificate.subject)) == orders.SUBJECT
    assert f"{certificate.serial_number:040x}" == row.serial == row.intent.serial
    assert hashlib.sha256(bytes(row.der)).hexdigest() == row.sha256
    assert (certificate.not_valid_before_utc, certificate.not_valid_after_utc) == (row.not_before, row.not_after)
    assert row.common_name == "Hanako Kaku"


@pytest.mark.clause("O-14.1", "J-4")
def test_the_certificate_states_its_permitted_use_and_the_issuers_fixed_addresses(
    order: Order, issuing: CertificationAuthority
) -> None:
    batch.run()
    certificate = x509.load_der_x509_certificate(bytes(Certificate.objects.get().der))
    policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert policies[0].policy_identifier.dotted_string == "1.3.6.1.4.1.99999.1.2"
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.content_commitment) == (True, True)
    assert not usage.value.key_cert_sign
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert [name.value for name in points[0].full_name or []] == [issuing.crl_url]
    assert issuing.distribution_points.get().url == issuing.crl_url


def test_what_the_request_asked_for_is_not_in_the_certificate(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    asked = x509.SubjectAlternativeName([x509.DNSName("bank.example"), x509.RFC822Name("boss@bank.example")])
    orders.queued(people, version, csr=material.request(None, asked))
    batch.run()
    certificate = x509.load_der_x509_certificate(bytes(Certificate.objects.get().der))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [name.value for name in names] == ["hanako@demo.example"]


def test_openssl_verifies_the_chain_up_to_the_root(
    order: Order, issuing: CertificationAuthority, tmp_path: Path
) -> None:
    batch.run()
    own = x509.load_der_x509_certificate(bytes(Certificate.objects.get().der))
    above, root = authorities.chain_of(issuing)
    for name, certificate in (("own", own), ("issuing", above), ("root", root)):
        (tmp_path / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    command = ["openssl", "verify", "-x509_strict", "-CAfile", "root.pem", "-untrusted", "issuing.pem", "own.pem"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout == b"own.pem: OK\n"


@pytest.mark.clause("J-5.2")
def test_the_lra_makes_key_and_pin_and_keeps_them_sealed_under_two_keys(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority, tmp_path: Path
) -> None:
    order = orders.approved(people, orders.proposed(people, orders.by_lra(version)))
    assert batch.run() == 1
    row = Certificate.objects.get(order=order)
    assert row.pkcs12 is not None
    assert row.pin is not None
    assert (row.pkcs12.purpose, row.pin.purpose) == ("pkcs12", "pin")
    file, pin = decrypt(row.pkcs12), decrypt(row.pin)
    key, certificate, above = pkcs12.load_key_and_certificates(file, pin)
    assert key is not None
    assert certificate is not None
    assert key.public_key() == certificate.public_key()
    assert certificate.public_bytes(Encoding.DER) == bytes(row.der)
    assert len(above) == 2
    (tmp_path / "c.p12").write_bytes(file)
    command = ["openssl", "pkcs12", "-in", "c.p12", "-passin", f"pass:{pin.decode()}", "-noout", "-info"]
    shown = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True).stderr
    assert "AES-256-CBC" in shown


@pytest.mark.clause("J-5.2")
def test_a_file_for_old_systems_is_made_only_where_the_rules_name_it(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority, tmp_path: Path
) -> None:
    profile = {**orders.PROFILE, "pkcs12": "legacy_3des"}
    orders.approved(people, orders.proposed(people, orders.by_lra(version, profile=profile)))
    assert batch.run() == 1
    row = Certificate.objects.get()
    assert row.pkcs12 is not None
    assert row.pin is not None
    (tmp_path / "c.p12").write_bytes(decrypt(row.pkcs12))
    password = f"pass:{decrypt(row.pin).decode()}"
    command = ["openssl", "pkcs12", "-in", "c.p12", "-passin", password, "-noout", "-info"]
    shown = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True).stderr
    assert "pbeWithSHA1And3-KeyTripleDES-CBC" in shown
    assert "MAC: sha1" in shown
    assert "AES" not in shown
    with pytest.raises(ValueError, match="rc2"):
        CertificateProfile.parse({**orders.PROFILE, "pkcs12": "rc2"})


@pytest.mark.clause("O-14.2", "O-14.3")
def test_holder_alone_is_told_and_the_pin_goes_by_a_notice_of_its_own(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    orders.approved(people, orders.proposed(people, orders.by_lra(version)))
    batch.run()
    notices = Notice.objects.order_by("kind")
    assert [notice.kind for notice in notices] == ["certificates/pin", "certificates/ready"]
    assert {notice.recipient for notice in notices} == {people.hanako}
    pin = Certificate.objects.get().pin
    assert pin is not None
    assert notices[0].secret == pin
    assert notices[1].secret is None
    assert decrypt(pin).decode() not in str([notice.context for notice in notices])


@pytest.mark.parametrize("key_type", ["p256", "p384", "rsa2048"])
def test_every_kind_of_issuer_key_signs(
    people: People, version: TargetSystemVersion, key_type: str, issuing: CertificationAuthority
) -> None:
    make_issuing("other", key_type)
    orders.queued(people, version, profile={**orders.PROFILE, "issuer": "other"})
    assert batch.run() == 1
    assert Certificate.objects.get().authority.name == "other"


def test_a_certificate_never_outlasts_its_contract_and_its_last_day_counts_whole(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    end = (timezone.now() + timedelta(days=30)).replace(hour=15, minute=0, second=0, microsecond=0)
    orders.queued(people, version, valid_until=end)
    batch.run()
    assert Certificate.objects.get().not_after == end - timedelta(seconds=1)


def test_an_order_whose_contract_has_ended_fails_in_sight(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    order = orders.queued(people, version, valid_until=timezone.now() - timedelta(days=1))
    batch.run()
    order.refresh_from_db()
    assert order.status == "failed"
    assert "contract" in order.failure[0]
    assert not Intent.objects.exists()
    told = Notice.objects.filter(kind=emails.ALARM)
    assert set(told.values_list("recipient", flat=True)) == {people.key_officer.pk, people.second_key_officer.pk}
    assert all(notice.context["url"].endswith("/office/orders/") for notice in told)


def test_one_bad_order_stops_itself_and_no_other(order: Order, people: People, version: TargetSystemVersion) -> None:
    other = orders.proposed(people, orders.frozen(version))
    bad = other.frozen | {"subject": [["C", "JP"], ["CN", "Taro\u202eX"]]}
    digest, at = rules.digest_of(bad), timezone.now()
    Order.objects.filter(pk=other.pk).update(frozen=bad, digest=digest, round=2)
    for role, person in (("applicant", people.hanako), ("examiner", people.examiner), ("approver", people.approver)):
        Approval.objects.create(
            order=other, round=2, digest=digest, role=role, person=person, four_eyes=True, given_at=at
        )
    Order.objects.filter(pk=other.pk).update(status="queued")
    batch.run()
    order.refresh_from_db()
    other.refresh_from_db()
    assert (order.status, other.status) == ("issued", "failed")


def test_a_successor_stands_beside_the_current_certificate(
    order: Order, people: People, version: TargetSystemVersion
) -> None:
    batch.run()
    again = orders.proposed(people, orders.frozen(version), subscription=order.subscription)
    orders.approved(people, again)
    batch.run()
    slots = Certificate.objects.order_by("issued_at").values_list("slot", flat=True)
    assert list(slots) == ["current", "successor"]


def test_a_third_certificate_beside_two_living_ones_is_not_signed(
    order: Order, people: People, version: TargetSystemVersion
) -> None:
    batch.run()
    for _ in range(2):
        orders.approved(people, orders.proposed(people, orders.frozen(version), subscription=order.subscription))
        batch.run()
    assert Certificate.objects.count() == 2
    assert "slots" in Order.objects.get(status="failed").failure[0]


@pytest.mark.parametrize(
    ("done", "seconds", "size"), [(50, 0.3, 500), (50, 5.0, 50), (50, 25.0, 10), (1, 60.0, 1), (8, 0.0, 500)]
)
def test_a_batch_is_as_large_as_the_signer_does_in_a_few_seconds(done: int, seconds: float, size: int) -> None:
    assert batch.fitting_size(done, seconds) == size
