"""Recovery of a key that the LRA has backed up: one key officer asks, another one releases (J-5.2).

What is recovered goes to the subscriber alone, file and PIN by two ways as the first time; neither
officer sees either. Both acts are on record with the reason, and the subscriber hears of it by these mails.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotAllowed, RuleViolated, Stale, Violation
from audit.services import record
from certificates.models import Certificate, Recovery
from certificates.services import deliveries, pins

LIFE: Final = timedelta(hours=24)
MAX_REASON: Final = 400


@transaction.atomic
def ask(*, management_number: str, reason: str, actor: Actor, at: datetime) -> Recovery:
    """Ask for the recovery of a certificate's key; it waits a day for another officer.

    Raises RuleViolated when there is no such certificate, no backup, or no reason, or when a request waits.
    """
    actor = authorise(actor=actor, act=Act.RECOVERY_ASK)
    if actor.person_id is None:
        raise NotAllowed
    certificate = Certificate.objects.filter(management_number=management_number.strip().upper()).first()
    if certificate is None or certificate.pkcs12 is None or certificate.pin is None:
        message = _("There is no backed-up key with this management number.")
        raise RuleViolated([Violation("management_number", "no_backup", message)])
    if not 0 < len(reason.strip()) <= MAX_REASON:
        raise RuleViolated([Violation("reason", "no_reason", _("Please write why the key has to be recovered."))])
    if waiting(at).filter(certificate=certificate).exists():
        raise RuleViolated([Violation("management_number", "waits", _("A recovery of this key waits already."))])
    deliveries.refuse_dead(certificate, at)
    recovery = Recovery.objects.create(
        certificate=certificate,
        reason=reason.strip(),
        asked_by_id=actor.person_id,
        asked_at=at,
        expires_at=at + LIFE,
    )
    details = {"reason": recovery.reason, "recovery": str(recovery.pk)}
    record(act=Act.RECOVERY_ASK, actor=actor, at=at, subject=certificate, details=details)
    return recovery


@transaction.atomic
def release(*, recovery: Recovery, actor: Actor, at: datetime) -> Recovery:
    """Release another officer's request: the holder gets a link and, separately, the PIN.

    Raises RuleViolated for the officer who asked or the holder, Stale when it is released or too old.
    """
    actor = authorise(actor=actor, act=Act.RECOVERY_RELEASE)
    certificate = recovery.certificate
    if actor.person_id in {recovery.asked_by_id, certificate.holder_id}:
        message = _("Another key officer has to release this.")
        raise RuleViolated([Violation(None, "two_people", message)])
    deliveries.refuse_dead(certificate, at)
    pins.refuse_shared(certificate)
    released = waiting(at).filter(pk=recovery.pk).update(released_by=actor.person_id, released_at=at)
    if not released:
        raise Stale(recovery=str(recovery.pk))
    deliveries.post_link(certificate=certificate, at=at)
    pins.post(certificates=[certificate], at=at)
    details = {"reason": recovery.reason, "recovery": str(recovery.pk)}
    record(act=Act.RECOVERY_RELEASE, actor=actor, at=at, subject=certificate, details=details)
    recovery.refresh_from_db()
    return recovery


def waiting(at: datetime) -> QuerySet[Recovery]:
    """Return the requests that may still be released at `at`."""
    return Recovery.objects.filter(released_at=None, expires_at__gt=at)


def recent(at: datetime) -> QuerySet[Recovery]:
    """Return the requests of the last ninety days, the newest first."""
    since = at - timedelta(days=90)
    return (
        Recovery.objects.filter(asked_at__gt=since)
        .select_related("certificate", "asked_by", "released_by")
        .order_by("-asked_at")
    )
