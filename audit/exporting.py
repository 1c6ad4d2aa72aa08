"""The evidence as a file that is checked without us: lines of JSON, read in pieces (docs/evidence.md; J-3.3, O-20)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db import connection

from audit import leaves
from audit.models import Event, EventDetails, Seal, SealKey, SealLeaf
from audit.services import canonical
from audit.verifier import FORMAT, path_of

STEP: Final = 200
_LEAVES: Final = f"""
    SELECT l.seal_number, l.position, l.event_id, encode(l.hash, 'hex'),
           CASE WHEN e.id IS NOT NULL THEN {leaves.TEXT} END, encode(d.salt, 'hex'), d.body
    FROM audit_sealleaf l LEFT JOIN audit_event e ON e.id = l.event_id
    LEFT JOIN audit_eventdetails d ON %(details)s AND d.event_id = l.event_id
    WHERE l.seal_number BETWEEN %(first)s AND %(last)s ORDER BY l.seal_number, l.position
"""  # noqa: S608 — no outside words
_ORPHANS: Final = """
    SELECT l.event_id, l.seal_number FROM audit_sealleaf l
    WHERE l.seal_number <= %s AND NOT EXISTS (SELECT FROM audit_seal s WHERE s.number = l.seal_number)
    ORDER BY l.seal_number, l.position
"""


def export(*, details: bool, first: int = 1) -> Iterator[str]:
    """Yield the evidence from seal `first` on, a line at a time; `details` adds what events say, with their salts.

    Seals are read up to the one that is the newest now; what is sealed meanwhile is left to the next export.
    """
    yield _line({"format": FORMAT, "details": details})
    for key in SealKey.objects.order_by("created_at"):
        yield _line({"key": bytes(key.public_der).hex()})
    last = Seal.objects.order_by("-number").values_list("number", flat=True).first() or 0
    after = first - 1
    while seals := _next_seals(after, last):
        yield from _sealed(seals, details=details)
        after = seals[-1].number
    yield from _loose(last)
    yield _line({"end": last})


def proof_of(event: Event, *, details: bool) -> dict[str, Any] | None:
    """Return what proves one event to somebody who sees no other; None while it is not sealed."""
    leaf = SealLeaf.objects.filter(event_id=event.pk).first()
    seal = Seal.objects.select_related("key").filter(number=leaf.seal_number).first() if leaf else None
    if leaf is None or seal is None:
        return None
    hashes = SealLeaf.objects.filter(seal_number=seal.number).order_by("position").values_list("hash", flat=True)
    proof = {
        "format": f"{FORMAT} proof",
        "event": _text_of(event.pk),
        "position": leaf.position,
        "path": [[side, node.hex()] for side, node in path_of([bytes(one) for one in hashes], leaf.position)],
        "seal": seal.head(),
        "signature": bytes(seal.signature).hex(),
        "key": bytes(seal.key.public_der).hex(),
    }
    kept = EventDetails.objects.filter(event_id=event.pk).first() if details else None
    if kept is not None:
        proof["details"] = {"salt": bytes(kept.salt).hex(), "body": canonical(kept.body).decode()}
    return proof


def head_line(seal: Seal) -> Mapping[str, Any]:
    """Return a seal's head with its signature, as exports and the journal hold it."""
    return {"seal": seal.head(), "signature": bytes(seal.signature).hex()}


def _next_seals(after: int, last: int) -> list[Seal]:
    rows = Seal.objects.filter(number__gt=after, number__lte=last).select_related("key")
    return list(rows.order_by("number")[:STEP])


def _sealed(seals: list[Seal], *, details: bool) -> Iterator[str]:
    """Yield seals, each before its leaves. A leaf whose seal is gone in between comes with the loose ones."""
    waiting, there = {seal.number: seal for seal in seals}, {seal.number for seal in seals}
    with connection.cursor() as cursor:
        span = {"first": seals[0].number, "last": seals[-1].number, "details": details}
        cursor.execute(_LEAVES, span)
        while rows := cursor.fetchmany(2000):
            for number, position, name, leaf, text, salt, body in rows:
                while waiting and next(iter(waiting)) <= number:
                    yield _line(head_line(waiting.pop(next(iter(waiting)))))
                if number in there:
                    line = {"leaf": position, "id": name, "hash": leaf, "event": text}
                    yield _line(line | ({"details": _told(salt, body)} if salt is not None else {}))
    for seal in waiting.values():
        yield _line(head_line(seal))


def _loose(last: int) -> Iterator[str]:
    """Yield leaves without a seal, and events without a leaf."""
    with connection.cursor() as cursor:
        cursor.execute(_ORPHANS, [last])
        for name, number in cursor.fetchall():
            yield _line({"orphan": name, "of": number})
        cursor.execute(leaves.WAITING_TIMES, {"above": 0})
        for name, recorded_at in cursor.fetchall():
            yield _line({"unsealed": name, "recorded_at": recorded_at})


def _told(salt: str, body: str | dict[str, Any]) -> dict[str, str]:
    told = json.loads(body) if isinstance(body, str) else body
    return {"salt": salt, "body": canonical(told).decode()}


def _text_of(event_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {leaves.TEXT} FROM audit_event e WHERE e.id = %s", [event_id])  # noqa: S608 — as above
        return str(cursor.fetchone()[0])


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
