"""What a certificate says, read out of its bytes: in words for the office, and line by line for whoever knows X.509."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils.translation import gettext as _

from certificates import names, rules
from certificates.profiles import EXTENDED_KEY_USAGES, KEY_USAGES, key_type_of
from regulations.ruleset_words import enumerated, said

Kind = TypeVar("Kind", bound=x509.ExtensionType)
# RFC 5280 4.2.1.3, as standards write them; the text for experts is the same in every language.
STANDARD_NAMES: Final = {
    "digital_signature": "digitalSignature",
    "content_commitment": "nonRepudiation",
    "key_encipherment": "keyEncipherment",
    "data_encipherment": "dataEncipherment",
    "key_agreement": "keyAgreement",
}


def facts_of(certificate: x509.Certificate) -> list[tuple[str, str]]:
    """Return what stands beside the name, as label and value in the reader's words."""
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    days = (end - begin).days + 1
    facts = [
        (_("Issuer"), rules.common_name(names.parts_of(certificate.issuer))),
        (_("Validity"), _("%(days)d days, to %(end)s") % {"days": days, "end": f"{end:%Y-%m-%d}"}),
        (_("Key"), said("key_types", key_type_of(key_in(certificate)))),
        (_("May be used for"), enumerated(usages_of(certificate))),
        (_("Certificate policy"), ", ".join(policies_of(certificate))),
        (_("Revocation list"), ", ".join(crl_addresses(certificate))),
        (_("Responder and issuer"), ", ".join(access_addresses(certificate))),
    ]
    return [(label, value) for label, value in facts if value]


def usages_of(certificate: x509.Certificate) -> list[str]:
    """Return key usages and extended key usages in words."""
    found = []
    usage = extension(certificate, x509.KeyUsage)
    if usage is not None:
        found += [said("key_usage", name) for name in KEY_USAGES if getattr(usage, name)]
    extended = extension(certificate, x509.ExtendedKeyUsage)
    by_oid = {oid: name for name, oid in EXTENDED_KEY_USAGES.items()}
    return found + [said("extended_key_usage", by_oid.get(oid, oid.dotted_string)) for oid in extended or ()]


def policies_of(certificate: x509.Certificate) -> list[str]:
    """Return the policy identifiers."""
    policies = extension(certificate, x509.CertificatePolicies)
    return [policy.policy_identifier.dotted_string for policy in policies or ()]


def crl_addresses(certificate: x509.Certificate) -> list[str]:
    """Return where the revocation list is."""
    points = extension(certificate, x509.CRLDistributionPoints)
    return [str(place.value) for point in points or () for place in point.full_name or ()]


def access_addresses(certificate: x509.Certificate) -> list[str]:
    """Return where the responder and the issuer's certificate are."""
    access = extension(certificate, x509.AuthorityInformationAccess)
    return [str(entry.access_location.value) for entry in access or ()]


def extension(certificate: x509.Certificate, kind: type[Kind]) -> Kind | None:
    """Return the extension of a kind, None where the certificate has none."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def key_in(certificate: x509.Certificate) -> CertificatePublicKeyTypes:
    """Return the public key."""
    return certificate.public_key()


def text_of(certificate: x509.Certificate) -> str:
    """Return the certificate line by line, as tools for X.509 show one."""
    spki = key_in(certificate).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    lines = [
        f"Version: {certificate.version.value + 1}",
        f"Serial number: {certificate.serial_number:040x}",
        f"Signature algorithm: {certificate.signature_algorithm_oid._name}",  # noqa: SLF001 — the library's word for it
        f"Issuer: {certificate.issuer.rfc4514_string()}",
        f"Not before: {certificate.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}",
        f"Not after: {certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}",
        f"Subject: {certificate.subject.rfc4514_string()}",
        f"Public key: {key_type_of(key_in(certificate))}, {len(spki)} bytes",
        "Extensions:",
    ]
    for found in certificate.extensions:
        critical = " (critical)" if found.critical else ""
        lines.append(f"    {found.oid._name} {found.oid.dotted_string}{critical}")  # noqa: SLF001
        lines += [f"        {line}" for line in extension_lines(found.value)]
    return "\n".join(lines)


def extension_lines(value: x509.ExtensionType) -> Iterator[str]:
    """Yield what an extension says; one that is not known here shows its bytes."""
    if isinstance(value, x509.KeyUsage):
        yield ", ".join(name for bit, name in STANDARD_NAMES.items() if getattr(value, bit))
    elif isinstance(value, x509.ExtendedKeyUsage):
        yield ", ".join(f"{oid._name} {oid.dotted_string}" for oid in value)  # noqa: SLF001
    elif isinstance(value, x509.CertificatePolicies):
        yield from (policy.policy_identifier.dotted_string for policy in value)
    elif isinstance(value, x509.BasicConstraints):
        yield f"CA: {str(value.ca).lower()}"
    elif isinstance(value, x509.SubjectAlternativeName):
        yield from (f"{type(name).__name__}: {name.value}" for name in value)
    elif isinstance(value, x509.SubjectKeyIdentifier):
        yield value.digest.hex(":")
    elif isinstance(value, x509.AuthorityKeyIdentifier):
        yield (value.key_identifier or b"").hex(":")
    elif isinstance(value, x509.CRLDistributionPoints):
        yield from (str(place.value) for point in value for place in point.full_name or ())
    elif isinstance(value, x509.AuthorityInformationAccess):
        yield from (f"{entry.access_method._name}: {entry.access_location.value}" for entry in value)  # noqa: SLF001
    else:
        yield value.public_bytes().hex(":")
