"""Writes one revocation list of any length in constant memory (RFC 5280, 5.1).

Entries are ready DER and go straight into the file; the list is hashed once and signed once.
Nothing here knows the database: `entry_stream` brings the entries, `crl_publishing` keeps the result.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from revocation import der

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

CHUNK = 1024 * 1024
_LONGEST_HEADER = 6  # tag, and a length of up to four octets

_AUTHORITY_KEY_IDENTIFIER = b"\x55\x1d\x23"  # 2.5.29.35
_CRL_NUMBER = b"\x55\x1d\x14"  # 2.5.29.20
_ISSUING_DISTRIBUTION_POINT = b"\x55\x1d\x1c"  # 2.5.29.28

_RSA_WITH = {"sha256": "2a864886f70d01010b", "sha384": "2a864886f70d01010c", "sha512": "2a864886f70d01010d"}
_ECDSA_WITH = {"sha256": "2a8648ce3d040302", "sha384": "2a8648ce3d040303", "sha512": "2a8648ce3d040304"}


@dataclass(frozen=True, slots=True)
class Head:
    """What a list says besides its entries.

    `issuer` is the DER of the issuer's name as its certificate has it, `key_identifier` its subject key
    identifier, `distribution_point` the DER of the issuingDistributionPoint as the ceremony stored it;
    a root's list has none, because the root's own certificate names no distribution point.
    """

    issuer: bytes
    key_identifier: bytes
    number: int
    this_update: datetime
    next_update: datetime
    distribution_point: bytes | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A finished list: its length in bytes and the SHA-256 of all of it."""

    size: int
    sha256: bytes


def write_crl(
    *, head: Head, entries: Callable[[BinaryIO], int], key: SigningKey, hash_name: str, target: BinaryIO
) -> Written:
    """Write one signed list to `target` (empty, seekable and readable) and flush it to disk.

    `entries` writes the DER of all entries to the file that it is given and returns its length in bytes;
    `hash_name` is sha256, sha384 or sha512.
    """
    algorithm = signature_algorithm(key, hash_name)
    fields, after = _fields(head, algorithm), _extensions(head)
    # What stands in front depends on the length of the entries, known only when they have passed.
    room = len(fields) + 3 * _LONGEST_HEADER
    target.seek(room)
    length = entries(target)
    target.write(after)
    before = _before(fields, length, len(after))
    start = room - len(before)
    target.seek(start)
    target.write(before)
    signature = _sign(key, _digest(target, start, hash_name), hash_name)
    tail = algorithm + der.tlv(der.BIT_STRING, b"\0", signature)
    target.write(tail)
    outermost = der.header(der.SEQUENCE, len(before) + length + len(after) + len(tail))
    target.seek(start - len(outermost))
    target.write(outermost)
    written = _moved_to_front(target, start - len(outermost))
    target.flush()
    os.fsync(target.fileno())
    return written


def signature_algorithm(key: SigningKey, hash_name: str) -> bytes:
    """DER of the AlgorithmIdentifier for this kind of key; RSA has a NULL parameter, ECDSA has none."""
    if isinstance(key, rsa.RSAPrivateKey):
        return der.tlv(der.SEQUENCE, der.tlv(der.OBJECT_IDENTIFIER, bytes.fromhex(_RSA_WITH[hash_name])), b"\x05\x00")
    return der.tlv(der.SEQUENCE, der.tlv(der.OBJECT_IDENTIFIER, bytes.fromhex(_ECDSA_WITH[hash_name])))


def chunks(source: BinaryIO, size: int = CHUNK) -> Iterator[bytes]:
    """The whole of a file in pieces of `size` bytes, the last one shorter."""
    source.seek(0)
    while piece := source.read(size):
        yield piece


def _fields(head: Head, algorithm: bytes) -> bytes:
    dates = der.time(head.this_update) + der.time(head.next_update)
    return der.integer(1) + algorithm + head.issuer + dates


def _before(fields: bytes, entries: int, after: int) -> bytes:
    """What stands before the entries, the header of the part to be signed first."""
    # RFC 5280, 5.1.2.6: when nothing is revoked the list of entries is absent, not empty.
    opening = der.header(der.SEQUENCE, entries) if entries else b""
    return der.header(der.SEQUENCE, len(fields) + len(opening) + entries + after) + fields + opening


def _extensions(head: Head) -> bytes:
    identifier = der.tlv(der.SEQUENCE, der.tlv(0x80, head.key_identifier))
    found = der.extension(_AUTHORITY_KEY_IDENTIFIER, identifier)
    found += der.extension(_CRL_NUMBER, der.integer(head.number))
    if head.distribution_point is not None:
        found += der.extension(_ISSUING_DISTRIBUTION_POINT, head.distribution_point, critical=True)
    return der.tlv(0xA0, der.tlv(der.SEQUENCE, found))


def _digest(target: BinaryIO, start: int, hash_name: str) -> bytes:
    """Hash the file from `start` to its end, and leave the position there."""
    digest = hashlib.new(hash_name)
    target.seek(start)
    while piece := target.read(CHUNK):
        digest.update(piece)
    return digest.digest()


def _sign(key: SigningKey, digest: bytes, hash_name: str) -> bytes:
    algorithm = utils.Prehashed(_hash(hash_name))
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(digest, padding.PKCS1v15(), algorithm)
    return key.sign(digest, ec.ECDSA(algorithm))


def _hash(name: str) -> hashes.HashAlgorithm:
    return {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[name]


def _moved_to_front(target: BinaryIO, gap: int) -> Written:
    """Close the gap that was left for headers, piece by piece, and measure the file on the way."""
    digest = hashlib.sha256()
    size = 0
    while True:
        target.seek(size + gap)
        piece = target.read(CHUNK)
        if not piece:
            break
        digest.update(piece)
        target.seek(size)
        size += target.write(piece)
    target.truncate(size)
    return Written(size, digest.digest())
