"""Moving a contract's end: extended, shortened, ended, by staff, by file or by the parent service's call.

Only the period is written here. What follows for subscribers is found by the sweeps of the apps above, from
the period as it stands then, so that a mistake corrected in time has no effect (O-18.1, O-18.2, O-18.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.nudges import nudge
from accounts.services import authorise
from audit.actors import Actor
from audit.refusals import RuleViolated, Stale, Violation
from audit.services import record
from regulations.calendar import tokyo
from regulations.models import ApiToken, Contract, ContractChange
from regulations.periods import ACTS, BEGUN, end_after, kind_of_change, overlaps, period_violations
from regulations.text import TextError, normalise

FOLLOW_TASK: Final = "applications.follow_contracts"


@dataclass(frozen=True)
class Source:
    """Where a change comes from: staff at their page, or a parent service by its token; with the reason given."""

    kind: str = "staff"
    reason: str = ""
    token: ApiToken | None = None


BY_STAFF: Final = Source()


@dataclass(frozen=True)
class NewEnd:
    """The last day that is wanted (None: open-ended), and the end that the person saw when deciding."""

    last_day: date | None
    seen: datetime | None


@transaction.atomic
def move_end(
    *, contract: Contract, new_end: NewEnd, source: Source, actor: Actor, at: datetime
) -> ContractChange | None:
    """Move the contract's end; returns the change, or None where it ends on that day already.

    Raises Stale when the end is no longer the one that was seen, RuleViolated for an end before the beginning
    or a period that would reach into another one of the same number.
    """
    row = Contract.objects.select_for_update(of=("self",)).get(pk=contract.pk)
    after = end_after(new_end.last_day)
    kind = kind_of_change(before=row.ends_at, after=after, at=at)
    if kind is None:
        return None
    actor = authorise(actor=actor, act=ACTS[kind])
    if row.ends_at != new_end.seen:
        raise Stale(contract=row.number)
    violations = end_violations(row, new_end.last_day)
    if violations:
        raise RuleViolated(violations)
    before = row.ends_at
    try:
        with transaction.atomic():
            Contract.objects.filter(pk=row.pk).update(ends_at=after)
    except IntegrityError as beaten:  # another period of the number came in between
        raise Stale(contract=row.number) from beaten
    contract.refresh_from_db()
    return note_change(contract=contract, kind=kind, before=before, source=source, actor=actor, at=at)


def note_change(
    *, contract: Contract, kind: str, before: datetime | None, source: Source, actor: Actor, at: datetime
) -> ContractChange:
    """Write down a change of `contract`, whose period stands already; a beginning has nobody to tell."""
    change = ContractChange.objects.create(
        contract=contract,
        kind=kind,
        ends_before=before,
        ends_after=contract.ends_at,
        source=source.kind,
        reason=one_line(source.reason),
        token=source.token,
        made_by_id=actor.person_id,
        made_at=after_the_last(contract, at),
        settled_at=at if kind == BEGUN else None,
    )
    details = {
        "number": contract.number,
        "ends_before": before,
        "ends_after": contract.ends_at,
        "source": source.kind,
        "reason": change.reason,
        "token": str(source.token.pk) if source.token else "",
    }
    record(act=ACTS[kind], actor=actor, at=at, subject=contract, details=details)
    nudge(FOLLOW_TASK)
    return change


def after_the_last(contract: Contract, at: datetime) -> datetime:
    """The instant `at`, or just after the contract's last change: changes of one contract have an order."""
    last = contract.changes.aggregate(last=Max("made_at"))["last"]
    return at if last is None or last < at else last + timedelta(microseconds=1)


def one_line(reason: str) -> str:
    """A reason as it is stored; raises RuleViolated for one that is too long or can't be shown."""
    try:
        return normalise("text", reason, max_length=200)
    except TextError as error:
        raise RuleViolated([Violation("reason", error.code, error.message)]) from error


def end_violations(contract: Contract, last_day: date | None, field: str = "ends_on") -> list[Violation]:
    """What keeps the contract from ending after `last_day`; said at `field`."""
    begins_on = tokyo(contract.begins_at).date()
    found = period_violations(begins_on=begins_on, ends_on=last_day, field=field)
    return found or overlap_violations(contract, end_after(last_day), field)


def overlap_violations(contract: Contract, ends_at: datetime | None, field: str) -> list[Violation]:
    """Other periods of the same number that this one would reach into."""
    others = Contract.objects.filter(parent_service=contract.parent_service_id, number=contract.number)
    for other in others.exclude(pk=contract.pk):
        if overlaps(contract.begins_at, ends_at, other.begins_at, other.ends_at):
            return [overlap_violation(other, field)]
    return []


def overlap_violation(other: Contract, field: str) -> Violation:
    """Say which period of the same number stands in the way."""
    last = tokyo(other.ends_at).date().isoformat() if other.ends_at else "…"
    facts = {"number": other.number, "begins": tokyo(other.begins_at).date().isoformat(), "ends": last}
    message = _("%(number)s already runs from %(begins)s until before %(ends)s. The periods would overlap.")
    return Violation(field, "periods_overlap", message % facts)
