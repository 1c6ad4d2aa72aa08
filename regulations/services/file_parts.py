"""Bytes of a file of lines as they come over the web: sealed in parts of one megabyte, looked at while they pass."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from audit.actors import Actor
from audit.refusals import RuleViolated, Violation
from regulations.line_files import Sniffer
from vault.models import Purpose, SealedBlob
from vault.services import destroy, seal

PART: Final = 1024 * 1024
# How files of spreadsheet programs begin: .xlsx and .ods, .xls.
WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class Received:
    """What is known of a file once its last byte has passed."""

    size: int
    sha256: str
    encoding: str


def take_in(chunks: Iterable[bytes], *, keep: Callable[[int, SealedBlob], object], most_bytes: int) -> Received:
    """Seal the bytes part by part and hand each part to `keep` with its position; inside a transaction.

    Raises RuleViolated for a file that is empty, too large, a workbook, or in letters that are not read here.
    """
    sniffer, digest, size = Sniffer(), hashlib.sha256(), 0
    for position, part in enumerate(parts_of(chunks)):
        size += len(part)
        if position == 0 and part.startswith(WORKBOOKS):
            message = _("This is a workbook of a spreadsheet program. Please save it there as CSV and hand that in.")
            raise RuleViolated([Violation("file", "workbook", message)])
        if size > most_bytes:
            message = _("The file is larger than %(limit)d MB. Please divide it.") % {"limit": most_bytes // PART}
            raise RuleViolated([Violation("file", "too_large", message)])
        digest.update(part)
        sniffer.feed(part)
        keep(position, seal(purpose=Purpose.DOCUMENTS, plaintext=part))
    if not size:
        raise RuleViolated([Violation("file", "empty", _("The file is empty."))])
    encoding = sniffer.encoding()
    if not encoding:
        message = _("This file can't be read. Please save it as UTF-8 or Shift_JIS.")
        raise RuleViolated([Violation("file", "encoding", message)])
    return Received(size, digest.hexdigest(), encoding)


def parts_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes of `chunks` in parts of one megabyte, the last one shorter."""
    rest = b""
    for chunk in chunks:
        rest += chunk
        while len(rest) >= PART:
            yield rest[:PART]
            rest = rest[PART:]
    if rest:
        yield rest


def plain_name(name: str, default: str) -> str:
    """The name of a file without what nobody can see."""
    return "".join(sign for sign in name if sign.isprintable())[:160] or default


def destroy_all(blobs: Iterable[SealedBlob], *, reason: str, actor: Actor, at: datetime) -> None:
    """Destroy the sealed parts of a file that is done with; inside the transaction of the act that ends its use."""
    for blob in blobs:
        destroy(blob=blob, actor=actor, reason=reason, at=at)
