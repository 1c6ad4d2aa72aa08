"""Every certificate is looked at in full, as it will be issued, before it is signed (O-1.1).

A copy is signed with a throw-away key of the issuer's type, made once per process, and that copy is
linted: by pkilint's RFC 5280 validators, built once, and by checks of our own, which read the copy
back and hold it beside the plan without using the code that built it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AuthorityInformationAccessOID
from pkilint import loader
from pkilint.pkix import certificate as pkix_certificate
from pkilint.pkix import extension as pkix_extension
from pkilint.pkix import name as pkix_name
from pkilint.validation import ValidationFindingSeverity as Severity

from certificates import names
from certificates.profiles import hash_algorithm, key_type_of
from certificates.worker import building
from certificates.worker.building import Plan
from certificates.worker.keys import SigningKey

MIN_SERIAL_BITS: Final = 64
MAX_SERIAL: Final = 1 << 159
# Anything that breaks a SHOULD stops the order; notices and information do not.
_STOPPING: Final = Severity.WARNING
_MINT: Final = object()


class AlreadySignedError(Exception):
    """A linted certificate was to be signed a second time."""


class LintFailedError(Exception):
    """Linting found something; `findings` are one line each, for the staff's page."""

    def __init__(self, findings: list[str]) -> None:
        super().__init__("; ".join(findings))
        self.findings = findings


class LintedCertificate:
    """The right to sign one certificate once. Only `lint` makes one."""

    __slots__ = ("_content", "serial")

    def __init__(self, mint: object, builder: x509.CertificateBuilder, plan: Plan, tbs: bytes) -> None:
        if mint is not _MINT:
            raise TypeError("only linting makes linted certificates")
        self.serial = plan.serial
        self._content: tuple[x509.CertificateBuilder, Plan, bytes] | None = (builder, plan, tbs)

    def take(self) -> tuple[x509.CertificateBuilder, Plan, bytes]:
        """Return builder, plan and linted bytes, the first time; raises AlreadySignedError ever after."""
        content, self._content = self._content, None
        if content is None:
            raise AlreadySignedError(f"serial {self.serial:x}")
        return content


def lint(plan: Plan) -> LintedCertificate:
    """Build, check and release one certificate; raises LintFailedError with every finding.

    Raises ValueError when the plan can't be built at all.
    """
    builder = building.build(plan)
    copy = copy_of(builder, plan)
    found = findings_of(copy, plan)
    if found:
        raise LintFailedError(found)
    return LintedCertificate(_MINT, builder, plan, copy.tbs_certificate_bytes)


def sample(plan: Plan) -> tuple[x509.Certificate, list[str]]:
    """Build and check one certificate that nobody will ever sign; returns the copy that was linted, and the findings.

    It takes the way of a real one up to its signature. Raises ValueError when the plan can't be built at all.
    """
    copy = copy_of(building.build(plan), plan)
    return copy, findings_of(copy, plan)


def findings_of(copy: x509.Certificate, plan: Plan) -> list[str]:
    """Return everything that is held against a certificate, one line each."""
    return [*pkix_findings(copy.public_bytes(Encoding.DER)), *profile_findings(copy, plan)]


def copy_of(builder: x509.CertificateBuilder, plan: Plan) -> x509.Certificate:
    """Return the certificate as it will be issued or was, but signed with a key that is nobody's."""
    kind = _kind(plan.issuer.certificate.public_key())
    return builder.sign(_throw_away_key(kind), hash_algorithm(plan.profile.signature_hash))


def pkix_findings(der: bytes) -> list[str]:
    """Return what pkilint's RFC 5280 validators hold against a certificate, one line each."""
    document = loader.load_certificate(der, "certificate", "certificate")
    return [
        f"{finding.finding.code} ({finding.finding.severity.name}): {finding.message or ''}".rstrip(": ")
        for result in _validators().validate(document.root)
        for finding in result.finding_descriptions
        if finding.finding.severity <= _STOPPING
    ]


def profile_findings(certificate: x509.Certificate, plan: Plan) -> list[str]:
    """Return where the certificate differs from the plan, from its issuer or from our own limits."""
    return [
        *_serial_findings(certificate, plan),
        *_name_findings(certificate, plan),
        *_validity_findings(certificate, plan),
        *_key_findings(certificate, plan),
        *_extension_findings(certificate, plan),
    ]


def _serial_findings(certificate: x509.Certificate, plan: Plan) -> Iterator[str]:
    serial = certificate.serial_number
    if serial != plan.serial:
        yield "lra.serial: not the serial of the intent"
    if not 0 < serial < MAX_SERIAL or serial.bit_length() < MIN_SERIAL_BITS:
        yield "lra.serial: outside 64 to 159 bits"


def _name_findings(certificate: x509.Certificate, plan: Plan) -> Iterator[str]:
    if certificate.issuer.public_bytes() != plan.issuer.certificate.subject.public_bytes():
        yield "lra.issuer: not the name in the issuer's certificate, byte for byte"
    if tuple(names.parts_of(certificate.subject)) != plan.subject:
        yield "lra.subject: not the approved name"
    for part in plan.subject:
        for violation in names.check_part(part):
            yield f"lra.subject: {part.type}: {violation.code}"
    for email in plan.emails:
        for violation in names.check_email(email):
            yield f"lra.email: {violation.code}"


def _validity_findings(certificate: x509.Certificate, plan: Plan) -> Iterator[str]:
    issuer = plan.issuer.certificate
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if (begin, end) != (_utc(plan.not_before), _utc(plan.not_after)):
        yield "lra.validity: not the period of the intent"
    if not begin < end:
        yield "lra.validity: ends before it begins"
    if begin < issuer.not_valid_before_utc or end > issuer.not_valid_after_utc:
        yield "lra.validity: outlasts the issuer"
    if (end - begin).days > plan.profile.validity_days:
        yield "lra.validity: longer than the profile allows"


def _key_findings(certificate: x509.Certificate, plan: Plan) -> Iterator[str]:
    key = certificate.public_key()
    if key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != plan.spki:
        yield "lra.key: not the approved key"
    if key == plan.issuer.certificate.public_key():
        yield "lra.key: the issuer's own"
    if key_type_of(key) not in {*plan.profile.key_types, plan.profile.lra_key_type}:
        yield "lra.key: a type that the profile does not allow"


def _extension_findings(certificate: x509.Certificate, plan: Plan) -> Iterator[str]:
    actual = {e.oid.dotted_string: e for e in certificate.extensions}
    wanted = {value.oid.dotted_string: (value, critical) for value, critical in _wanted_extensions(plan)}
    for oid in sorted(actual.keys() ^ wanted.keys()):
        yield f"lra.extensions: {oid} is {'missing' if oid in wanted else 'not in the profile'}"
    for oid in sorted(actual.keys() & wanted.keys()):
        value, critical = wanted[oid]
        if actual[oid].critical != critical:
            yield f"lra.extensions: {oid} has the wrong criticality"
        if actual[oid].value != value:
            yield f"lra.extensions: {oid} does not say what the profile says"


def _wanted_extensions(plan: Plan) -> Iterator[tuple[x509.ExtensionType, bool]]:
    """Yield what must be there, put together anew from profile and issuer."""
    profile, issuer = plan.profile, plan.issuer
    issuer_key = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    yield x509.AuthorityKeyIdentifier(issuer_key, None, None), False
    yield x509.SubjectKeyIdentifier(_digest_of_key(plan.spki)), False
    yield profile.key_usage_extension, True
    yield profile.policies_extension, False
    yield x509.BasicConstraints(ca=False, path_length=None), True
    yield profile.extended_key_usage_extension, False
    if plan.emails:
        yield x509.SubjectAlternativeName([x509.RFC822Name(email) for email in plan.emails]), False
    place = x509.UniformResourceIdentifier(issuer.crl_url)
    yield x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)]), False
    places = (
        (AuthorityInformationAccessOID.OCSP, issuer.ocsp_url),
        (AuthorityInformationAccessOID.CA_ISSUERS, issuer.certificate_url),
    )
    descriptions = [x509.AccessDescription(how, x509.UniformResourceIdentifier(url)) for how, url in places if url]
    yield x509.AuthorityInformationAccess(descriptions), False


def _digest_of_key(spki: bytes) -> bytes:
    """Return SHA-1 over the key's bits, RFC 5280 4.2.1.2 method (1): an identifier, not a protection."""
    return x509.SubjectKeyIdentifier.from_public_key(building.certifiable(spki)).digest


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _kind(key: object) -> str:
    """Return the kind of throw-away key that makes the same signature algorithm as the issuer's key."""
    if isinstance(key, rsa.RSAPublicKey):
        return "rsa"
    return key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else ""


@cache
def _throw_away_key(kind: str) -> SigningKey:
    """Return a key that signs copies to lint and nothing else; it never leaves this process."""
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    curves = {curve.name: curve for curve in (ec.SECP256R1(), ec.SECP384R1())}
    return ec.generate_private_key(curves[kind])


@cache
def _validators() -> pkix_certificate.validation.ValidatorContainer:
    """Return pkilint's RFC 5280 validators, which take long to build and are used for every certificate."""
    return pkix_certificate.create_pkix_certificate_validator_container(
        pkix_certificate.create_decoding_validators(
            pkix_name.ATTRIBUTE_TYPE_MAPPINGS, pkix_extension.EXTENSION_MAPPINGS
        ),
        [
            pkix_certificate.create_issuer_validator_container([]),
            pkix_certificate.create_validity_validator_container(),
            pkix_certificate.create_subject_validator_container([]),
            pkix_certificate.create_extensions_validator_container([]),
            pkix_certificate.create_spki_validator_container([]),
        ],
    )
