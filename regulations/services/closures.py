"""Extra days on which the office is closed (O-1.7). What was due then moves: see `applications.services.calendar`."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Violation
from audit.services import record
from regulations.calendar import Calendar, tokyo
from regulations.models import Closure
from regulations.ruleset import LocalText


@transaction.atomic
def close(*, day: date, reason: LocalText, actor: Actor, at: datetime) -> Closure:
    """Close the office on `day`. Raises RuleViolated for a past day, or one that is closed anyway."""
    actor = authorise(actor=actor, act=Act.CALENDAR_MAINTAIN)
    violations = []
    if day <= tokyo(at).date():
        violations.append(Violation("day", "past", _("Only days after today can be closed.")))
    elif not Calendar(Closure.objects.values_list("day", flat=True)).is_business_day(day):
        violations.append(Violation("day", "closed_already", _("The office is closed on this day already.")))
    for language, words in (("ja", reason.ja), ("en", reason.en)):
        if not words.strip():
            violations.append(Violation(f"reason_{language}", "required", _("Please fill this in.")))
    if violations:
        raise RuleViolated(violations)
    closure = Closure.objects.create(day=day, reason={"ja": reason.ja.strip(), "en": reason.en.strip()})
    details = {"day": day.isoformat(), "reason": closure.reason}
    record(act=Act.CALENDAR_MAINTAIN, actor=actor, at=at, subject=closure, details=details)
    return closure


@transaction.atomic
def reopen(*, closure: Closure, actor: Actor, at: datetime) -> None:
    """Take a closure back. Raises RuleViolated when its day has come."""
    actor = authorise(actor=actor, act=Act.CALENDAR_MAINTAIN)
    if closure.day <= tokyo(at).date():
        raise RuleViolated([Violation(None, "past", _("Only days after today can be changed."))])
    details = {"day": closure.day.isoformat(), "taken_back": True}
    record(act=Act.CALENDAR_MAINTAIN, actor=actor, at=at, subject=closure, details=details)
    closure.delete()
