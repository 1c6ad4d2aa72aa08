"""The little DER (X.690) that revocation lists need, without a Python object per entry.

The library's CRL builder copies its whole list for every entry added, so a long list never ends.
A CRL entry is therefore encoded once, here, when its certificate is revoked, and only copied after that.
"""

import mmap
from datetime import UTC, datetime

Octets = bytes | memoryview | mmap.mmap

INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
OBJECT_IDENTIFIER = 0x06
ENUMERATED = 0x0A
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
SEQUENCE = 0x30

_UTC_TIME_ENDS = 2050  # RFC 5280, 5.1.2.4: dates through 2049 as UTCTime, later ones as GeneralizedTime


def header(tag: int, length: int) -> bytes:
    """Tag and length octets for a value of `length` bytes."""
    if length < 0x80:
        return bytes((tag, length))
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size


def tlv(tag: int, *values: bytes) -> bytes:
    """One element that holds the given contents one after the other."""
    value = b"".join(values)
    return header(tag, len(value)) + value


def integer(number: int, tag: int = INTEGER) -> bytes:
    """A non-negative whole number, in the fewest octets that keep it positive."""
    if number < 0:
        raise ValueError("only numbers from zero up are encoded here")
    return tlv(tag, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def generalized_time(moment: datetime) -> bytes:
    """A GeneralizedTime in whole seconds, UTC."""
    return tlv(GENERALIZED_TIME, f"{moment.astimezone(UTC):%Y%m%d%H%M%SZ}".encode())


def time(moment: datetime) -> bytes:
    """A Time as RFC 5280 chooses it: UTCTime through 2049, GeneralizedTime from 2050."""
    moment = moment.astimezone(UTC)
    if moment.year >= _UTC_TIME_ENDS:
        return generalized_time(moment)
    return tlv(UTC_TIME, f"{moment:%y%m%d%H%M%SZ}".encode())


def extension(oid: bytes, value: bytes, *, critical: bool = False) -> bytes:
    """One Extension; `oid` is the encoded content of the identifier, `value` the DER that it wraps."""
    flag = b"\x01\x01\xff" if critical else b""
    return tlv(SEQUENCE, tlv(OBJECT_IDENTIFIER, oid), flag, tlv(OCTET_STRING, value))


def element(data: Octets, at: int) -> tuple[int, int, int]:
    """Read one header at `at`: (tag, where the value starts, where it ends).

    Raises ValueError where the element does not fit into the data.
    """
    try:
        tag, length, start = data[at], data[at + 1], at + 2
        if length & 0x80:
            width = length & 0x7F
            if not 1 <= width <= 5:
                raise ValueError("a length that DER does not allow")
            length = int.from_bytes(data[start : start + width], "big")
            start += width
    except IndexError:
        raise ValueError("the data ends inside a header") from None
    if start + length > len(data):
        raise ValueError("the data ends inside an element")
    return tag, start, start + length
