"""Sealing: a signed tree over the committed events that have no place in one yet (O-16.2.7, O-20).

Events are not chained one by one, which would make every transaction wait for one lock. The key and the journal are
the caller's: this room knows how a head is made, not who may sign it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from audit import leaves
from audit.copying import copy_rows
from audit.models import Seal, SealKey, SealLeaf
from audit.verifier import head_hash, head_text, leaf_hash, root_of

LIMIT: Final = 20_000
NOTHING: Final = "0" * 64
# One sealer at a time; the number is the first bytes of a name, as for lists.
_LOCK: Final = int.from_bytes(hashlib.sha256(b"seal of the evidence").digest()[:8], "big", signed=True)


@dataclass(frozen=True)
class Hand:
    """Who signs: the key's row, what signs bytes with it, and the number under which nothing may be sealed any more."""

    key: SealKey
    sign: Callable[[bytes], bytes]
    after: int = 0


@transaction.atomic
def seal_waiting(*, hand: Hand, at: datetime, whole: bool = False) -> Seal | None:
    """Seal up to `LIMIT` events that wait; `whole` looks among all of them and not only among the newest.

    Returns the seal, or None where nothing waits or another sealer is at work.
    """
    if not _locked():
        return None
    waiting = _waiting(whole=whole)
    if not waiting:
        return None
    last = newest()
    hashes = [leaf_hash(text.encode()) for _key, text in waiting]
    seal = Seal(
        number=max(last.number if last else 0, hand.after) + 1,
        follows=last.number if last else 0,
        previous=head_hash(last.head()) if last else NOTHING,
        size=len(waiting),
        total=(last.total if last else 0) + len(waiting),
        complete=len(waiting) < LIMIT,
        root=root_of(hashes).hex(),
        sealed_at=max(at, last.sealed_at) if last else at,
        key=hand.key,
    )
    seal.signature = hand.sign(head_text(seal.head()))
    Seal.objects.bulk_create([seal])
    rows = ((key, seal.number, n, hashes[n]) for n, (key, _text) in enumerate(waiting))
    copy_rows(model=SealLeaf, columns=("event_id", "seal_number", "position", "hash"), rows=rows)
    return seal


def newest() -> Seal | None:
    """Return the last seal."""
    return Seal.objects.select_related("key").order_by("-number").first()


def _locked() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _waiting(*, whole: bool) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(leaves.WAITING_TEXTS, {"above": _above(whole=whole), "limit": LIMIT})
        return list(cursor.fetchall())


def _above(*, whole: bool) -> int:
    """Return the id above which events are looked for."""
    if whole:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(leaves.ABOVE)
        return int(cursor.fetchone()[0]) - leaves.WINDOW


@dataclass(frozen=True)
class Waiting:
    """How many events wait for their seal, and since when the first one does."""

    count: int
    since: datetime | None


def what_waits() -> Waiting:
    """Return what waits among the newest events."""
    with connection.cursor() as cursor:
        cursor.execute(leaves.WAITING_SINCE, {"above": _above(whole=False)})
        return Waiting(*cursor.fetchone())
