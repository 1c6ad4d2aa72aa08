"""Reads an OCSP request from a stranger (RFC 6960, 4.1; RFC 5019; RFC 9654)."""

import base64
import binascii
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp

# A request for one certificate with a SHA-256 CertID and a nonce of 128 bytes is under 300 bytes.
LARGEST = 1024
_LONGEST_NONCE = 128  # RFC 9654, 2.1: longer ones must be refused, and so must empty ones
_LARGEST_SERIAL = 1 << 160


class MalformedError(Exception):
    """The request is none, or asks for something that is answered with malformedRequest."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a certificate by its issuer's hashes and its serial; `nonce` is to be echoed."""

    algorithm: hashes.HashAlgorithm
    name_hash: bytes
    key_hash: bytes
    serial: int
    nonce: bytes | None


def decode(encoded: str) -> bytes:
    """DER out of the path of a GET request (RFC 6960, A.1). Raises MalformedError."""
    if not encoded or len(encoded) > LARGEST * 4 // 3 + 4:
        raise MalformedError("empty or too long")
    text = encoded.replace(" ", "+")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError("not base64") from None


def read(data: bytes) -> Question:
    """Read a request for exactly one certificate. Raises MalformedError for everything else."""
    if not data or len(data) > LARGEST:
        raise MalformedError("empty or too long")
    try:
        request = ocsp.load_der_ocsp_request(data)
        question = Question(
            request.hash_algorithm,
            request.issuer_name_hash,
            request.issuer_key_hash,
            request.serial_number,
            _nonce(request.extensions),
        )
    except (ValueError, TypeError, NotImplementedError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        raise MalformedError("not a request for one certificate") from error
    if not 0 < question.serial < _LARGEST_SERIAL:
        raise MalformedError("no serial number")
    return question


def _nonce(extensions: x509.Extensions) -> bytes | None:
    try:
        nonce = extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return None
    if not 0 < len(nonce) <= _LONGEST_NONCE:
        raise MalformedError("a nonce has 1 to 128 bytes")
    return nonce
