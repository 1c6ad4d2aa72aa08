"""Holding events against the seals that cover them, for a page: only what the page shows is read (O-20, J-3.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection

from audit import leaves
from audit.models import Seal, SealLeaf
from audit.verifier import Keys, leaf_hash, root_of


@dataclass(frozen=True)
class Standing:
    """Where an event stands: the number of its seal (0: none yet), its place there, and whether that holds."""

    seal: int = 0
    position: int = 0
    holds: bool = True


UNSEALED: Final = Standing()


def places(event_ids: Iterable[int]) -> dict[int, Standing]:
    """Return where each event stands by its leaf, without checking anything."""
    found = {leaf.event_id: leaf for leaf in SealLeaf.objects.filter(event_id__in=list(event_ids))}
    return {key: Standing(leaf.seal_number, leaf.position) for key, leaf in found.items()}


def standings(event_ids: Iterable[int]) -> dict[int, Standing]:
    """Return where each event stands: its text against its leaf, the leaves against the root, the head's signature."""
    wanted = list(event_ids)
    found = {leaf.event_id: leaf for leaf in SealLeaf.objects.filter(event_id__in=wanted)}
    numbers = {leaf.seal_number for leaf in found.values()}
    whole = _whole_seals(numbers)
    texts = _texts(list(found))
    made = {}
    for key in wanted:
        leaf = found.get(key)
        if leaf is None:
            made[key] = Standing()
        else:
            true = key in texts and leaf_hash(texts[key].encode()) == bytes(leaf.hash)
            made[key] = Standing(leaf.seal_number, leaf.position, true and whole.get(leaf.seal_number, False))
    return made


def _whole_seals(numbers: Iterable[int]) -> Mapping[int, bool]:
    """Tell of each seal whether its leaves make its root, and its signature is that of its key."""
    hashes: dict[int, list[bytes]] = defaultdict(list)
    rows = SealLeaf.objects.filter(seal_number__in=list(numbers)).order_by("seal_number", "position")
    for number, value in rows.values_list("seal_number", "hash").iterator():
        hashes[number].append(bytes(value))
    seals = Seal.objects.filter(number__in=list(numbers)).select_related("key")
    return {seal.number: root_of(hashes[seal.number]).hex() == seal.root and is_signed(seal) for seal in seals}


def is_signed(seal: Seal) -> bool:
    """Tell whether a head's signature is that of the key which the database names."""
    keys = Keys([seal.key.fingerprint])
    keys.add(bytes(seal.key.public_der).hex())
    return not keys.fault(seal.head(), bytes(seal.signature).hex())


def _texts(event_ids: list[int]) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT e.id, {leaves.TEXT} FROM audit_event e WHERE e.id = ANY(%s)", [event_ids])  # noqa: S608 — no outside words
        return dict(cursor.fetchall())
