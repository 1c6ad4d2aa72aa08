"""Serial numbers: positive, at least 64 bits from the system's random source, under 2^159."""

from __future__ import annotations

import secrets
from typing import Final

# RFC 5280 4.1.2.2: at most 20 octets; the top bit stays clear so that the number is positive, and
# the next one is set so that every serial has the same length.
BITS: Final = 159


def new_serial() -> int:
    """Return a new serial number of 159 bits, 158 of them random."""
    return (1 << (BITS - 1)) | secrets.randbits(BITS - 1)
