"""Bytes of a file of lines: in which letters they are written, and its lines one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

UTF8_MARK: Final = b"\xef\xbb\xbf"
UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
LONGEST_BYTES: Final = 16 * 1024
SHOWN: Final = {"utf-8": "UTF-8", "cp932": "Shift_JIS"}


class Sniffer:
    """Finds out while the bytes pass whether a file is UTF-8 or Shift_JIS: the one in which fewer lines are broken."""

    def __init__(self) -> None:
        self._rest = b""
        self._broken = dict.fromkeys(SHOWN, 0)
        self.start = b""

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes."""
        if len(self.start) < len(UTF8_MARK):
            self.start = (self.start + chunk)[: len(UTF8_MARK)]
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > LONGEST_BYTES:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            self._look_at(line)

    def _look_at(self, line: bytes) -> None:
        if line.isascii():
            return
        for encoding in self._broken:
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                self._broken[encoding] += 1

    def encoding(self) -> str:
        """Return the encoding of everything that was fed: utf-8, cp932, or "" for one that can't be read."""
        self._look_at(self._rest)
        self._rest = b""
        if self.start.startswith(UTF16_MARKS):
            return ""
        if self.start == UTF8_MARK or self._broken["utf-8"] <= self._broken["cp932"]:
            return "utf-8"
        return "cp932"


def lines_of(parts: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Yield each line without its end, and how many bytes it took; CRLF and LF may be mixed.

    Of an endless line only the beginning is kept, so that memory does not grow with what is sent.
    """
    rest, dropped = b"", 0
    for part in parts:
        *lines, last = part.split(b"\n")
        for line in lines:
            whole = rest + line
            yield whole.removesuffix(b"\r"), len(whole) + dropped + 1
            rest, dropped = b"", 0
        rest += last
        if len(rest) > LONGEST_BYTES:
            dropped += len(rest) - LONGEST_BYTES
            rest = rest[:LONGEST_BYTES]
    if rest:
        yield rest.removesuffix(b"\r"), len(rest) + dropped
