"""A certificate's bytes as the tree that ASN.1 makes of them, for people who look closely (X.690, RFC 5280).

Only what was signed here is read, so a value that is no DER is an error and not something to guess about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cryptography.x509 import ObjectIdentifier

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OBJECT_IDENTIFIER: Final = 0x06
NAMES: Final = {
    BOOLEAN: "BOOLEAN",
    INTEGER: "INTEGER",
    BIT_STRING: "BIT STRING",
    OCTET_STRING: "OCTET STRING",
    0x05: "NULL",
    OBJECT_IDENTIFIER: "OBJECT IDENTIFIER",
    0x0A: "ENUMERATED",
    0x0C: "UTF8String",
    0x10: "SEQUENCE",
    0x11: "SET",
    0x12: "NumericString",
    0x13: "PrintableString",
    0x16: "IA5String",
    0x17: "UTCTime",
    0x18: "GeneralizedTime",
    0x1A: "VisibleString",
    0x1E: "BMPString",
}
CHARACTERS: Final = {
    0x0C: "utf-8", 0x12: "ascii", 0x13: "ascii", 0x16: "ascii", 0x17: "ascii", 0x18: "ascii", 0x1A: "ascii",
    0x1E: "utf-16-be",
}  # fmt: skip
CONSTRUCTED: Final = 0x20
CLASS: Final = 0xC0
CONTEXT: Final = 0x80
# An integer of more octets is shown as octets: a serial number, a modulus.
LONG_INTEGER: Final = 6


class NotDerError(ValueError):
    """The bytes are no DER."""


@dataclass(frozen=True)
class Line:
    """One value in the tree: where it begins, how deep it lies, its type, its contents in words, how many it holds."""

    offset: int
    depth: int
    type: str
    text: str = ""

    @property
    def written(self) -> str:
        """Return the line as it stands in the view, indented."""
        return f"{self.offset:5d}  {'  ' * self.depth}{self.type}{'  ' if self.text else ''}{self.text}"


def lines(der: bytes) -> list[Line]:
    """Return the tree of one DER value, line by line; raises NotDerError for anything else."""
    return list(_values(der, 0, 0))


def view(der: bytes) -> str:
    """Return the tree as text of one line for each value."""
    return "\n".join(line.written for line in lines(der))


def _values(data: bytes, base: int, depth: int) -> Iterator[Line]:
    """Yield the values that fill `data`, each with what lies in it."""
    place = 0
    while place < len(data):
        tag, begin, end = _head(data, place)
        content, offset = data[begin:end], base + place
        inner = _inside(tag, content)
        yield Line(offset, depth, _type(tag), "" if tag & CONSTRUCTED else _text(tag, content, wraps=bool(inner)))
        if tag & CONSTRUCTED:
            yield from _values(content, base + begin, depth + 1)
        elif inner:
            yield from _values(inner, base + end - len(inner), depth + 1)
        place = end


def _head(data: bytes, place: int) -> tuple[int, int, int]:
    """Return the tag at `place`, where its contents begin and where they end."""
    try:
        tag, length, begin = data[place], data[place + 1], place + 2
    except IndexError:
        raise NotDerError("cut off") from None
    if tag & 0x1F == 0x1F or length == 0x80:
        raise NotDerError("a tag or a length that certificates do not have")
    if length > 0x80:
        octets = length & 0x7F
        length, begin = int.from_bytes(data[begin : begin + octets], "big"), begin + octets
    if begin + length > len(data):
        raise NotDerError("longer than what it lies in")
    return tag, begin, begin + length


def _inside(tag: int, content: bytes) -> bytes:
    """Return the DER that an octet or bit string wraps (extensions, keys), or nothing."""
    wrapped = content[1:] if tag == BIT_STRING and content[:1] == b"\x00" else content
    if tag not in {OCTET_STRING, BIT_STRING} or wrapped[:1] not in {b"\x30", b"\x04", b"\x03", b"\x16"}:
        return b""
    try:
        list(_values(wrapped, 0, 0))
    except (NotDerError, ValueError):
        return b""
    return wrapped


def _type(tag: int) -> str:
    if tag & CLASS == CONTEXT:
        return f"[{tag & 0x1F}]"
    return NAMES.get(tag & ~CONSTRUCTED, f"tag {tag:#04x}")


def _text(tag: int, content: bytes, *, wraps: bool) -> str:
    """Return the contents of a primitive value in words."""
    text = content.hex(":")
    if tag in CHARACTERS:
        text = content.decode(CHARACTERS[tag])
    elif tag == OBJECT_IDENTIFIER:
        text = _identifier(content)
    elif tag == BOOLEAN:
        text = "TRUE" if content != b"\x00" else "FALSE"
    elif tag == INTEGER and len(content) <= LONG_INTEGER:
        text = str(int.from_bytes(content, "big", signed=True))
    elif wraps:
        text = f"({len(content)} octets, which hold)"
    elif tag & CLASS == CONTEXT and content.isascii() and content.decode().isprintable():
        text = content.decode()
    return text


def _identifier(content: bytes) -> str:
    """Return an identifier in dots, with its name where the library knows one."""
    numbers, value = list[int](), 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(value)
            value = 0
    if not numbers:
        raise NotDerError("an identifier without a number")
    first = min(numbers[0] // 40, 2)
    dotted = ".".join(str(number) for number in (first, numbers[0] - 40 * first, *numbers[1:]))
    name = ObjectIdentifier(dotted)._name  # noqa: SLF001 — the library's names of identifiers have no other door
    return dotted if name == "Unknown OID" else f"{dotted} ({name})"
