"""The record of a ceremony, as it is printed for the witnesses to sign."""

from __future__ import annotations

from collections.abc import Iterator

from certificates.models import CertificationAuthority
from certificates.worker import authorities, ceremony


def lines_of(authority: CertificationAuthority) -> Iterator[str]:
    """Yield what is on record of an authority's newest certificate, line by line, with room for signatures."""
    certificate = authorities.certificate_of(authority)
    facts = {
        "Authority": authority.name,
        "Subject": certificate.subject.rfc4514_string(),
        "Issuer": certificate.issuer.rfc4514_string(),
        "Serial": f"{certificate.serial_number:x}",
        "Valid": f"{certificate.not_valid_before_utc:%F %T} to {certificate.not_valid_after_utc:%F %T} UTC",
        "SHA-256": ceremony.fingerprint(certificate),
        "Certificate at": authority.ca_url,
        "CRL at": authority.crl_url + (f" and {authority.shards - 1} more" if authority.shards > 1 else ""),
        "OCSP at": authority.ocsp_url or "none: the root answers by CRL alone",
        "Key": authority.key_reference,
        "Earlier": ", ".join(_earlier(authority)) or "none",
        "Witnesses": "________________    ________________",
    }
    for label, value in facts.items():
        yield f"{label:<16}{value}"
    yield ""


def _earlier(authority: CertificationAuthority) -> Iterator[str]:
    """Yield the fingerprints of the certificates that the newest one renewed, and whom this authority succeeds."""
    for old in authority.own_certificates.exclude(sha256=authority.sha256).order_by("made_at"):
        yield f"certificate {old.sha256[:16]}… to {old.not_after:%F}"
    for predecessor in CertificationAuthority.objects.filter(successor=authority):
        yield f"authority {predecessor.name}"
