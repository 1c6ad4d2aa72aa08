"""Asks the responder as a relying party does, over the address that stands in certificates, and notes how that went."""

import http.client
import logging
from datetime import datetime
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from certificates.models import Certificate, CertificationAuthority
from certificates.worker import authorities
from revocation.models import ResponderProbe

log = logging.getLogger(__name__)

SECONDS = 5.0
LARGEST = 64 * 1024


def ask_responders(*, at: datetime) -> list[str]:
    """Ask about the newest certificate of every issuing authority; return what was not well, and keep it for a page."""
    found = []
    for authority in CertificationAuthority.objects.filter(issuer__isnull=False).exclude(ocsp_url="").order_by("name"):
        finding = finding_of(authority, authority.ocsp_url, at)
        defaults = {"asked_at": at, "finding": finding[:200]}
        ResponderProbe.objects.update_or_create(authority=authority, defaults=defaults)
        if finding:
            log.warning("the responder is not well for %s: %s", authority.name, finding)
            found.append(f"{authority.name}: {finding}")
    return found


def finding_of(authority: CertificationAuthority, url: str, at: datetime) -> str:
    """Ask one question and hold the answer against the register; return what is wrong, or "" (RFC 6960, 3.2)."""
    issuer = authorities.certificate_of(authority)
    newest = Certificate.objects.filter(authority=authority).order_by("-issued_at", "-id").first()
    serial = int(newest.serial, 16) if newest else 1
    try:
        answer = ocsp.load_der_ocsp_response(_asked(url, _request(issuer, serial)))
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"no answer ({type(error).__name__})"
    if answer.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
        return f"the answer is {answer.response_status.name.lower()}"
    if not _is_signed(answer, issuer, at):
        return "the answer is not signed by a responder of this authority"
    if answer.serial_number != serial or not (answer.this_update_utc <= at <= (answer.next_update_utc or at)):
        return "the answer is about another certificate or another time"
    expected = _expected(newest)
    if answer.certificate_status != expected:
        return f"it says {answer.certificate_status.name.lower()} where the register says {expected.name.lower()}"
    return ""


def _request(issuer: x509.Certificate, serial: int) -> bytes:
    name = hashes.Hash(hashes.SHA1())  # noqa: S303 — the CertID that every client sends
    name.update(issuer.subject.public_bytes())
    key = x509.SubjectKeyIdentifier.from_public_key(issuer.public_key()).digest
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name.finalize(), key, serial, hashes.SHA1())  # noqa: S303
    return builder.build().public_bytes(Encoding.DER)


def _asked(url: str, body: bytes) -> bytes:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port or 80, timeout=SECONDS)
    try:
        connection.request("POST", place.path or "/", body, {"Content-Type": "application/ocsp-request"})
        return connection.getresponse().read(LARGEST)
    finally:
        connection.close()


def _is_signed(answer: ocsp.OCSPResponse, issuer: x509.Certificate, at: datetime) -> bool:
    """Whether a responder that the authority has certified for this hour signed the answer (RFC 6960, 4.2.2.2)."""
    if not answer.certificates or answer.signature_hash_algorithm is None:
        return False
    responder = answer.certificates[0]
    key = responder.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        responder.verify_directly_issued_by(issuer)
        usage = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(answer.signature_hash_algorithm))
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    in_time = responder.not_valid_before_utc <= at <= responder.not_valid_after_utc
    return in_time and x509.oid.ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _expected(newest: Certificate | None) -> ocsp.OCSPCertStatus:
    if newest is None:
        return ocsp.OCSPCertStatus.UNKNOWN
    return ocsp.OCSPCertStatus.REVOKED if newest.revoked_at else ocsp.OCSPCertStatus.GOOD
