"""Key rings: which keys this process holds, by purpose. A process that lacks one can't open that purpose."""

import base64
import binascii
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
FEWEST_DISTINCT_BYTES = 16
"""32 random bytes have fewer distinct values than this about never; a typed key easily has."""


def parse_ring(text: str) -> dict[str, bytes]:
    """Return key id → key from `id:base64[,id:base64…]`; the first is the current one.

    Raises ValueError for a key that is not 32 bytes of base64, and for an id or a key given twice.
    """
    ring: dict[str, bytes] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        key_id, _, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise ValueError(f"vault key {key_id!r} is not base64") from error
        if len(key) != KEY_BYTES or not key_id or key_id in ring:
            raise ValueError(f"vault key {key_id!r} must be 32 bytes under an id of its own")
        if key in ring.values():
            raise ValueError(f"vault key {key_id!r} is the same key as another one of its ring")
        ring[key_id] = key
    return ring


def weak_keys(ring: Mapping[str, bytes]) -> list[str]:
    """Return the ids of keys that no random source has made."""
    return [key_id for key_id, key in ring.items() if len(set(key)) < FEWEST_DISTINCT_BYTES]


def held_keys() -> dict[str, dict[str, bytes]]:
    """Return the rings that this process holds, by purpose."""
    return {purpose: parse_ring(text) for purpose, text in settings.VAULT_KEYS.items() if text}


def ring_for(purpose: str) -> dict[str, bytes]:
    """Return this process's keys for `purpose`; raises ImproperlyConfigured when it holds none."""
    text = settings.VAULT_KEYS.get(purpose, "")
    if not text:
        raise ImproperlyConfigured(f"this process holds no key for {purpose}")
    return parse_ring(text)


def current_key(purpose: str) -> tuple[str, bytes]:
    """Return id and bytes of the key that closes new blobs of `purpose`."""
    return next(iter(ring_for(purpose).items()))
