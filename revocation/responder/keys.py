"""The responder's own key: made in memory, certified by every issuer for a short time.

It is never written anywhere. A process that ends takes its key along; the next one makes a new one.
"""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from revocation.responder import lookup

# The publisher lets old requests lie, because most of them are from processes that are gone.
ASK_AGAIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Signer:
    """A key with the certificate of one issuer."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def usable(self, now: datetime) -> bool:
        """Whether answers may be signed with it now."""
        return self.certificate.not_valid_before_utc <= now < self.certificate.not_valid_after_utc

    def due(self, now: datetime) -> bool:
        """Whether half of its life is over, so that a successor must be asked for."""
        begin, end = self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc
        return now >= begin + (end - begin) / 2


@dataclass(frozen=True, slots=True)
class _Asked:
    row: UUID
    key: ec.EllipticCurvePrivateKey
    at: datetime


class Keyring:
    """What this process signs with, issuer by issuer, and the key whose certificates are awaited."""

    def __init__(self) -> None:
        self._signers: dict[UUID, Signer] = {}
        self._asked: _Asked | None = None

    def signer(self, issuer: UUID, now: datetime) -> Signer | None:
        """The key to sign with for an issuer now, or None while it has no certificate."""
        signer = self._signers.get(issuer)
        return signer if signer and signer.usable(now) else None

    def tend(self, issuers: dict[UUID, x509.Certificate], now: datetime) -> bool:
        """Ask for certificates where they are due, take those that have come. Returns whether any came."""
        if self._asked is None or now - self._asked.at > ASK_AGAIN:
            if any(self._lacks(issuer, now) for issuer in issuers):
                self._ask(now)
            return False
        return self._take(self._asked, issuers, now)

    def _lacks(self, issuer: UUID, now: datetime) -> bool:
        signer = self._signers.get(issuer)
        return signer is None or signer.due(now)

    def _ask(self, now: datetime) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        process = f"{socket.gethostname()[:60]}:{os.getpid()}"
        self._asked = _Asked(lookup.ask_for_certificates(process, _csr(key)), key, now)

    def _take(self, asked: _Asked, issuers: dict[UUID, x509.Certificate], now: datetime) -> bool:
        came = False
        for issuer, encoded in lookup.certificates_for(asked.row):
            signer = Signer(asked.key, x509.load_der_x509_certificate(encoded))
            if issuer in issuers and self._lacks(issuer, now) and _fits(signer, issuers[issuer], now):
                self._signers[issuer] = signer
                came = True
        if not any(self._lacks(issuer, now) for issuer in issuers):
            self._asked = None
        return came


def _fits(signer: Signer, issuer: x509.Certificate, now: datetime) -> bool:
    """Whether a certificate that came is this issuer's, for this key and for this hour."""
    try:
        signer.certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return signer.certificate.public_key() == signer.key.public_key() and signer.usable(now)


def _csr(key: ec.EllipticCurvePrivateKey) -> bytes:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "OCSP responder")])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    return request.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
