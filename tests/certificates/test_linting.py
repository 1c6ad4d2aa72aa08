"""Planted faults: nothing reaches a signature that differs from the plan, the profile or RFC 5280 (O-1.1)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certificates.names import Part
from certificates.profiles import CertificateProfile
from certificates.worker import building, ceremony, keys, linting, pkcs12, signing
from certificates.worker.building import Issuer, Plan
from certificates.worker.linting import AlreadySignedError, LintedCertificate, LintFailedError
from certificates.worker.serials import new_serial
from certificates.worker.signing import SignatureMismatchError
from tests.certificates import material
from tests.certificates.orders import PROFILE, SUBJECT

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ROOT_KEY, ISSUING_KEY = keys.generate("p256"), keys.generate("p256")
PLACES = ceremony.addresses(name="issuing", status_url="http://127.0.0.1:8000/", ocsp_url="http://127.0.0.1:8001/")
ROOT = ceremony.root_certificate(
    subject=(Part("C", "JP"), Part("O", "Demo"), Part("CN", "Demo root")), key=ROOT_KEY, at=AT
)
ISSUING = ceremony.issuing_certificate(
    subject=(Part("C", "JP"), Part("O", "Demo"), Part("CN", "Demo issuing")),
    public_key=ISSUING_KEY.public_key(),
    root=ROOT,
    root_key=ROOT_KEY,
    root_addresses=PLACES,
    at=AT,
)
SPKI = material.p256().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def plan(**changes: object) -> Plan:
    issuer = Issuer(ISSUING, PLACES.crl, PLACES.certificate, PLACES.ocsp)
    end = AT + timedelta(days=365) - timedelta(seconds=1)
    profile = CertificateProfile.parse(PROFILE)
    emails = ("hanako@demo.example",)
    return replace(Plan(new_serial(), issuer, SUBJECT, emails, SPKI, profile, AT, end), **changes)  # type: ignore[arg-type]


def findings(wrong: Plan) -> str:
    with pytest.raises(LintFailedError) as caught:
        linting.lint(wrong)
    return "; ".join(caught.value.findings)


@pytest.mark.clause("O-1.1")
def test_a_good_plan_is_released_and_signed_once() -> None:
    linted = linting.lint(plan())
    certificate = signing.sign(linted, ISSUING_KEY)
    certificate.verify_directly_issued_by(ISSUING)
    with pytest.raises(AlreadySignedError):
        signing.sign(linted, ISSUING_KEY)


@pytest.mark.clause("O-1.1")
def test_nobody_but_linting_makes_what_signing_takes() -> None:
    with pytest.raises(TypeError):
        LintedCertificate(object(), building.build(plan()), plan(), b"")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"serial": 4711}, "lra.serial"),
        ({"subject": (Part("C", "JP"), Part("CN", "Taro\u202eX"))}, "lra.subject: CN: bidi"),
        ({"subject": (Part("C", "JP"), Part("O", "x" * 65), Part("CN", "Taro"))}, "too_long"),
        ({"emails": ("not-an-address",)}, "lra.email"),
        ({"not_after": AT + timedelta(days=366)}, "longer than the profile"),
        ({"not_after": ISSUING.not_valid_after_utc + timedelta(seconds=1)}, "outlasts the issuer"),
        ({"not_before": AT - timedelta(days=1)}, "outlasts the issuer"),
        ({"spki": ISSUING_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)}, "own"),
        ({"issuer": Issuer(ISSUING, "http://localhost/x.crl", PLACES.certificate, PLACES.ocsp)}, "uri"),
    ],
)
def test_a_plan_that_breaks_a_rule_is_stopped(changes: dict[str, object], said: str) -> None:
    assert said in findings(plan(**changes))


def test_a_key_type_outside_the_profile_is_stopped() -> None:
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    spki = other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert "type that the profile does not allow" in findings(plan(spki=spki))


def planted(builder_change: object, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the findings when the builder itself goes wrong: linting doesn't use its code."""
    honest = building.build

    def dishonest(wanted: Plan) -> x509.CertificateBuilder:
        return builder_change(honest(wanted))  # type: ignore[operator, no-any-return]

    monkeypatch.setattr(building, "build", dishonest)
    return findings(plan())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda b: b.add_extension(x509.IssuerAlternativeName([x509.DNSName("x.example")]), critical=False),
            "2.5.29.18",
        ),
        (lambda b: replace_extension(b, x509.BasicConstraints(ca=True, path_length=None), critical=True), "2.5.29.19"),
        (lambda b: replace_extension(b, building.distribution_points("http://other.example/x.crl")), "2.5.29.31"),
        (lambda b: without(b, x509.ExtendedKeyUsage), "2.5.29.37 is missing"),
        (lambda b: replace_extension(b, x509.SubjectKeyIdentifier(b"x" * 20)), "2.5.29.14"),
    ],
)
def test_a_builder_gone_wrong_is_found_out(change: object, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said in planted(change, monkeypatch)


def without(builder: x509.CertificateBuilder, kind: type) -> x509.CertificateBuilder:
    builder._extensions = [e for e in builder._extensions if not isinstance(e.value, kind)]
    return builder


def replace_extension(
    builder: x509.CertificateBuilder, value: x509.ExtensionType, *, critical: bool = False
) -> x509.CertificateBuilder:
    return without(builder, type(value)).add_extension(value, critical=critical)


def test_a_key_that_is_not_the_issuers_signs_nothing_that_leaves() -> None:
    with pytest.raises(SignatureMismatchError):
        signing.sign(linting.lint(plan()), ROOT_KEY)


def test_the_same_plan_gives_the_same_bytes() -> None:
    one = plan()
    first, second = (building.build(one).sign(ISSUING_KEY, hashes.SHA256()) for _ in range(2))
    assert first.tbs_certificate_bytes == second.tbs_certificate_bytes


def test_a_pin_is_sixteen_letters_in_groups_without_look_alikes() -> None:
    pins = {pkcs12.new_pin() for _ in range(200)}
    assert len(pins) == 200
    for pin in pins:
        assert [len(group) for group in pin.split("-")] == [4, 4, 4, 4]
        assert not set("IO01") & set(pin)


def test_serials_are_positive_random_and_under_two_to_the_159() -> None:
    serials = {new_serial() for _ in range(1000)}
    assert len(serials) == 1000
    assert all(1 << 64 < serial < 1 << 159 for serial in serials)
