"""Reading an applicant's certificate signing request: facts out, or a message; nothing is copied.

The request proves that its sender holds the private key, and gives the public key. What the
certificate says comes from the examined application and the rules; whatever extensions or names
the request asks for stay behind here. Everything costly comes after the limits on size and count.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from badkeys.checks import checkrsa
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.refusals import RuleViolated, Violation
from certificates import names
from certificates.profiles import key_type_of

FIELD: Final = "csr"
MAX_BYTES: Final = 16 * 1024
MAX_NAME_PARTS: Final = 30
MAX_EXTENSIONS: Final = 20
MAX_ALTERNATIVE_NAMES: Final = 50
MIN_RSA_BITS: Final = 2048
MAX_RSA_BITS: Final = 4096
RSA_EXPONENT: Final = 65537
# The blocklist check wants a download and ends the process without it; the warning checks find
# exponents and biased moduli that the others do not look for.
RSA_CHECKS: Final = (
    "rsainvalid",
    "fermat",
    "roca",
    "rsapoly",
    "sharedprimes",
    "smalld",
    "smallfactors",
    "rsawarnings",
    "rsabias",
)
# What the library says to bytes that are no request; some of it only when a name or an extension is looked at.
UNREADABLE: Final = (
    ValueError,
    TypeError,
    KeyError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_WEAK_HASHES: Final = frozenset({"md5", "sha1"})
_PEM: Final = re.compile(
    rb"\A\s*-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----"
    rb"([A-Za-z0-9+/=\s]+)"
    rb"-----END (?:NEW )?CERTIFICATE REQUEST-----\s*\Z"
)


@dataclass(frozen=True)
class RequestFacts:
    """What is known of a request that may be used: its bytes, its key, and what it asked in vain."""

    der: bytes
    key_type: str
    spki: bytes
    signature_hash: str
    asked_subject: tuple[names.Part, ...]
    asked_extensions: tuple[str, ...]

    @property
    def spki_digest(self) -> str:
        """SHA-256 of the public key's SubjectPublicKeyInfo, in hexadecimal."""
        return hashlib.sha256(self.spki).hexdigest()


def read(data: bytes, *, key_types: Collection[str]) -> RequestFacts:
    """Return the facts of a request in PEM or DER; `key_types` are those the rules allow.

    Raises RuleViolated with a message for the applicant: too large, not a request, something
    before or behind it, a weak, wrong or unfit key, a bad or weak signature, a CA asked for.
    """
    der = _der(data)
    try:
        request = x509.load_der_x509_csr(der)
        key = request.public_key()
    except UNREADABLE:
        raise _refused("unreadable", _("This is not a certificate signing request that can be read.")) from None
    _check_counts(request)
    _check_key(key, key_types)
    signature_hash = _check_signature(request)
    return RequestFacts(
        der=der,
        key_type=key_type_of(key),
        spki=key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        signature_hash=signature_hash,
        asked_subject=tuple(names.parts_of(request.subject)),
        asked_extensions=tuple(_check_extensions(request)),
    )


def public_key(der: bytes) -> CertificatePublicKeyTypes:
    """Return the public key of a stored request that `read` has accepted before."""
    return x509.load_der_x509_csr(der).public_key()


def _refused(code: str, message: str | Promise) -> RuleViolated:
    return RuleViolated([Violation(FIELD, code, message)])


def _der(data: bytes) -> bytes:
    """Take off the PEM armour and make sure that one DER value fills the whole of the rest."""
    if not data.strip():
        raise _refused("empty", _("Please paste the certificate signing request or choose its file."))
    if len(data) > MAX_BYTES:
        raise _refused(
            "too_large",
            _("The request is larger than %(limit)d kilobytes. Please make a new one.") % {"limit": MAX_BYTES // 1024},
        )
    if b"PRIVATE KEY" in data:
        raise _refused(
            "private_key",
            _("This contains a private key. Never send it to anyone: make a new key, and send only the request."),
        )
    der = data if data[:1] == b"\x30" else _unarmoured(data)
    if _length(der) != len(der):
        raise _refused("trailing", _("There is something behind the end of the request. Please make a new one."))
    return der


def _unarmoured(data: bytes) -> bytes:
    match = _PEM.match(data)
    if match is None:
        raise _refused(
            "not_pem",
            _("Please send one request that begins with “-----BEGIN CERTIFICATE REQUEST-----”, and nothing else."),
        )
    try:
        return base64.b64decode(b"".join(match[1].split()), validate=True)
    except binascii.Error:
        raise _refused("unreadable", _("The letters of the request are damaged. Please copy it again.")) from None


def _length(der: bytes) -> int:
    """Return how long the outermost DER value says it is, its head included."""
    if len(der) < 2 or der[1] < 0x80:
        return 2 + der[1] if len(der) > 1 else -1
    octets = der[1] & 0x7F
    return 2 + octets + int.from_bytes(der[2 : 2 + octets], "big")


def _check_counts(request: x509.CertificateSigningRequest) -> None:
    try:
        parts = len(list(request.subject))
        extensions = list(request.extensions)
        alternatives = sum(len(list(e.value)) for e in extensions if isinstance(e.value, x509.SubjectAlternativeName))
    except UNREADABLE:
        raise _refused("unreadable", _("The names or extensions of the request can't be read.")) from None
    if parts > MAX_NAME_PARTS or len(extensions) > MAX_EXTENSIONS or alternatives > MAX_ALTERNATIVE_NAMES:
        raise _refused("too_many", _("The request contains too many names or extensions."))


def _check_key(key: CertificatePublicKeyTypes, key_types: Collection[str]) -> None:
    if isinstance(key, rsa.RSAPublicKey):
        _check_rsa(key)
    kind = key_type_of(key)
    if kind not in key_types:
        values = {"kind": kind, "allowed": ", ".join(key_types)}
        raise _refused("key_type", _("The key is %(kind)s. Please make one of these: %(allowed)s.") % values)


def _check_rsa(key: rsa.RSAPublicKey) -> None:
    if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        sizes = {"bits": key.key_size, "low": MIN_RSA_BITS, "high": MAX_RSA_BITS}
        message = _("The RSA key has %(bits)d bits. Please make one with %(low)d to %(high)d bits.")
        raise _refused("rsa_size", message % sizes)
    numbers = key.public_numbers()
    if numbers.e != RSA_EXPONENT:
        shown = str(numbers.e) if numbers.e < 10**9 else "> 10⁹"
        values = {"exponent": shown, "wanted": str(RSA_EXPONENT)}
        message = _("The public exponent of the key is %(exponent)s. Please make a key with %(wanted)s.")
        raise _refused("rsa_exponent", message % values)
    if checkrsa(numbers.n, e=numbers.e, checks=RSA_CHECKS):
        raise _refused("weak_key", _("The key can be broken: it was made by faulty software. Please make a new key."))


def _check_signature(request: x509.CertificateSigningRequest) -> str:
    """Refuse what the key's holder did not sign, or signed with a hash that is no longer safe."""
    try:
        algorithm = request.signature_hash_algorithm
        weak = algorithm is not None and algorithm.name in _WEAK_HASHES
        valid = weak or request.is_signature_valid
    except UnsupportedAlgorithm:
        weak, valid, algorithm = True, False, None
    except ValueError:
        weak, valid, algorithm = False, False, None
    if weak:
        raise _refused(
            "weak_signature", _("The request is signed with a hash that is no longer safe. Please use SHA-256.")
        )
    if not valid:
        raise _refused(
            "bad_signature", _("The signature of the request doesn't fit its key. Please make a new request.")
        )
    return algorithm.name if algorithm else ""


def _check_extensions(request: x509.CertificateSigningRequest) -> list[str]:
    """Refuse a request that asks for a CA; return the identifiers of what was asked, for the record."""
    for extension in request.extensions:
        value = extension.value
        asks_ca = isinstance(value, x509.BasicConstraints) and value.ca
        asks_signing = isinstance(value, x509.KeyUsage) and (value.key_cert_sign or value.crl_sign)
        if asks_ca or asks_signing:
            raise _refused(
                "asks_ca",
                _("The request asks for a certificate of an authority. Please make one for a person or device."),
            )
    return [extension.oid.dotted_string for extension in request.extensions]
