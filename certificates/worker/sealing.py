"""Seals the evidence with the key that the publisher alone holds, and remembers the last head outside the database.

A database restored from an older copy, or one from which the newest seals were taken, no longer has the head that the
journal names: nothing is sealed then until two key officers have run `manage.py reconcile_evidence` (fault 26).
"""

from __future__ import annotations

import hashlib
import time
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import transaction

from accounts.services import authorise
from audit import exporting, sealing
from audit.actors import Actor
from audit.acts import Act
from audit.models import EventDetails, Seal, SealKey
from audit.services import record
from audit.verifier import head_hash
from certificates.worker import keys, vitals
from certificates.worker.journal import Journal, JournalUnavailableError
from certificates.worker.keys import KeyUnavailableError, SigningKey

SEALER: Final = "sealer"
JOURNAL: Final = "evidence"
SECONDS: Final = 2.0
TOGETHER: Final = timedelta(hours=1)
# Everything is looked through once an hour, beginning with the first look of a process.
WHOLE_EVERY: Final = 3600.0
_looked_whole: dict[str, float] = {}


class SealRefusedError(Exception):
    """Nothing may be sealed now; the message says why, in words for the staff."""


def seal_what_waits(*, at: datetime) -> int:
    """Seal until nothing waits, for a few seconds at most; returns how many events.

    Raises SealRefusedError where the database has lost seals or there is no key, and the errors of key and journal.
    """
    journal, until, count = Journal(settings.JOURNAL_DIR, JOURNAL), time.monotonic() + SECONDS, 0
    hand = _hand(journal, at)
    whole = time.monotonic() - _looked_whole.get(hand.key.fingerprint, -WHOLE_EVERY) >= WHOLE_EVERY
    while seal := sealing.seal_waiting(hand=hand, at=at, whole=whole):
        _note(journal, seal, at)
        count += seal.size
        if seal.complete or time.monotonic() > until:
            break
    if whole and (seal is None or seal.complete):
        _looked_whole[hand.key.fingerprint] = time.monotonic()
    return count


def seal_and_beat(*, at: datetime) -> None:
    """Seal what waits, and show in the heartbeat what stands against it."""
    try:
        seal_what_waits(at=at)
    except (SealRefusedError, KeyUnavailableError, JournalUnavailableError) as error:
        vitals.beat(SEALER, refuses=str(error), at=at)
    else:
        vitals.beat(SEALER, at=at)


@transaction.atomic
def create_key(*, place: str, actor: Actor, at: datetime) -> SealKey:
    """Make the key that signs heads from now on, on the record; an older one stays for what it signed.

    Raises KeyUnavailableError, and FileExistsError where a key of this name is there without its row.
    """
    actor = authorise(actor=actor, act=Act.EVIDENCE_KEY_CREATE)
    reference = keys.backend(place).create(name=f"evidence-{uuid4().hex[:8]}", key_type="p256")
    public = keys.load(reference).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    fingerprint = hashlib.sha256(public).hexdigest()
    (row,) = SealKey.objects.bulk_create(
        [SealKey(fingerprint=fingerprint, public_der=public, reference=reference, created_at=at)]
    )
    details = {"sha256": fingerprint, "kind": place}
    record(act=Act.EVIDENCE_KEY_CREATE, actor=actor, at=at, subject=row, details=details)
    return row


@transaction.atomic
def reconcile(*, reason: str, actor: Actor, at: datetime) -> str:
    """Agree to go on although seals are lost; a second officer's yes within the hour counts. Returns words.

    The lost numbers are never used again; the next head names the last one that is left. Raises NotAllowed, and
    ValueError without a reason.
    """
    actor = authorise(actor=actor, act=Act.EVIDENCE_RECONCILE)
    if not reason.strip():
        raise ValueError("give a reason")
    journal = Journal(settings.JOURNAL_DIR, JOURNAL)
    lost = _lost(journal)
    if lost is None:
        return "Journal and database agree; there is nothing to reconcile."
    said = EventDetails.objects.filter(event__act=Act.EVIDENCE_RECONCILE, event__outcome="done")
    said = said.filter(event__at__gte=at - TOGETHER, body__seal=lost, body__done=False)
    second = said.exclude(event__person_id=actor.person_id).exists()
    details = {"seal": lost, "reason": reason, "done": second}
    record(act=Act.EVIDENCE_RECONCILE, actor=actor, at=at, details=details)
    if not second:
        return f"Seals up to {lost} wait for a second key officer, within one hour."
    journal.note_seals_reconciled(number=lost, at=at)
    return f"Seals up to {lost} are given up. Sealing goes on after them."


def _hand(journal: Journal, at: datetime) -> sealing.Hand:
    """Return the hand that may sign; brings the journal up to what the database has committed."""
    row = SealKey.objects.order_by("-created_at").first()
    if row is None:
        raise SealRefusedError("there is no key for seals: run manage.py create_evidence_key")
    lost = _lost(journal)
    if lost is not None:
        raise SealRefusedError(
            f"the database does not have seal {lost} as the journal knows it;"
            " two people have to run manage.py reconcile_evidence"
        )
    kept, last = journal.last_seal(), sealing.newest()
    if last is not None and (kept is None or kept[0] < last.number):
        _note(journal, last, at)
    key = keys.load(row.reference)
    after = max(kept[0] if kept else 0, journal.seals_reconciled())
    return sealing.Hand(row, lambda data: _signed(key, data), after)


def _lost(journal: Journal) -> int | None:
    """Return the number of the journal's last seal where the database has it not, or another one; else None."""
    kept = journal.last_seal()
    if kept is None or kept[0] <= journal.seals_reconciled():
        return None
    seal = Seal.objects.select_related("key").filter(number=kept[0]).first()
    return None if seal is not None and head_hash(seal.head()) == kept[1] else kept[0]


def _note(journal: Journal, seal: Seal, at: datetime) -> None:
    journal.note_seal(number=seal.number, head=head_hash(seal.head()), signed=exporting.head_line(seal), at=at)


def _signed(key: SigningKey, data: bytes) -> bytes:
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise KeyUnavailableError("the key for seals is not one of an elliptic curve")
    return key.sign(data, ec.ECDSA(SHA256()))
