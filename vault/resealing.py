"""Sealing anew under the current key of a purpose, so that an older key can be taken away (J-5.2).

Each portion is a transaction of its own: whoever stops in the middle leaves blobs under either key, and every one of
them opens. What is done needs no note, because a blob names the key that closed it.
"""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from audit.actors import Actor
from audit.acts import Act
from audit.services import record
from vault.keys import current_key, held_keys, ring_for, weak_keys
from vault.models import Purpose, SealedBlob
from vault.services import bound_to, decrypt

MOST_ROWS: Final = 200
MOST_BYTES: Final = 16 << 20


class KeyProblemError(Exception):
    """The keys of a purpose are not fit for sealing anew; the message says what an operator can do."""


@dataclass(frozen=True)
class Portion:
    """What was sealed anew in one transaction: how many blobs, and the last one in the order of ids."""

    count: int
    last: UUID | None


def check_keys(purpose: Purpose) -> None:
    """Raise KeyProblemError for a weak key, or where a blob was closed by a key that this process lacks.

    Raises ValueError for a ring that can't be read, a key under two ids among it, and ImproperlyConfigured where the
    process holds no key of the purpose.
    """
    ring = ring_for(purpose)
    if weak := weak_keys(ring):
        raise KeyProblemError(f"the key {weak[0]} of {purpose} is not random; make another one")
    for other, keys in held_keys().items():
        if other != purpose and set(ring.values()) & set(keys.values()):
            raise KeyProblemError(f"{purpose} and {other} share a key; each purpose has its own")
    if unknown := sorted(keys_in_use(purpose) - set(ring)):
        raise KeyProblemError(f"blobs of {purpose} were closed by {', '.join(unknown)}, which this process lacks")


def keys_in_use(purpose: Purpose) -> set[str]:
    """Return the ids of the keys that blobs of a purpose were closed by."""
    return set(SealedBlob.objects.filter(purpose=purpose).values_list("key_id", flat=True).distinct())


def waiting(purpose: Purpose) -> int:
    """Return how many blobs of a purpose are under another key than the current one."""
    key_id, _key = current_key(purpose)
    return SealedBlob.objects.filter(purpose=purpose).exclude(key_id=key_id).count()


@transaction.atomic
def reseal(*, purpose: Purpose, after: UUID | None, actor: Actor, reason: str, at: datetime) -> Portion:
    """Seal the next blobs under the current key and record it; an empty portion when none is left.

    `after` is where the portion before ended. Nothing that people would see is opened: the plaintext goes from one
    key to the other within this process. Raises InvalidTag, and seals nothing, where a row was tampered with.
    """
    key_id, key = current_key(purpose)
    rows = _next(purpose, key_id, after)
    if not rows:
        return Portion(0, after)
    before = Counter(row.key_id for row in rows)
    for row in rows:
        plaintext = decrypt(row)
        row.key_id, row.nonce = key_id, secrets.token_bytes(12)
        row.ciphertext = AESGCM(key).encrypt(row.nonce, plaintext, bound_to(row.pk, purpose))
    SealedBlob.objects.bulk_update(rows, ["key_id", "nonce", "ciphertext"])
    details = {"purpose": purpose, "from": dict(before), "to": key_id, "count": len(rows), "reason": reason}
    record(act=Act.BLOB_RESEAL, actor=actor, at=at, details=details)
    return Portion(len(rows), rows[-1].pk)


def _next(purpose: Purpose, key_id: str, after: UUID | None) -> list[SealedBlob]:
    """Return the next blobs under another key, locked: so many, or so large together, as one transaction takes."""
    others = SealedBlob.objects.filter(purpose=purpose).exclude(key_id=key_id).order_by("pk")
    if after is not None:
        others = others.filter(pk__gt=after)
    chosen: list[UUID] = []
    size = 0
    for pk, bytes_ in others.values_list("pk", "size")[:MOST_ROWS]:
        if chosen and size + bytes_ > MOST_BYTES:
            break
        chosen.append(pk)
        size += bytes_
    return list(others.filter(pk__in=chosen).select_for_update())
