"""Whoever holds the private key proves it by a PKCS#10 request with our challenge: the certificate falls at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Notice
from audit.actors import Actor
from audit.models import Event
from audit.refusals import RuleViolated
from certificates.models import BlockedKey, Certificate
from revocation.models import KeyChallenge, RevocationRequest
from revocation.services import countersigning, proving, requests
from tests.revocation.asking import tip
from tests.revocation.world import World, now

ANYONE = Actor(person_id=None, roles=frozenset({"anyone"}), origin="198.51.100.7")


@pytest.fixture
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def certificate(world: World, key: ec.EllipticCurvePrivateKey) -> Certificate:
    return world.certificate(key=key)


def reported(named: str, kind: str = "other") -> RevocationRequest:
    return requests.report(tip=tip(named, kind), actor=ANYONE, at=now())


def answer_to(text: str, key: ec.EllipticCurvePrivateKey, *more: x509.NameAttribute[str]) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text), *more])
    return (
        x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    )


def challenged(case: RevocationRequest) -> KeyChallenge:
    return proving.give_challenge(case=case, actor=ANYONE, at=now())


def proved(case: RevocationRequest, answer: bytes, actor: Actor = ANYONE) -> RevocationRequest:
    return proving.prove(case=case, answer=answer, actor=actor, at=now())


@pytest.mark.clause("O-15.3", "O-15.1.4")
def test_who_holds_the_key_has_it_revoked_at_once_as_compromised(
    world: World, certificate: Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    case = reported(certificate.management_number)
    answer = answer_to(challenged(case).text, key)
    case = proved(case, answer)
    certificate.refresh_from_db()
    assert (case.status, case.decided_by, case.ground) == ("processing", None, "lra:key_compromise")
    assert (certificate.ground, certificate.reason_code) == ("lra:key_compromise", 1)
    assert BlockedKey.objects.filter(public_key_sha256=certificate.public_key_sha256).exists()
    assert Event.objects.filter(act="revocation:prove", role="anyone", subject_id=str(case.pk)).exists()
    assert KeyChallenge.objects.get().answer is not None
    countersigning.countersign(case=case, note="", actor=world.actor("approver"), at=now())
    assert Notice.objects.filter(kind="revocation/countersign").count() == 2


@pytest.mark.clause("O-15.3")
def test_the_proof_finds_the_certificate_of_a_report_that_did_not_know_its_number(
    certificate: Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    case = reported("the seal of Demo Seiki")
    assert proved(case, answer_to(challenged(case).text, key)).certificate == certificate


def test_where_a_request_is_open_the_proof_decides_that_one(
    world: World, certificate: Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    first = reported(certificate.management_number)
    by_number, unknown = reported(certificate.management_number), reported("no idea")
    assert by_number.joined_to == first
    assert proved(unknown, answer_to(challenged(unknown).text, key)) == first
    unknown.refresh_from_db()
    assert unknown.joined_to == first
    by_number = RevocationRequest.objects.get(pk=by_number.pk)
    with pytest.raises(RuleViolated):
        challenged(by_number)


@pytest.mark.parametrize("wrong", ["key", "subject", "more", "signature", "other_report", "free_text"])
def test_what_proves_nothing_revokes_nothing(
    certificate: Certificate, key: ec.EllipticCurvePrivateKey, wrong: str
) -> None:
    case = reported(certificate.management_number)
    text = challenged(case).text
    other = challenged(reported("another thing"))
    stranger = ec.generate_private_key(ec.SECP256R1())
    answers: dict[str, Callable[[], bytes]] = {
        "key": lambda: answer_to(text, stranger),
        "subject": lambda: answer_to(f"{text}0", key),
        "more": lambda: answer_to(text, key, x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Demo")),
        "signature": lambda: answer_to(text, key).replace(b"A", b"B", 1),
        "other_report": lambda: answer_to(other.text, key),
        "free_text": text.encode,
    }
    with pytest.raises(RuleViolated):
        proved(case, answers[wrong]())
    certificate.refresh_from_db()
    assert certificate.revoked_at is None
    assert not KeyChallenge.objects.filter(used_at__isnull=False).exists()


def test_a_challenge_ends_and_is_used_once(certificate: Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    case = reported(certificate.management_number)
    made = challenged(case)
    answer = answer_to(made.text, key)
    with time_machine.travel(made.expires_at, tick=False), pytest.raises(RuleViolated):
        proved(case, answer)
    case = proved(case, answer)
    with pytest.raises(RuleViolated):
        proved(case, answer)


def test_the_holder_signed_in_is_no_stranger_with_the_key(
    world: World, certificate: Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    case = reported(certificate.management_number)
    with pytest.raises(RuleViolated) as refused:
        proved(case, answer_to(challenged(case).text, key), world.actor("holder"))
    assert refused.value.violations[0].code == "holder"


def test_the_database_keeps_what_a_challenge_was_and_when_it_was_used(
    certificate: Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    case = reported(certificate.management_number)
    made = challenged(case)
    proved(case, answer_to(made.text, key))
    rows = KeyChallenge.objects.filter(pk=made.pk)
    for change in ({"expires_at": now() + timedelta(days=9)}, {"answer": b"other"}, {"text": "mine"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


@pytest.mark.clause("O-15.3")
def test_the_pages_lead_from_the_receipt_to_the_revocation_without_an_account(
    certificate: Certificate, key: ec.EllipticCurvePrivateKey, client: Client
) -> None:
    client.cookies["django_language"] = "en"
    case = reported(certificate.management_number)
    receipt, proof = (reverse(f"revocation:{name}", args=[case.pk]) for name in ("urgent_receipt", "proof"))
    assert proof in client.get(receipt).content.decode()
    assert "Get a challenge" in client.get(proof).content.decode()
    assert client.post(reverse("revocation:challenge", args=[case.pk])).headers["Location"] == proof
    text = KeyChallenge.objects.get().text
    assert f"-subj &quot;/CN={text}&quot;" in client.get(proof).content.decode().replace('"/CN', "&quot;/CN").replace(
        f'{text}"', f"{text}&quot;"
    )
    wrong = client.post(proof, {"csr": "nothing of the kind"})
    assert wrong.status_code == 422
    assert "nothing of the kind" in wrong.content.decode()
    assert client.post(proof, {"csr": answer_to(text, key).decode()}).headers["Location"] == receipt
    assert "You have proved" in client.get(receipt).content.decode()
    certificate.refresh_from_db()
    assert certificate.reason_code == 1
