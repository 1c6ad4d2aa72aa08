"""The office suspends or resumes the service behind a certificate, and its holder is told (O-11.1, O-11.2)."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.notices import notify
from accounts.nudges import nudge
from audit.actors import Actor
from certificates.models import Certificate
from regulations.models import Subscription
from regulations.services import standing
from revocation.services import telling


@transaction.atomic
def suspend(*, certificate: Certificate, reason: str, actor: Actor, at: datetime) -> Subscription:
    """Suspend the service behind a certificate; nothing is signed, handed out or renewed meanwhile.

    An order that was approved already waits, whole as it is. Raises as `standing`.
    """
    subscription = standing.suspend(subscription=certificate.subscription, reason=reason, actor=actor, at=at)
    _tell(certificate, "suspended", reason, at)
    return subscription


@transaction.atomic
def resume(*, certificate: Certificate, reason: str, actor: Actor, at: datetime) -> Subscription:
    """Resume the service behind a certificate; an order that waited is signed now. Raises as `standing`."""
    subscription = standing.resume(subscription=certificate.subscription, reason=reason, actor=actor, at=at)
    _tell(certificate, "resumed", reason, at)
    nudge("certificates.sign_batch")
    return subscription


def _tell(certificate: Certificate, step: str, reason: str, at: datetime) -> None:
    words = {
        "management_number": certificate.management_number,
        "subject": certificate.common_name,
        "reason": reason.strip(),
        "number": certificate.management_number,
        "url": f"{settings.SITE_URL}{telling.certificate_path(certificate)}",
    }
    key = f"revocation:{step}:{certificate.pk}:{at.isoformat()}"
    notify(kind=f"revocation/{step}", to=certificate.holder, context=words, at=at, dedupe=key, story=certificate.story)
