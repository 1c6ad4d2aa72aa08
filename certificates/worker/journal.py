"""What a signer remembers outside the database, flushed to disk, so that an older copy of it is noticed.

One file per authority, one line per fact: every certificate signed, the last CRL number per shard,
the last seal. A database restored from an older copy no longer knows the newest serials; a signer that
finds such a serial in its journal signs nothing until two people have reconciled the two (fault 27).
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from certificates.worker.keys import flush_directory

# A restored copy lacks the newest facts, so the end of the journal decides.
TAIL_BYTES: Final = 1 << 20


class JournalUnavailableError(Exception):
    """The journal can't be written or read; nothing may be signed."""


class Journal:
    """The journal of one authority on this machine, or that of the seals over the evidence."""

    def __init__(self, directory: str, authority: UUID | str) -> None:
        if not directory:
            raise JournalUnavailableError("JOURNAL_DIR is not set for this process")
        self.path = Path(directory) / f"{authority}.jsonl"

    def note_certificates(self, entries: Iterable[tuple[str, str]], *, at: datetime) -> None:
        """Write (serial in hexadecimal, SHA-256 of the certificate) of what was signed, in one flush."""
        self._append([_line("certificate", at, serial=serial, sha256=sha256) for serial, sha256 in entries])

    def note_crl(self, *, shard: int, number: int, at: datetime) -> None:
        """Write the number of the CRL that was just signed for `shard`."""
        self._append([_line("crl", at, shard=shard, number=str(number))])

    def note_seal(self, *, number: int, head: str, signed: Mapping[str, Any], at: datetime) -> None:
        """Write the newest seal over the evidence: its number, the digest of its head, and the head as it is signed."""
        self._append([_line("seal", at, number=number, head=head, **signed)])

    def last_seal(self) -> tuple[int, str] | None:
        """Return number and head of the last seal that was made here, or None."""
        facts = [fact for fact in self._tail(TAIL_BYTES) if fact["kind"] == "seal"]
        return (int(facts[-1]["number"]), str(facts[-1]["head"])) if facts else None

    def note_seals_reconciled(self, *, number: int, at: datetime) -> None:
        """Write that two people have agreed to go on after `number`, though the database has lost seals up to it."""
        self._append([_line("seals_reconciled", at, number=number)])

    def seals_reconciled(self) -> int:
        """Return the number up to which seals may be missing, by what two people agreed to; or 0."""
        facts = [fact for fact in self._tail(TAIL_BYTES) if fact["kind"] == "seals_reconciled"]
        return int(facts[-1]["number"]) if facts else 0

    def note_reconciled(self, *, serials: Iterable[str], at: datetime) -> None:
        """Write that two people have reconciled `serials` with the database."""
        self._append([_line("reconciled", at, serials=sorted(serials))])

    def recent_serials(self, *, within: int = TAIL_BYTES) -> list[str]:
        """Return the serials in the journal's last bytes that were not reconciled since, oldest first."""
        serials: dict[str, None] = {}
        for fact in self._tail(within):
            if fact["kind"] == "certificate":
                serials[fact["serial"]] = None
            elif fact["kind"] == "reconciled":
                for serial in fact["serials"]:
                    serials.pop(serial, None)
        return list(serials)

    def last_crl_number(self, shard: int) -> int:
        """Return the highest CRL number ever signed here for `shard`, or 0."""
        numbers = [int(f["number"]) for f in self._tail(TAIL_BYTES) if f["kind"] == "crl" and f["shard"] == shard]
        return max(numbers, default=0)

    def _append(self, lines: list[bytes]) -> None:
        """Write all lines or none, and come back only when the disk has them."""
        if not lines:
            return
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            born = not self.path.exists()
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                _write(descriptor, _mended(descriptor) + b"".join(lines))
            finally:
                os.close(descriptor)
            if born:
                flush_directory(self.path.parent)
        except OSError as error:
            raise JournalUnavailableError(f"the journal can't be written: {error.strerror}") from error

    def _tail(self, within: int) -> Iterator[dict[str, Any]]:
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - within))
                lines = file.read().split(b"\n")
        except FileNotFoundError:
            return
        except OSError as error:
            raise JournalUnavailableError(f"the journal can't be read: {error.strerror}") from error
        for number, line in enumerate(lines):
            cut_off = number == 0 and size > within
            if line and not cut_off:
                yield from _parsed(line)


def _line(kind: str, at: datetime, **facts: Any) -> bytes:
    return json.dumps({"kind": kind, "at": at.isoformat(), **facts}, separators=(",", ":")).encode() + b"\n"


def _parsed(line: bytes) -> Iterator[dict[str, Any]]:
    """Yield the fact on a line; a line that a power cut left half written is no fact."""
    try:
        fact = json.loads(line)
    except ValueError:
        return
    if isinstance(fact, dict) and "kind" in fact:
        yield fact


def _mended(descriptor: int) -> bytes:
    """Return the line break that must come first when the last line was left half written."""
    size = os.fstat(descriptor).st_size
    whole = size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"
    return b"" if whole else b"\n"


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
    os.fsync(descriptor)
