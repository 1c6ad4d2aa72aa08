"""What a signer that died has left: orders without a holder get back into the queue, serials are burnt."""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

from accounts.nudges import nudge
from certificates.models import Intent
from certificates.services import slots
from certificates.worker import clock, storing
from certificates.worker.claims import SIGNER

LIMIT: Final = 500


def sweep() -> int:
    """Abandon lost intents and retire expired certificates; idempotent, safe to run anywhere at any time."""
    lost = abandon_lost()
    slots.retire_expired(actor=SIGNER, at=clock.database_now())
    return lost


@transaction.atomic
def abandon_lost() -> int:
    """Abandon the intents whose lease has run out and whose signer's lock is free; returns how many.

    A signature over such a serial may exist, so it is burnt and goes on the CRL. The order is queued
    again and will get a new serial.
    """
    at = clock.database_now()
    overdue = (
        Intent.objects.filter(status="open", lease_until__lt=at)
        .select_related("order", "authority")
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("lease_until")[:LIMIT]
    )
    lost = [intent for intent in overdue if _lock_is_free(intent.lock_key)]
    if not lost:
        return 0
    storing.give_back(lost, reason="the signer is gone", at=at)
    nudge("certificates.sign_batch")
    return len(lost)


def _lock_is_free(lock_key: int) -> bool:
    """Take the lock of a batch until this transaction ends; false while the batch's signer holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_key])
        (free,) = cursor.fetchone()
    return bool(free)
