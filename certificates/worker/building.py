"""What an intent says, as a certificate that still has to be signed (O-1.1, O-14.1, J-4).

Everything here is a pure function: the same plan gives the same bytes in every process and at every
time, so a certificate can be built again and compared. Nothing is taken from the applicant's request
but its public key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast, get_args

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509.oid import AuthorityInformationAccessOID

from certificates import names
from certificates.profiles import CertificateProfile


@dataclass(frozen=True)
class Issuer:
    """What a certificate says of its issuer, all of it fixed at the issuer's ceremony."""

    certificate: x509.Certificate
    crl_url: str
    certificate_url: str
    ocsp_url: str


@dataclass(frozen=True)
class Plan:
    """One intent: everything that decides the bytes to be signed."""

    serial: int
    issuer: Issuer
    subject: tuple[names.Part, ...]
    emails: tuple[str, ...]
    spki: bytes
    profile: CertificateProfile
    not_before: datetime
    not_after: datetime
    shard: int = 0


def build(plan: Plan) -> x509.CertificateBuilder:
    """Return the to-be-signed certificate of a plan. Times are UTC with whole seconds."""
    builder = (
        x509.CertificateBuilder()
        .serial_number(plan.serial)
        .issuer_name(plan.issuer.certificate.subject)
        .subject_name(names.build(plan.subject))
        .public_key(certifiable(plan.spki))
        .not_valid_before(plan.not_before)
        .not_valid_after(plan.not_after)
    )
    for value, critical in extensions(plan):
        builder = builder.add_extension(value, critical)
    return builder


def certifiable(spki: bytes) -> CertificatePublicKeyTypes:
    """Return the public key in a SubjectPublicKeyInfo; raises TypeError for one that no certificate carries."""
    key = load_der_public_key(spki)
    if not isinstance(key, get_args(CertificatePublicKeyTypes)):
        raise TypeError(f"{type(key).__name__} is no key for a certificate")
    return cast(CertificatePublicKeyTypes, key)


def extensions(plan: Plan) -> list[tuple[x509.ExtensionType, bool]]:
    """Return the extensions with their criticality, in the order in which they are encoded."""
    return [
        (authority_key_identifier(plan.issuer.certificate), False),
        (x509.SubjectKeyIdentifier.from_public_key(certifiable(plan.spki)), False),
        (plan.profile.key_usage_extension, True),
        (plan.profile.policies_extension, False),
        *_alternative_names(plan.emails),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (plan.profile.extended_key_usage_extension, False),
        (distribution_points(plan.issuer.crl_url), False),
        (information_access(plan.issuer), False),
    ]


def authority_key_identifier(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    """Return the identifier that points to the issuer's key, as its own certificate names it."""
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def distribution_points(url: str) -> x509.CRLDistributionPoints:
    """Return the one place of the CRL; the CRL itself names the same place, byte for byte."""
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
    return x509.CRLDistributionPoints([point])


def information_access(issuer: Issuer) -> x509.AuthorityInformationAccess:
    """Return where the responder and the issuer's certificate are found."""
    places = [
        (AuthorityInformationAccessOID.OCSP, issuer.ocsp_url),
        (AuthorityInformationAccessOID.CA_ISSUERS, issuer.certificate_url),
    ]
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(method, x509.UniformResourceIdentifier(url)) for method, url in places if url]
    )


def _alternative_names(emails: tuple[str, ...]) -> list[tuple[x509.ExtensionType, bool]]:
    if not emails:
        return []
    return [(x509.SubjectAlternativeName([x509.RFC822Name(email) for email in emails]), False)]
