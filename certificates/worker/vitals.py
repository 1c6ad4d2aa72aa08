"""Whether a signer may sign now, and its heartbeat for the staff's page and the alarms."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from audit.actors import Actor
from audit.acts import Act
from audit.services import record
from certificates.models import CertificationAuthority, Intent, SignerHeartbeat
from certificates.services import alarms
from certificates.worker import clock
from certificates.worker.journal import TAIL_BYTES, Journal, JournalUnavailableError

log = structlog.get_logger(__name__)
FORGET_AFTER: Final = timedelta(days=1)
# What was found in order needs no second look; a restored database comes with fewer rows than that.
_QUICK_LOOK: Final = 8192
_looked_at: set[UUID] = set()


class NotFitError(Exception):
    """This signer signs nothing now; the message says why, in words for the staff."""


def fit_to_sign() -> datetime:
    """Return the time for the next batch; raises NotFitError for a wrong clock or a database gone back."""
    try:
        at = clock.checked_now()
        for authority in CertificationAuthority.objects.exclude(issuer=None):
            _compare(authority)
    except (clock.ClockError, JournalUnavailableError) as error:
        raise NotFitError(str(error)) from error
    return at


def journal(authority: UUID) -> Journal:
    """Return the journal of an authority on this machine."""
    return Journal(settings.JOURNAL_DIR, authority)


def unknown_serials(authority: CertificationAuthority, *, within: int = TAIL_BYTES) -> list[str]:
    """Return serials that the journal has in its last bytes and the database does not know."""
    serials = journal(authority.pk).recent_serials(within=within)
    known = set(Intent.objects.filter(authority=authority, serial__in=serials).values_list("serial", flat=True))
    return [serial for serial in serials if serial not in known]


def beat(name: str, *, refuses: str = "", at: datetime | None = None) -> None:
    """Write that the signer lives and what it refuses; a new refusal is put on record, and key officers hear of it."""
    at = at or timezone.now()
    heartbeat = SignerHeartbeat.objects.filter(name=name)
    before = heartbeat.values_list("refuses", flat=True).first()
    if not heartbeat.update(seen_at=at, refuses=refuses[:200]):
        SignerHeartbeat.objects.create(name=name, seen_at=at, refuses=refuses[:200])
        SignerHeartbeat.objects.filter(seen_at__lt=at - FORGET_AFTER).delete()
    if refuses and _words(before or "") != _words(refuses[:200]):
        log.error("signer refuses", signer=name, reason=refuses)
        record(act=Act.SIGNER_REFUSE, actor=Actor.system("signer"), at=at, details={"signer": name, "reason": refuses})
        alarms.raise_alarm(what=refuses, key="signer", at=at)


def _words(refusal: str) -> str:
    """Return a refusal without its figures: a clock that runs on is no new refusal every few seconds."""
    return re.sub(r"[\d.:]+", "", refusal)


def beat_if_possible(name: str, *, refuses: str) -> None:
    """Write a heartbeat where the database may be what failed."""
    connection.close_if_unusable_or_obsolete()
    try:
        beat(name, refuses=refuses)
    except DatabaseError:
        log.exception("no heartbeat", signer=name, reason=refuses)


def _compare(authority: CertificationAuthority) -> None:
    """Hold journal and database side by side: in full the first time, its end ever after (fault 27)."""
    unknown = unknown_serials(authority, within=_QUICK_LOOK if authority.pk in _looked_at else TAIL_BYTES)
    if unknown:
        _looked_at.discard(authority.pk)
        raise NotFitError(
            f"the database does not know {len(unknown)} certificates that “{authority.name}” has signed;"
            " two people have to run manage.py reconcile"
        )
    _looked_at.add(authority.pk)
