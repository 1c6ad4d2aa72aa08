"""The entries of one list, streamed out of the database: one statement, and no Python object that outlives its turn.

PostgreSQL's COPY sends each value as the table has it. Asking portion by portion leaves the planner to choose an index
for each, and among several issuers it can choose one that reads all entries of the others.
"""

from dataclasses import dataclass
from typing import BinaryIO

from django.db import connection

from certificates.models import CertificationAuthority

_ENTRIES = """
COPY (SELECT entry_der FROM revocation_crlentry
      WHERE authority_id = %s AND shard = %s AND dropped_after IS NULL ORDER BY id) TO STDOUT (FORMAT binary)
"""
# The binary form of COPY: a signature, flags and the length of an extension; each row the number of its values, each
# value its length; at the end a row whose number of values is -1.
_OPENING = 19
_BEFORE_VALUE = 6
_BLOCK = 1024 * 1024


@dataclass
class Entries:
    """The entries of an issuer's shard, in the order of their ids; `count` is known when they have passed."""

    authority: CertificationAuthority
    shard: int
    count: int = 0

    def __call__(self, target: BinaryIO) -> int:
        """Write the DER of every entry, one after the other; return the length of all in bytes."""
        sink = _Sink(target)
        with connection.cursor() as cursor:
            statement = cursor.mogrify(_ENTRIES, [self.authority.pk, self.shard])
            cursor.copy_expert(statement, sink)
        sink.flush()
        self.count = sink.count
        return sink.length


class _Sink:
    """What COPY writes to: takes the value out of each row, and hands blocks on."""

    def __init__(self, target: BinaryIO) -> None:
        self.count = self.length = 0
        self._target, self._block, self._opened = target, bytearray(), False

    def write(self, row: bytes) -> None:
        """Take one message of the stream, which holds one row at most."""
        if not self._opened:
            row, self._opened = row[_OPENING:], True
        value = row[_BEFORE_VALUE:]
        if value:
            self.count += 1
            self._block += value
            if len(self._block) > _BLOCK:
                self.flush()

    def flush(self) -> None:
        """Hand on what is in hand."""
        self.length += self._target.write(self._block)
        self._block.clear()
