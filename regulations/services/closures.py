"""Extra days on which the office is closed (O-1.7). What was due then moves: see `applications.services.calendar`."""

from __future__ import annotations

from datetime import date, datetime, timedelta

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

LONGEST_AHEAD = timedelta(days=3 * 366)


@transaction.atomic
def close(*, day: date, reason: LocalText, actor: Actor, at: datetime) -> Closure:
    """Close the office on `day`. Raises RuleViolated for a past, a far or an already closed day."""
    actor = authorise(actor=actor, act=Act.CALENDAR_MAINTAIN)
    violations = day_violations(day, at)
    for language, words in (("ja", reason.ja), ("en", reason.en)):
        if not words.strip():
            violations.append(Violation(f"reason_{language}", "required", _("Please fill this in.")))
    if violations:
        raise RuleViolated(violations)
    said = {"ja": reason.ja.strip(), "en": reason.en.strip()}
    closure, made = Closure.objects.get_or_create(day=day, defaults={"reason": said})
    if not made:
        raise RuleViolated([closed_already()])
    details = {"day": day.isoformat(), "reason": closure.reason}
    record(act=Act.CALENDAR_MAINTAIN, actor=actor, at=at, subject=closure, details=details)
    return closure


def day_violations(day: date, at: datetime) -> list[Violation]:
    """Return what keeps the office from being closed on `day`."""
    today = tokyo(at).date()
    if day <= today:
        return [Violation("day", "past", _("Only days after today can be closed."))]
    if day > today + LONGEST_AHEAD:
        message = _("%(said)s can't be right. Please check the year.") % {"said": day.isoformat()}
        return [Violation("day", "far_day", message)]
    if not Calendar(Closure.objects.values_list("day", flat=True)).is_business_day(day):
        return [closed_already()]
    return []


def closed_already() -> Violation:
    """Say that the day is no business day anyway."""
    return Violation("day", "closed_already", _("The office is closed on this day already."))


@transaction.atomic
def reopen(*, closure: Closure, actor: Actor, at: datetime) -> None:
    """Take a closure back. Raises RuleViolated when its day has come."""
    actor = authorise(actor=actor, act=Act.CALENDAR_MAINTAIN)
    if closure.day <= tokyo(at).date():
        raise RuleViolated([Violation(None, "past", _("Only days after today can be changed."))])
    details = {"day": closure.day.isoformat(), "taken_back": True}
    record(act=Act.CALENDAR_MAINTAIN, actor=actor, at=at, subject=closure, details=details)
    closure.delete()
