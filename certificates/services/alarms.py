"""Alarms that must reach key officers at once: a signer that refuses, a stored certificate that is not right (G6)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import RoleGrant
from accounts.notices import notify
from accounts.roles import Role
from certificates import emails


@transaction.atomic
def raise_alarm(*, what: str, key: str, at: datetime, page: str = "office/orders/") -> None:
    """Write to every key officer, once an hour for the same `key`; `what` is one line, as the signer words it."""
    for officer in RoleGrant.objects.people(Role.KEY_OFFICER):
        dedupe = f"certificates/alarm/{key}/{at:%Y-%m-%dT%H}/{officer.pk}"
        notify(kind=emails.ALARM, to=officer, context=emails.alarm(what, page), at=at, dedupe=dedupe)
