"""The six digits of an authenticator app (RFC 6238), for people who have none at hand."""

import base64
import hashlib
import hmac
import struct
import time

PERIOD = 30
DIGITS = 6


def code_at(secret: str, seconds: float) -> str:
    """Return the code of a base32 secret at an instant in seconds since 1970."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", int(seconds) // PERIOD), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def code_now(secret: str) -> str:
    """Return the code that is valid at this moment."""
    return code_at(secret, time.time())
