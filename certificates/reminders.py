"""When a holder is told something about a certificate that they hold: pure decisions, no database, no clock.

Of receipt: at half time and the day before the limit, and when it has passed (O-16.2.2). Of the end: the days before
it that the pinned rules name, and the end itself, with the duty to stop using (O-16.2.6, J-5.6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from regulations.ruleset import Notices, RuleSet

HALF, LAST, OVERDUE = "acceptance_half", "acceptance_last", "acceptance_overdue"
EXPIRY, EXPIRED = "expiry", "expired"
RECEIPT: Final = frozenset({HALF, LAST, OVERDUE})
UNACCEPTED: Final = ("undelivered", "downloaded")
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the pinned rules say: until when to accept and what follows, when to remind, whether one may renew."""

    expiry_days: tuple[int, ...] = field(default_factory=lambda: Notices().expiry_days)
    acceptance_days: int | None = None
    acceptance_lapse: str = "remind"
    renewal_days: int | None = None

    @classmethod
    def of(cls, ruleset: RuleSet) -> Terms:
        """Return the terms in a rule set."""
        return cls(
            expiry_days=ruleset.notices.expiry_days,
            acceptance_days=ruleset.acceptance_days,
            acceptance_lapse=ruleset.acceptance_lapse,
            renewal_days=ruleset.renewal.opens_days if ruleset.renewal.allowed else None,
        )

    def accept_by(self, issued_at: datetime) -> datetime | None:
        """Return until when a certificate issued then has to be accepted; None for no limit."""
        return issued_at + timedelta(days=self.acceptance_days) if self.acceptance_days else None


@dataclass(frozen=True, slots=True)
class Step:
    """Something to tell, and from when on; `days` before the end for a reminder of the end."""

    kind: str
    at: datetime
    days: int = 0

    @property
    def name(self) -> str:
        """Return what makes the step one of its certificate: it is told once."""
        return f"{self.kind}_{self.days}" if self.kind == EXPIRY else self.kind

    @property
    def series(self) -> str:
        """Return the series of which only the newest step is told."""
        return "receipt" if self.kind in RECEIPT else "end"


def steps_of(terms: Terms, *, issued_at: datetime, not_after: datetime) -> list[Step]:
    """Return every step of a certificate in the order of time; those that lie before its issue are left out."""
    steps = [*receipt_steps(terms, issued_at)]
    steps += [Step(EXPIRY, not_after - timedelta(days=days), days) for days in terms.expiry_days]
    steps.append(Step(EXPIRED, not_after + timedelta(seconds=1)))
    return sorted((step for step in steps if step.at > issued_at), key=lambda step: step.at)


def receipt_steps(terms: Terms, issued_at: datetime) -> Iterable[Step]:
    """Yield the steps about receipt; where the rules revoke, the revocation itself tells that the limit has passed."""
    limit = terms.accept_by(issued_at)
    if limit is None:
        return
    half, last = issued_at + (limit - issued_at) / 2, limit - ONE_DAY
    yield Step(HALF, half)
    if last > half:
        yield Step(LAST, last)
    if terms.acceptance_lapse == "remind":
        yield Step(OVERDUE, limit)


def due_now(steps: Sequence[Step], *, since: datetime | None, at: datetime) -> list[Step]:
    """Return what is to be told at `at`: of each series the newest step that no look since `since` has seen.

    `since` is the instant of the first unseen step, None when nobody has looked yet.
    """
    unseen = [step for step in steps if step.at <= at and (since is None or step.at >= since)]
    newest = {step.series: step for step in unseen}
    return [step for step in unseen if newest[step.series] == step]


def next_look(steps: Sequence[Step], at: datetime) -> datetime | None:
    """Return the instant of the first step after `at`; None when all have come."""
    return next((step.at for step in steps if step.at > at), None)
