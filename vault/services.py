"""Sealing, opening and destroying what must not lie open."""

import secrets
from datetime import datetime
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from audit.actors import Actor
from audit.acts import Act
from audit.services import record
from vault.keys import current_key, ring_for
from vault.models import Purpose, SealedBlob


def bound_to(blob_id: UUID, purpose: str) -> bytes:
    """Return the associated data that ties a ciphertext to its row and purpose."""
    return f"{purpose}:{blob_id}".encode()


def seal(*, purpose: Purpose, plaintext: bytes) -> SealedBlob:
    """Encrypt `plaintext` under the current key of `purpose` and store it; returns the row."""
    key_id, key = current_key(purpose)
    blob_id, nonce = uuid4(), secrets.token_bytes(12)
    ciphertext = AESGCM(key).encrypt(nonce, plaintext, bound_to(blob_id, purpose))
    return SealedBlob.objects.create(
        id=blob_id, purpose=purpose, key_id=key_id, nonce=nonce, ciphertext=ciphertext, size=len(plaintext)
    )


def decrypt(blob: SealedBlob) -> bytes:
    """Return the plaintext without a record: only for what the system itself needs to work.

    Second factors are checked at every sign-in, which is recorded as such. Everything that a person
    looks at goes through `open_blob`. Raises cryptography's InvalidTag when the row was tampered with.
    """
    key = ring_for(blob.purpose)[blob.key_id]
    return AESGCM(key).decrypt(bytes(blob.nonce), bytes(blob.ciphertext), bound_to(blob.pk, blob.purpose))


@transaction.atomic
def open_blob(*, blob: SealedBlob, actor: Actor, reason: str, at: datetime, story: UUID | None = None) -> bytes:
    """Return the plaintext and record who looked and why (O-9). Raises ValueError without a reason."""
    if not reason:
        raise ValueError("opening a sealed blob needs a reason")
    details = {"purpose": blob.purpose, "reason": reason}
    record(act=Act.BLOB_OPEN, actor=actor, at=at, subject=blob, story=story, details=details)
    return decrypt(blob)


@transaction.atomic
def destroy(*, blob: SealedBlob, actor: Actor, reason: str, at: datetime, story: UUID | None = None) -> None:
    """Delete the ciphertext for good and record it; whatever pointed at it must allow that."""
    details = {"purpose": blob.purpose, "reason": reason}
    record(act=Act.BLOB_DESTROY, actor=actor, at=at, subject=blob, story=story, details=details)
    blob.delete()
