"""What a change of a contract's period is called, and what can't be one: pure decisions in whole days of Tokyo.

A contract's last day counts whole: it ends at the midnight after it (O-18.1).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils.translation import gettext as _

from audit.acts import Act
from audit.refusals import Violation
from regulations.calendar import TOKYO, tokyo

BEGUN: Final = "begun"
EXTENDED: Final = "extended"
SHORTENED: Final = "shortened"
ENDED: Final = "ended"
ACTS: Final = {
    BEGUN: Act.CONTRACT_BEGIN,
    EXTENDED: Act.CONTRACT_EXTEND,
    SHORTENED: Act.CONTRACT_SHORTEN,
    ENDED: Act.CONTRACT_END,
}
FIRST_DAY: Final = date(1990, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)


def midnight(day: date) -> datetime:
    """The instant at which `day` begins in Tokyo."""
    return datetime.combine(day, time(0), TOKYO)


def end_after(last_day: date | None) -> datetime | None:
    """The instant at which a contract with this last day ends; None for an open-ended one.

    A day that `period_violations` refuses is drawn into its bounds, so that it can be shown before it is refused.
    """
    return None if last_day is None else midnight(min(max(last_day, FIRST_DAY), LAST_DAY) + timedelta(days=1))


def last_day_of(ends_at: datetime | None) -> date | None:
    """The last day of a contract that ends at `ends_at`."""
    return None if ends_at is None else tokyo(ends_at - timedelta(seconds=1)).date()


def kind_of_change(*, before: datetime | None, after: datetime | None, at: datetime) -> str | None:
    """What a move of a contract's end is called, seen at `at`; None when nothing moves."""
    if before == after:
        return None
    if after is None or (before is not None and after > before):
        return EXTENDED
    return ENDED if after <= midnight(tokyo(at).date() + timedelta(days=1)) else SHORTENED


def period_violations(*, begins_on: date, ends_on: date | None, field: str = "ends_on") -> list[Violation]:
    """What is wrong with a period: an end before the beginning, or a year that is a slip of the pen."""
    found = []
    if ends_on is not None and ends_on < begins_on:
        facts = {"begins": begins_on.isoformat(), "ends": ends_on.isoformat()}
        message = _("The contract would end on %(ends)s, before it begins on %(begins)s.") % facts
        found.append(Violation(field, "ends_before_beginning", message))
    for name, day in (("begins_on", begins_on), (field, ends_on)):
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            message = _("%(day)s can't be right. Please check the year.") % {"day": day.isoformat()}
            found.append(Violation(name, "far_day", message))
    return found


def overlaps(begins: datetime, ends: datetime | None, other_begins: datetime, other_ends: datetime | None) -> bool:
    """Whether two periods share an instant; None is an end that never comes."""
    return (ends is None or other_begins < ends) and (other_ends is None or begins < other_ends)


def state_of(*, begins_at: datetime, ends_at: datetime | None, at: datetime) -> str:
    """The state of a contract at `at`: ahead, in_force, ending (within 60 days), ended."""
    if at < begins_at:
        return "ahead"
    if ends_at is None:
        return "in_force"
    if ends_at <= at:
        return "ended"
    return "ending" if ends_at - at <= timedelta(days=60) else "in_force"


FATES: Final = ("revoke", "keep", "renew", "stay")


def fate(*, not_after: datetime, before: datetime | None, after: datetime | None) -> str:
    """What a moved end of the contract does to a certificate that is valid until `not_after`.

    It is revoked at the new end when it outlasts it (O-18.1); kept when the old end would have revoked it;
    to be renewed when it ended with the old contract, which goes on (O-18.2); else it stays as it is.
    """
    if after is not None and not_after >= after:
        return "revoke"
    if before is not None and not_after >= before:
        return "keep"
    longer = before is not None and (after is None or after > before)
    if longer and before is not None and not_after >= before - timedelta(minutes=1):
        return "renew"
    return "stay"
