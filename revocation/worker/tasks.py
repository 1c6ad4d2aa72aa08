"""Entry points of the publisher; a fault at this edge becomes a state that people see, and the sweep tries again."""

from collections.abc import Callable
from datetime import datetime

import structlog
from celery import shared_task
from django.utils import timezone

from audit.actors import Actor
from certificates.models import SignerHeartbeat
from revocation import selectors
from revocation.services import completion, countersigning
from revocation.worker import burnt_serials, crl_publishing, responder_certifying

log = structlog.get_logger(__name__)

PUBLISHER = Actor.system("publisher")


@shared_task(name="revocation.publish")
def publish() -> None:
    """Publish what was revoked, and complete the requests that waited for it."""
    _all(_burnt, _publish, _complete)


@shared_task(name="revocation.sweep")
def sweep() -> None:
    """Find what no nudge told of, and see to everything that is due."""
    _all(_certify, _burnt, _superseded, _ended, _unaccepted, _publish, _complete, _told, _half_time)


def _publish(_at: datetime) -> None:
    crl_publishing.publish_due(actor=PUBLISHER)


def _complete(at: datetime) -> None:
    completion.complete_published(actor=PUBLISHER, at=at)


def _certify(at: datetime) -> None:
    responder_certifying.certify_waiting(actor=PUBLISHER, at=at)


def _burnt(at: datetime) -> None:
    burnt_serials.revoke_burnt(actor=PUBLISHER, at=at)


def _superseded(at: datetime) -> None:
    completion.revoke_superseded(actor=PUBLISHER, at=at)


def _ended(at: datetime) -> None:
    completion.revoke_ended(actor=PUBLISHER, at=at)


def _unaccepted(at: datetime) -> None:
    completion.revoke_unaccepted(actor=PUBLISHER, at=at)


def _told(at: datetime) -> None:
    completion.note_told(actor=PUBLISHER, at=at)


def _half_time(at: datetime) -> None:
    completion.alarm_half_time(at=at)
    countersigning.alarm_uncountersigned(at=at)


def _all(*steps: Callable[[datetime], None]) -> None:
    """Do every step, whatever became of the one before, and show in the heartbeat what failed."""
    at = timezone.now()
    failed = []
    for step in steps:
        try:
            step(at)
        except Exception as error:  # noqa: BLE001 — a task's edge: the fault becomes a visible state with a retry
            name = step.__name__.strip("_")
            log.warning("publisher step failed", step=name, reason=type(error).__name__, text=str(error)[:200])
            failed.append(f"{name}: {type(error).__name__}")
    SignerHeartbeat.objects.update_or_create(
        name=selectors.PUBLISHER, defaults={"seen_at": at, "refuses": "; ".join(failed)[:200]}
    )
