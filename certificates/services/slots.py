"""Which certificate of a subscription is the current one, its successor, or past.

Expiry and revocation move the role, so that the constraints on it need no clock.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.services import record
from certificates.models import Certificate


def free_slot(taken: set[str]) -> str | None:
    """Return the role that a new certificate gets beside those taken, or None when there is no room."""
    return next((slot for slot in ("current", "successor") if slot not in taken), None)


def vacate(certificate: Certificate) -> None:
    """Make a certificate a past one; its successor, if any, takes its place. Inside a transaction."""
    held = certificate.slot
    Certificate.objects.filter(pk=certificate.pk).update(slot="past")
    if held == "current":
        Certificate.objects.filter(subscription_id=certificate.subscription_id, slot="successor").update(slot="current")
    certificate.refresh_from_db()


def promote(certificate: Certificate) -> None:
    """Make an accepted successor the current one; what was current is past, though still valid."""
    current = Certificate.objects.filter(subscription_id=certificate.subscription_id, slot="current")
    if certificate.slot == "successor":
        current.update(slot="past")
        Certificate.objects.filter(pk=certificate.pk).update(slot="current")
        certificate.refresh_from_db()


@transaction.atomic
def retire_expired(*, actor: Actor, at: datetime, limit: int = 500) -> int:
    """Move expired certificates out of their roles; returns how many. A sweep, idempotent."""
    actor = authorise(actor=actor, act=Act.CERTIFICATE_EXPIRE)
    expired = (
        Certificate.objects.filter(not_after__lt=at)
        .exclude(slot="past")
        .select_for_update(skip_locked=True)
        .order_by("not_after")[:limit]
    )
    count = 0
    for certificate in expired:
        vacate(certificate)
        record(act=Act.CERTIFICATE_EXPIRE, actor=actor, at=at, subject=certificate)
        count += 1
    return count
