"""Builds and signs answers (RFC 6960, 4.2)."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from revocation.responder.keys import Signer
from revocation.responder.lookup import Status
from revocation.responder.questions import Question

_REASONS = {
    1: x509.ReasonFlags.key_compromise,
    3: x509.ReasonFlags.affiliation_changed,
    4: x509.ReasonFlags.superseded,
    5: x509.ReasonFlags.cessation_of_operation,
    9: x509.ReasonFlags.privilege_withdrawn,
}


def refusal(status: ocsp.OCSPResponseStatus) -> bytes:
    """An unsigned answer that says only why there is none."""
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


def signed(*, question: Question, status: Status, signer: Signer, now: datetime, validity: timedelta) -> bytes:
    """An answer for one serial, true at `now`, with the responder's certificate inside.

    It never outlives the responder's certificate.
    """
    now = now.replace(microsecond=0)
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=question.name_hash,
        issuer_key_hash=question.key_hash,
        serial_number=question.serial,
        algorithm=question.algorithm,
        cert_status=_status(status),
        this_update=now,
        next_update=min(now + validity, signer.certificate.not_valid_after_utc),
        revocation_time=status.revoked_at.replace(microsecond=0) if status.revoked_at else None,
        revocation_reason=_REASONS.get(status.reason) if status.reason else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
    builder = builder.certificates([signer.certificate])
    if question.nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(question.nonce), critical=False)
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def _status(status: Status) -> ocsp.OCSPCertStatus:
    if status.revoked_at is not None:
        return ocsp.OCSPCertStatus.REVOKED
    return ocsp.OCSPCertStatus.GOOD if status.known else ocsp.OCSPCertStatus.UNKNOWN
