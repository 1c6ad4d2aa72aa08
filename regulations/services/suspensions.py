"""Planned suspensions: intake and issuing pause and say so; status services and revocation go on (O-6)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Suspended, Violation
from audit.services import record
from regulations.calendar import tokyo
from regulations.models import Suspension
from regulations.ruleset import LocalText


@transaction.atomic
def announce(*, begins_at: datetime, ends_at: datetime, reason: LocalText, actor: Actor, at: datetime) -> Suspension:
    """Announce a window in which intake and issuing pause. Raises RuleViolated when it would end before it begins."""
    actor = authorise(actor=actor, act=Act.SUSPENSION_ANNOUNCE)
    if ends_at <= begins_at:
        raise RuleViolated([Violation("ends_at", "period", _("The suspension would end before it begins."))])
    suspension = Suspension.objects.create(
        begins_at=begins_at, ends_at=ends_at, reason={"ja": reason.ja, "en": reason.en}
    )
    details = {"begins_at": begins_at, "ends_at": ends_at}
    record(act=Act.SUSPENSION_ANNOUNCE, actor=actor, at=at, subject=suspension, details=details)
    return suspension


def ensure_running(*, at: datetime) -> None:
    """Raise Suspended, with the time at which intake opens again, while a suspension lasts."""
    suspension = Suspension.objects.running(at).order_by("-ends_at").first()
    if suspension is None:
        return
    message = _("Applications are suspended as announced until %(end)s (%(reason)s). What you typed is kept.")
    end = date_format(tokyo(suspension.ends_at), "DATETIME_FORMAT")
    reason = LocalText(ja=suspension.reason["ja"], en=suspension.reason["en"])
    raise Suspended(message % {"end": end, "reason": reason})
