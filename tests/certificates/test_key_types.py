"""Every kind of key that rules may name becomes a certificate; rules ask no key for what it can not do (O-19.2.6)."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from audit.refusals import RuleViolated
from certificates import csr, names
from certificates.models import Certificate, CertificationAuthority
from certificates.names import Part
from certificates.profiles import BROWSER_KEY_TYPES, KEY_TYPES, CertificateProfile
from certificates.services.target_systems import faults_against_ca
from certificates.worker import authorities, batch
from regulations import ruleset_parts
from regulations.models import TargetSystemVersion
from regulations.ruleset import RuleSet, subject_of
from regulations.ruleset_samples import sample_values
from tests.certificates import material, orders
from tests.people import People

RULES = Path(__file__).parent / "rules" / "long-lived-device.toml"


def rules() -> RuleSet:
    return RuleSet.parse(tomllib.loads(RULES.read_text()))


def key_of(kind: str) -> Any:
    makers: dict[str, Any] = {
        "rsa2048": material.rsa_key,
        "rsa3072": lambda: material.rsa_key(3072),
        "rsa4096": lambda: material.rsa_key(4096),
        "p256": material.p256,
        "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "mldsa65": mldsa.MLDSA65PrivateKey.generate,
    }
    return makers[kind]()


def request(kind: str) -> tuple[Any, bytes]:
    """Return a key and its request, signed as keys of the kind do."""
    key = key_of(kind)
    algorithm = None if kind in {"ed25519", "mldsa65"} else hashes.SHA256()
    builder = x509.CertificateSigningRequestBuilder().subject_name(names.build(material.SUBJECT))
    return key, builder.sign(key, algorithm).public_bytes(Encoding.DER)


def test_rules_and_signer_know_the_same_kinds_of_keys() -> None:
    assert ruleset_parts.KEY_TYPES == KEY_TYPES
    assert ruleset_parts.BROWSER_KEY_TYPES == BROWSER_KEY_TYPES


@pytest.mark.django_db
@pytest.mark.clause("O-19.2.6")
@pytest.mark.parametrize("kind", KEY_TYPES)
def test_a_request_with_any_key_that_rules_name_becomes_a_certificate(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority, kind: str
) -> None:
    key, der = request(kind)
    orders.queued(people, version, profile={**orders.PROFILE, "key_types": [kind]}, csr=der)
    assert batch.run() == 1
    made = x509.load_der_x509_certificate(bytes(Certificate.objects.get().der))
    spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert made.public_key().public_bytes(*spki) == key.public_key().public_bytes(*spki)
    made.verify_directly_issued_by(authorities.certificate_of(issuing))


@pytest.mark.django_db
@pytest.mark.clause("O-19.2.6")
def test_a_target_system_that_wants_to_be_ready_gets_its_certificates_by_its_rules(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    ready = rules()
    assert faults_against_ca(ready, timezone.now()) == []
    subject = tuple(Part(part.type, part.value) for part in subject_of(ready, sample_values(ready)))
    key, der = request("mldsa65")
    profile = ready.to_dict()["profile"]
    orders.queued(people, version, profile=profile, subject=subject, emails=(), csr=der)
    assert batch.run() == 1
    made = x509.load_der_x509_certificate(bytes(Certificate.objects.get().der))
    assert isinstance(made.public_key(), mldsa.MLDSA65PublicKey)
    signature = key.sign(b"measured: 7")
    made.public_key().verify(signature, b"measured: 7")  # type: ignore[call-arg, union-attr]


@pytest.mark.parametrize("kind", KEY_TYPES)
def test_a_request_that_its_key_did_not_sign_is_refused_for_every_kind(kind: str) -> None:
    broken = bytearray(request(kind)[1])
    broken[-5] ^= 1
    with pytest.raises(RuleViolated) as refused:
        csr.read(bytes(broken), key_types=KEY_TYPES)
    assert refused.value.violations[0].code in {"bad_signature", "unreadable"}


@pytest.mark.parametrize(
    ("kind", "usage"),
    [
        ("rsa2048", "key_agreement"),
        ("p256", "key_encipherment"),
        ("p384", "data_encipherment"),
        ("ed25519", "key_encipherment"),
        ("ed25519", "key_agreement"),
        ("mldsa65", "key_agreement"),
        ("mldsa65", "data_encipherment"),
    ],
)
def test_rules_that_promise_what_a_key_can_not_do_are_refused_before_anybody_applies(kind: str, usage: str) -> None:
    with pytest.raises(ValueError, match=usage):
        CertificateProfile.parse({**orders.PROFILE, "key_types": [kind], "lra_key_type": "", "key_usage": [usage]})


@pytest.mark.parametrize("kind", ["ed25519", "mldsa65"])
def test_a_key_that_no_pkcs12_file_carries_is_not_made_by_the_lra(kind: str) -> None:
    with pytest.raises(ValueError, match=kind):
        CertificateProfile.parse({**orders.PROFILE, "lra_key_type": kind})
