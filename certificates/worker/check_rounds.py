"""The nightly look at everything stored, in portions that leave room for mail; findings raise an alarm (G6)."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction

from accounts.nudges import nudge
from audit.actors import Actor
from audit.acts import Act
from audit.services import record
from certificates.models import CertificateCheck, CertificationAuthority
from certificates.services import alarms
from certificates.worker import checking

log = structlog.get_logger(__name__)
CHECKER: Final = Actor.system("checker")
TASK: Final = "certificates.check"
HOUR: Final = 3  # in Tokyo
SECONDS: Final = 10.0
PORTION: Final = 100
MOST_FINDINGS: Final = 100
_TOKYO: Final = ZoneInfo("Asia/Tokyo")


@transaction.atomic
def go_on(*, at: datetime) -> CertificateCheck | None:
    """Begin the check that is due, or look at the next portion of the one that is under way.

    Returns its row, or None when none is due or another process has it. Safe to run anywhere, at any time.
    """
    check = _under_way(at)
    if check is None:
        return None
    before, until = len(check.findings), time.monotonic() + SECONDS
    _look_at_portion(check, at)
    while check.finished_at is None and time.monotonic() < until:
        _look_at_portion(check, at)
    if len(check.findings) > before:
        alarms.raise_alarm(what=check.findings[before], key=f"check/{check.pk}", at=at)
    check.save()
    if check.finished_at is None:
        nudge(TASK)
    return check


def _under_way(at: datetime) -> CertificateCheck | None:
    """Return the unfinished check, locked, or a new one when a night has begun since the last."""
    unfinished = CertificateCheck.objects.filter(finished_at=None)
    if unfinished.exists():
        return unfinished.select_for_update(skip_locked=True).first()
    last = CertificateCheck.objects.order_by("-started_at").first()
    if last is not None and last.started_at >= _last_night(at):
        return None
    check, made = CertificateCheck.objects.get_or_create(finished_at=None, defaults={"started_at": at})
    if not made:
        return None
    for authority in CertificationAuthority.objects.order_by("name"):
        faults = checking.faults_of_authority(authority)
        check.findings += [f"authority {authority.name}: {fault}" for fault in faults]
    return check


def _look_at_portion(check: CertificateCheck, at: datetime) -> None:
    rows = checking.with_surroundings()
    portion = list((rows.filter(pk__gt=check.position) if check.position else rows)[:PORTION])
    for certificate in portion:
        check.findings += list(checking.faults_of(certificate))
    check.checked += len(portion)
    if portion:
        check.position = portion[-1].pk
    if len(portion) < PORTION or len(check.findings) >= MOST_FINDINGS:
        check.finished_at = at
        details = {"checked": check.checked, "findings": check.findings[:MOST_FINDINGS]}
        record(act=Act.CERTIFICATE_CHECK, actor=CHECKER, at=at, subject=check, details=details)
        log.info("certificates checked", checked=check.checked, findings=len(check.findings))


def _last_night(at: datetime) -> datetime:
    """Return when the last night's check was due at the latest: three o'clock in Tokyo."""
    local = at.astimezone(_TOKYO)
    due = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return due if due <= local else due - timedelta(days=1)
