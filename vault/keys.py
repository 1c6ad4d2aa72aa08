"""Key rings: which keys this process holds, by purpose. A process that lacks one can't open that purpose."""

import base64
import binascii

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32


def parse_ring(text: str) -> dict[str, bytes]:
    """Return key id → key from `id:base64[,id:base64…]`; the first is the current one.

    Raises ValueError for a key that is not 32 bytes of base64 or for an id given twice.
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
        ring[key_id] = key
    return ring


def ring_for(purpose: str) -> dict[str, bytes]:
    """Return this process's keys for `purpose`; raises ImproperlyConfigured when it holds none."""
    text = settings.VAULT_KEYS.get(purpose, "")
    if not text:
        raise ImproperlyConfigured(f"this process holds no key for {purpose}")
    return parse_ring(text)


def current_key(purpose: str) -> tuple[str, bytes]:
    """Return id and bytes of the key that closes new blobs of `purpose`."""
    return next(iter(ring_for(purpose).items()))
