"""Looks at a finished revocation list before anybody else does.

It reads the bytes that were written, not the objects they came from: signature, number, dates, scope,
how many entries, and that no serial of the list before is gone without leave.
"""

import hashlib
import mmap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from typing import BinaryIO

from cryptography import exceptions
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from revocation import der

_HASH_OF = {
    bytes.fromhex("2a864886f70d01010b"): "sha256",
    bytes.fromhex("2a864886f70d01010c"): "sha384",
    bytes.fromhex("2a864886f70d01010d"): "sha512",
    bytes.fromhex("2a8648ce3d040302"): "sha256",
    bytes.fromhex("2a8648ce3d040303"): "sha384",
    bytes.fromhex("2a8648ce3d040304"): "sha512",
}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_STEP = 1024 * 1024


class BadCrlError(Exception):
    """A list that must not be published; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Where the parts of a list lie in its bytes, and its small fields."""

    signed: tuple[int, int]
    entries: tuple[int, int]
    issuer: bytes
    this_update: datetime
    next_update: datetime
    extensions: dict[bytes, bytes]
    hash_name: str
    signature: bytes

    @property
    def number(self) -> int:
        """The CRL number; raises BadCrlError where there is none."""
        value = self.extensions.get(b"\x55\x1d\x14")
        if value is None:
            raise BadCrlError("it has no number")
        return _integer(value)

    @property
    def distribution_point(self) -> bytes | None:
        """DER of the issuingDistributionPoint, or None."""
        return self.extensions.get(b"\x55\x1d\x1c")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a list was meant to say."""

    issuer: bytes
    number: int
    this_update: datetime
    next_update: datetime
    distribution_point: bytes | None
    count: int


def opened(source: BinaryIO) -> mmap.mmap:
    """The file's bytes as one read-only view; the caller closes it."""
    return mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)


def outline(data: bytes | mmap.mmap) -> Outline:
    """Find the parts of a list. Raises BadCrlError where the bytes are no version 2 list."""
    try:
        return _outline(data)
    except (ValueError, KeyError, IndexError) as error:
        raise BadCrlError(f"it can't be read: {error}") from error


def serials(data: bytes | mmap.mmap, found: Outline) -> Iterator[int]:
    """The serial of every entry, in the order of the list."""
    at, end = found.entries
    passed = at
    while at < end:
        if at - passed > _STEP:
            _let_go(data, at)
            passed = at
        tag, start, stop = der.element(data, at)
        kind, first, last = der.element(data, start)
        if tag != der.SEQUENCE or kind != der.INTEGER or stop > end:
            raise BadCrlError(f"the entry at byte {at} is broken")
        yield int.from_bytes(data[first:last], "big", signed=True)
        at = stop


def check(data: bytes | mmap.mmap, *, expected: Expected, key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> Outline:
    """Hold a list against what it was meant to say; return its outline. Raises BadCrlError."""
    found = outline(data)
    verify_signature(data, found, key)
    pairs = (
        ("issuer", found.issuer, expected.issuer),
        ("number", found.number, expected.number),
        ("date", found.this_update, expected.this_update.replace(microsecond=0)),
        ("next date", found.next_update, expected.next_update.replace(microsecond=0)),
        ("scope", found.distribution_point, expected.distribution_point),
        ("number of entries", sum(1 for _ in serials(data, found)), expected.count),
    )
    for what, is_there, wanted in pairs:
        if is_there != wanted:
            raise BadCrlError(f"its {what} is {is_there!r}, not {wanted!r}")
    return found


def lost(before: bytes | mmap.mmap, after: bytes | mmap.mmap, *, may_go: Callable[[set[int]], set[int]]) -> set[int]:
    """Serials that the older list has, the newer one lacks, and that had no leave to go.

    `may_go` is asked once, with all the missing serials, and answers those whose certificates had ended.
    """
    missing, extra = set[int](), set[int]()
    # Both lists keep the order of their entries, so side by side only those that moved or went are in hand.
    for old, new in zip_longest(serials(before, outline(before)), serials(after, outline(after))):
        if old != new:
            _pair(old, missing, extra)
            _pair(new, extra, missing)
    return missing - may_go(missing) if missing else missing


def _pair(serial: int | None, waiting: set[int], others: set[int]) -> None:
    """Take a serial of one list out of those that wait on the other side, or let it wait on its own."""
    if serial in others:
        others.remove(serial)
    elif serial is not None:
        waiting.add(serial)


def verify_signature(
    data: bytes | mmap.mmap, found: Outline, key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey
) -> None:
    """Raises BadCrlError unless the issuer's key signed these very bytes."""
    digest = hashlib.new(found.hash_name)
    start, end = found.signed
    for at in range(start, end, _STEP):
        digest.update(data[at : min(at + _STEP, end)])
        _let_go(data, at)
    algorithm = utils.Prehashed(_HASHES[found.hash_name])
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(found.signature, digest.digest(), padding.PKCS1v15(), algorithm)
        else:
            key.verify(found.signature, digest.digest(), ec.ECDSA(algorithm))
    except exceptions.InvalidSignature:
        raise BadCrlError("its signature is not the issuer's") from None


def _let_go(data: bytes | mmap.mmap, read: int) -> None:
    """Give back the memory of what was read: a list of a million entries is no reason for a large process."""
    if isinstance(data, mmap.mmap) and read >= mmap.PAGESIZE:
        data.madvise(mmap.MADV_DONTNEED, 0, read - read % mmap.PAGESIZE)


def _outline(data: bytes | mmap.mmap) -> Outline:
    view = data
    _tag, body, end = der.element(view, 0)
    if end != len(data):
        raise BadCrlError("something follows it")
    _tag, at, signed_end = der.element(view, body)
    fields: list[tuple[int, int, int, int]] = []
    while at < signed_end:
        tag, start, stop = der.element(view, at)
        fields.append((tag, at, start, stop))
        at = stop
    version, algorithm, issuer, this_update, next_update, *rest = fields
    if _integer(view[version[1] : version[3]]) != 1:
        raise BadCrlError("it is not of version 2")
    entries = (rest[0][2], rest[0][3]) if rest and rest[0][0] == der.SEQUENCE else (0, 0)
    wrapped = view[rest[-1][2] : rest[-1][3]] if rest and rest[-1][0] == 0xA0 else b""
    _tag, after, after_end = der.element(view, signed_end)
    if view[signed_end:after_end] != view[algorithm[1] : algorithm[3]]:
        raise BadCrlError("it names two signature algorithms")
    _tag, oid, oid_end = der.element(view, after)
    _tag, bits, bits_end = der.element(view, after_end)
    return Outline(
        signed=(body, signed_end),
        entries=entries,
        issuer=bytes(view[issuer[1] : issuer[3]]),
        this_update=_time(view[this_update[1] : this_update[3]]),
        next_update=_time(view[next_update[1] : next_update[3]]),
        extensions=_extensions(bytes(wrapped)),
        hash_name=_HASH_OF[bytes(view[oid:oid_end])],
        signature=bytes(view[bits + 1 : bits_end]),
    )


def _extensions(wrapped: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    if not wrapped:
        return found
    _tag, at, end = der.element(wrapped, 0)
    while at < end:
        _tag, start, stop = der.element(wrapped, at)
        _tag, first, last = der.element(wrapped, start)
        oid, value_at = wrapped[first:last], last
        tag, inner, inner_end = der.element(wrapped, value_at)
        if tag == 0x01:
            _tag, inner, inner_end = der.element(wrapped, inner_end)
        found[oid] = wrapped[inner:inner_end]
        at = stop
    return found


def _integer(encoded: bytes) -> int:
    _tag, start, end = der.element(encoded, 0)
    return int.from_bytes(encoded[start:end], "big", signed=True)


def _time(encoded: bytes) -> datetime:
    tag, start, end = der.element(encoded, 0)
    pattern = "%y%m%d%H%M%SZ" if tag == der.UTC_TIME else "%Y%m%d%H%M%SZ"
    return datetime.strptime(encoded[start:end].decode(), pattern).replace(tzinfo=UTC)
