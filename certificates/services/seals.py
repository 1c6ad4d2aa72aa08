"""Watches the seals over the evidence without their key: an alarm when they stay away, a head by mail each day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import RoleGrant
from accounts.notices import notify
from accounts.roles import Role, roles_for
from audit import sealing
from audit.acts import Act
from audit.models import Seal, SealKey
from certificates import emails

LAG: Final = timedelta(seconds=10)
# A sealer that works its way through very many events is behind, but alive.
CATCHING_UP: Final = timedelta(seconds=60)
TOLD: Final = (Role.KEY_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR)
_TOKYO: Final = ZoneInfo("Asia/Tokyo")


@transaction.atomic
def watch(*, at: datetime) -> bool:
    """Raise an alarm where events wait too long for their seal; else mail the day's head. Tells whether all is well.

    Before the key for seals has been made nothing can be late.
    """
    if not SealKey.objects.exists():
        return True
    last = sealing.newest()
    behind = lag(at=at, last=last)
    if behind > LAG:
        _alarm(behind, at)
        return False
    if last is not None:
        _mail_head(last, at)
    return True


def lag(*, at: datetime, last: Seal | None) -> timedelta:
    """Return how long the first event has waited that nobody seems to seal; nothing while seals are being made."""
    since = sealing.what_waits().since
    if since is None or at <= since:
        return timedelta(0)
    alive = last is not None and at - last.sealed_at <= LAG
    return timedelta(0) if alive and at - since <= CATCHING_UP else at - since


def _alarm(behind: timedelta, at: datetime) -> None:
    for role in TOLD:
        for person in RoleGrant.objects.people(role):
            context = emails.seal_alarm(behind, may_look=role in roles_for(Act.ORDER_READ))
            dedupe = f"certificates/seal_alarm/{at:%Y-%m-%dT%H}/{person.pk}"
            notify(kind=emails.SEAL_ALARM, to=person, context=context, at=at, dedupe=dedupe)


def _mail_head(last: Seal, at: datetime) -> None:
    """Let each auditor keep a head of each day outside the portal: what it covers can't be changed unseen."""
    day = at.astimezone(_TOKYO).date()
    for auditor in RoleGrant.objects.people(Role.AUDITOR):
        dedupe = f"certificates/seal_head/{day:%Y-%m-%d}/{auditor.pk}"
        notify(kind=emails.SEAL_HEAD, to=auditor, context=emails.seal_head(last), at=at, dedupe=dedupe)
