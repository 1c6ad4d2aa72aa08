"""Two key officers together, on record, end what stops a signer: a database gone back, a clock gone wrong.

Neither can do it alone, and each gives a reason (faults 8 and 27).
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F

from accounts.nudges import nudge
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.models import EventDetails
from audit.services import Entry, record, record_many
from certificates.models import CertificationAuthority, Intent
from certificates.worker import vitals
from certificates.worker.claims import SIGNER

TOGETHER: Final = timedelta(hours=1)


@transaction.atomic
def reconcile(*, authority: CertificationAuthority, reason: str, actor: Actor, at: datetime) -> str:
    """Agree to burn the serials that only the journal knows; returns what has happened, for the console.

    The first officer's yes is recorded; a second officer's yes to the same serials within the hour burns
    them: they are never used again and stand on the CRL. Raises NotAllowed, ValueError without a reason.
    """
    actor = authorise(actor=actor, act=Act.SIGNER_RECONCILE)
    if not reason.strip():
        raise ValueError("give a reason")
    serials = vitals.unknown_serials(authority)
    if not serials:
        return f"“{authority.name}”: journal and database agree; there is nothing to reconcile."
    digest = hashlib.sha256("\n".join(serials).encode()).hexdigest()
    second = _agreed_before(authority, digest, actor, at)
    details = {"digest": digest, "count": len(serials), "reason": reason, "done": second}
    record(act=Act.SIGNER_RECONCILE, actor=actor, at=at, subject=authority, details=details)
    if not second:
        return f"{len(serials)} serials of “{authority.name}” wait for a second key officer, within one hour."
    _burn(authority, serials, at)
    vitals.journal(authority.pk).note_reconciled(serials=serials, at=at)
    return f"{len(serials)} serials of “{authority.name}” are burnt. The signer may go on."


@transaction.atomic
def accept_clock(*, reason: str, actor: Actor, at: datetime) -> None:
    """Record one officer's word that the clock is right now; a second officer's within the hour counts.

    Raises NotAllowed, ValueError without a reason.
    """
    actor = authorise(actor=actor, act=Act.CLOCK_ACCEPT)
    if not reason.strip():
        raise ValueError("give a reason")
    record(act=Act.CLOCK_ACCEPT, actor=actor, at=at, details={"reason": reason})


def _agreed_before(authority: CertificationAuthority, digest: str, actor: Actor, at: datetime) -> bool:
    """Tell whether another officer has said yes to the same serials within the last hour."""
    said = EventDetails.objects.filter(
        event__act=Act.SIGNER_RECONCILE,
        event__outcome="done",
        event__subject_id=str(authority.pk),
        event__at__gte=at - TOGETHER,
        body__digest=digest,
        body__done=False,
    )
    return said.exclude(event__person_id=actor.person_id).exists()


def _burn(authority: CertificationAuthority, serials: list[str], at: datetime) -> None:
    """Store intents without an order for serials that were signed and are lost, and abandon them."""
    intents = Intent.objects.bulk_create(
        Intent(
            order=None,
            round=0,
            authority=authority,
            serial=serial,
            statement={"schema": 1, "serial": serial, "known": "from the journal only"},
            status_since=at,
            signer="reconciled",
            lock_key=0,
            lease_until=at,
        )
        for serial in serials
    )
    Intent.objects.filter(pk__in=[intent.pk for intent in intents]).update(status="abandoned", status_since=at)
    entries = [
        Entry(Act.INTENT_ABANDON, intent, details={"serial": intent.serial}, moved=("open", "abandoned"))
        for intent in intents
    ]
    record_many(actor=SIGNER, at=at, entries=entries)
    CertificationAuthority.objects.filter(pk=authority.pk).update(status_epoch=F("status_epoch") + 1)
    nudge("revocation.publish")
