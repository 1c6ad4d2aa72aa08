"""Puts the serials of abandoned intents on the list: a signature over one may exist that nobody has seen (G3)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from audit.actors import Actor
from audit.acts import Act
from audit.services import record
from certificates.models import CertificationAuthority, Intent
from revocation.entries import entry_der
from revocation.models import CrlEntry
from revocation.services.revoking import current_xid

BATCH = 1000


@transaction.atomic
def revoke_burnt(*, actor: Actor, at: datetime) -> int:
    """Give every abandoned intent's serial an entry without reason; returns how many were new."""
    at = at.replace(microsecond=0)
    listed = CrlEntry.objects.filter(authority=OuterRef("authority"), serial=OuterRef("serial"))
    burnt = Intent.objects.filter(~Exists(listed), status="abandoned").select_for_update(skip_locked=True, of=("self",))
    count = 0
    for intent in burnt[:BATCH]:
        CrlEntry.objects.create(
            authority_id=intent.authority_id,
            shard=int(intent.statement.get("shard", 0)),
            serial=intent.serial,
            entry_der=entry_der(serial=int(intent.serial, 16), revoked_at=at),
            revoked_at=at,
            ends_at=_end(intent),
            xid=current_xid(),
        )
        CertificationAuthority.objects.filter(pk=intent.authority_id).update(status_epoch=F("status_epoch") + 1)
        details = {"serial": intent.serial, "ground": "lra:serial_burnt"}
        record(act=Act.CERTIFICATE_REVOKE, actor=actor, at=at, subject=intent, details=details)
        count += 1
    return count


def _end(intent: Intent) -> datetime:
    """When a certificate with this serial would have ended at the latest; without a date, when its issuer does."""
    said = intent.statement.get("not_after")
    return datetime.fromisoformat(said) if said else intent.authority.not_after
