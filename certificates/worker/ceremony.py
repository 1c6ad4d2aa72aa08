"""The ceremony: a root and the issuing CAs under it are made once, on the record (O-1.1).

The addresses that certificates point to (CRL, issuer's certificate, responder) are fixed here for
the authority's whole life and stored with it, so no later setting, request or port can change them.
The self-signed root has no distribution point; its own CRL therefore carries no
issuingDistributionPoint. The issuing CA's certificate points to the root's CRL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from certificates import names
from certificates.worker import building
from certificates.worker.keys import SigningKey
from certificates.worker.linting import pkix_findings
from certificates.worker.serials import new_serial

ROOT_YEARS: Final = 20
ISSUING_YEARS: Final = 10
ROOT_CRL_DAYS: Final = 180
_DAYS_PER_YEAR: Final = 365


@dataclass(frozen=True)
class Addresses:
    """Where an authority's certificate, its CRL and its responder are found."""

    certificate: str
    crl: str
    ocsp: str


class CeremonyError(Exception):
    """The ceremony can't go on; the message says why."""


def addresses(*, name: str, status_url: str, ocsp_url: str) -> Addresses:
    """Return the addresses of authority `name` below the two bases, which must be plain http.

    RFC 5280 section 8: who checks a certificate must not have to check another one first to fetch a
    CRL over https. Raises CeremonyError for anything else.
    """
    for url in (status_url, ocsp_url):
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.netloc or parts.query or parts.fragment:
            raise CeremonyError(f"{url}: status addresses are plain http, without query")
        if parts.hostname == "localhost":
            raise CeremonyError(f"{url}: name a host or address that others know, not localhost")
    base = status_url.rstrip("/")
    return Addresses(f"{base}/ca/{name}.cer", f"{base}/crl/{name}.crl", f"{ocsp_url.rstrip('/')}/")


def list_url(url: str, shard: int) -> str:
    """Return where the list of a shard is found: the first one at the authority's own address."""
    return f"{url.removesuffix('.crl')}-{shard}.crl" if shard else url


def root_certificate(*, subject: tuple[names.Part, ...], key: SigningKey, at: datetime) -> x509.Certificate:
    """Return the self-signed certificate of a root, valid from `at`."""
    name, public = names.build(subject), key.public_key()
    builder = _authority(name, name, public, at, timedelta(days=ROOT_YEARS * _DAYS_PER_YEAR), None)
    return _signed(builder, key)


def issuing_certificate(
    *,
    subject: tuple[names.Part, ...],
    public_key: CertificateIssuerPublicKeyTypes,
    root: x509.Certificate,
    root_key: SigningKey,
    root_addresses: Addresses,
    at: datetime,
) -> x509.Certificate:
    """Return an issuing CA's certificate, signed by the root; it ends no later than the root.

    It points to the root's CRL and certificate. There is no OCSP address: the root answers by CRL alone.
    """
    years = timedelta(days=ISSUING_YEARS * _DAYS_PER_YEAR)
    life = min(years, root.not_valid_after_utc - at)
    builder = _authority(names.build(subject), root.subject, public_key, at, life, 0)
    issuer = building.Issuer(root, root_addresses.crl, root_addresses.certificate, "")
    builder = (
        builder.add_extension(building.authority_key_identifier(root), critical=False)
        .add_extension(building.distribution_points(root_addresses.crl), critical=False)
        .add_extension(building.information_access(issuer), critical=False)
        .add_extension(_any_policy(), critical=False)
    )
    return _signed(builder, root_key)


def root_crl(
    *, root: x509.Certificate, key: SigningKey, number: int, revoked: list[x509.RevokedCertificate], at: datetime
) -> x509.CertificateRevocationList:
    """Return the root's own CRL: no issuingDistributionPoint, since the root itself has no distribution point."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.subject)
        .last_update(at)
        .next_update(at + timedelta(days=ROOT_CRL_DAYS))
        .add_extension(building.authority_key_identifier(root), critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for entry in revoked:
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(key, hashes.SHA256())


def issuing_distribution_point(url: str) -> x509.IssuingDistributionPoint:
    """Return what the issuing CA's CRL says of its own place: the one that its certificates name."""
    return x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier(url)],
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )


def fingerprint(certificate: x509.Certificate) -> str:
    """Return SHA-256 of the certificate as people compare it: pairs of digits with colons."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _authority(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: CertificateIssuerPublicKeyTypes,
    at: datetime,
    life: timedelta,
    path_length: int | None,
) -> x509.CertificateBuilder:
    begin = at.replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(new_serial())
        .not_valid_before(begin)
        .not_valid_after(begin + life - timedelta(seconds=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_ca_key_usage(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _ca_key_usage() -> x509.KeyUsage:
    unused = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(key_cert_sign=True, crl_sign=True, **unused)


def _any_policy() -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("2.5.29.32.0"), None)])


def _signed(builder: x509.CertificateBuilder, key: SigningKey) -> x509.Certificate:
    """Sign an authority's certificate and lint it; raises CeremonyError with the findings."""
    certificate = builder.sign(key, hashes.SHA256())
    found = pkix_findings(certificate.public_bytes(Encoding.DER))
    if found:
        raise CeremonyError("; ".join(found))
    return certificate
