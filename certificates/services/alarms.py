"""Alarms that must reach key officers at once: a signer that refuses, a stored certificate that is not right (G6)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.models import RoleGrant
from accounts.notices import notify
from accounts.roles import Role
from certificates import emails

HOURLY: Final = "%Y-%m-%dT%H"
DAILY: Final = "%Y-%m-%d"


@transaction.atomic
def raise_alarm(*, what: str, key: str, at: datetime, page: str = "office/orders/", once: str = HOURLY) -> None:
    """Write to every key officer, `once` an hour or a day for the same `key`; `what` is one line in our own words."""
    for officer in RoleGrant.objects.people(Role.KEY_OFFICER):
        dedupe = f"certificates/alarm/{key}/{at.strftime(once)}/{officer.pk}"
        notify(kind=emails.ALARM, to=officer, context=emails.alarm(what, page), at=at, dedupe=dedupe)
