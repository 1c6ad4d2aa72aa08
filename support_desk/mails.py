"""Reading one mail: who wrote what, what came with it, and whether a person wrote it at all.

Nothing here raises for what somebody sends: broken parts become text with �, and what can't be taken apart is left out
and said so. HTML is turned into plain words; a link shows where it leads, and nothing is ever fetched.
"""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from functools import cached_property

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from support_desk.charsets import shown, text_of
from support_desk.html_text import words_of

LONGEST = 20_000
MOST_PARTS = 200
MOST_FILES = 20
MESSAGE_ID = re.compile(r"<([^<>\s]{1,250})>")


@dataclass(frozen=True)
class Part:
    """A file that came with a mail, not checked yet."""

    name: str
    data: bytes


@dataclass(frozen=True)
class ReadMail:
    """A mail, taken apart."""

    message: Message
    raw: bytes = field(repr=False)

    @cached_property
    def sender(self) -> str:
        """The address that wrote, in lower case; "" where there is none that could be answered."""
        for _name, address in getaddresses([self.header("Reply-To"), self.header("From")]):
            with suppress(ValidationError):
                validate_email(address)
                return address.lower()[:254]
        return ""

    @cached_property
    def sender_name(self) -> str:
        """The name under which they wrote, or the address."""
        found = getaddresses([self.header("From")])
        return shown(found[0][0] if found else "", lines=False)[:120] or self.sender or "?"

    @cached_property
    def subject(self) -> str:
        """The subject, in one line."""
        return shown(self.header("Subject"), lines=False)[:200]

    @cached_property
    def message_id(self) -> str:
        """The id without its brackets."""
        found = MESSAGE_ID.search(self.header("Message-ID"))
        return shown(found[1], lines=False)[:250] if found else ""

    @cached_property
    def answers(self) -> list[str]:
        """The ids of the mails that this one answers, the nearest first."""
        named = MESSAGE_ID.findall(self.header("In-Reply-To"))
        return [*named, *reversed(MESSAGE_ID.findall(self.header("References")))][:50]

    @cached_property
    def digest(self) -> str:
        """The digest of what follows the header: the same on every way by which a mail comes."""
        _head, _blank, body = self.raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        return hashlib.sha256(body).hexdigest()

    @cached_property
    def text(self) -> str:
        """What was written, as plain text: the text parts, or what the HTML says; may be ""."""
        plain = [decoded(part) for part in self._parts if _is_text(part, "plain")]
        if not "".join(plain).strip():
            plain = [words_of(decoded(part)) for part in self._parts if _is_text(part, "html")]
        return shown("\n".join(plain)[: 4 * LONGEST])

    @cached_property
    def files(self) -> list[Part]:
        """What came with it."""
        found = [Part(_name(part), payload(part)) for part in self._parts if _is_file(part)]
        return [part for part in found if part.data][: MOST_FILES + 1]

    def header(self, name: str) -> str:
        """Return a header as text, whatever its bytes claim to be."""
        return header_text(self.message, name)

    @cached_property
    def _parts(self) -> list[Message]:
        return list(_leaves(self.message))[:MOST_PARTS]


def read(raw: bytes) -> ReadMail:
    """Return a mail, taken apart. Never raises: what is no mail at all is one without header."""
    try:
        return ReadMail(email.message_from_bytes(raw), raw)
    except (ValueError, LookupError, RecursionError):
        return ReadMail(Message(), raw)


def header_text(message: Message, name: str) -> str:
    """Return the first header `name` as text in one line, with its encoded words decoded."""
    value = next((found for key, found in message.raw_items() if key.lower() == name.lower()), "")
    value = re.sub(r"\r?\n[ \t]*", " ", str(value))
    try:
        pieces = decode_header(value)
    except (ValueError, LookupError, email.errors.HeaderParseError):
        pieces = [(value, None)]
    return "".join(_piece(data, charset) for data, charset in pieces).replace("\x00", "")


def _piece(data: str | bytes, charset: str | None) -> str:
    raw = data.encode("ascii", "surrogateescape") if isinstance(data, str) and data.isascii() else data
    if isinstance(raw, str):
        raw = raw.encode("utf-8", "surrogateescape")
    return text_of(raw, charset or "")


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something; a mail inside a mail is one part, a file like others."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(0), seen + 1
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting[:0] = [inner for inner in part.get_payload() if isinstance(inner, Message)]
        else:
            yield part


def payload(part: Message) -> bytes:
    """Return the bytes of a part; "" where they can't be had."""
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        inner = part.get_payload(0)
        return inner.as_bytes() if isinstance(inner, Message) else b""
    try:
        found = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        found = None
    return found if isinstance(found, bytes) else b""


def decoded(part: Message) -> str:
    """Return a text part as text."""
    return text_of(payload(part)[: 8 * LONGEST], str(part.get_param("charset", "") or ""))


def _is_text(part: Message, kind: str) -> bool:
    return part.get_content_type() == f"text/{kind}" and not _attached(part)


def _attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(_name(part, ""))


def _is_file(part: Message) -> bool:
    return part.get_content_maintype() != "text" or _attached(part)


def _name(part: Message, otherwise: str = "file") -> str:
    """The name of a file, which may be encoded in three ways (RFC 2231, RFC 2047, or not at all)."""
    try:
        found = part.get_filename() or ""
    except (ValueError, LookupError, TypeError):
        return otherwise
    holder = Message()
    holder["X"] = re.sub(r"[\r\n]", " ", found)
    return shown(header_text(holder, "X"), lines=False)[:130] or otherwise
