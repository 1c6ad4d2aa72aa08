"""A day is closed or opened again: what is due later moves by as much business time (O-1.7, O-8.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models, transaction

from accounts.nudges import nudge
from applications.models import Application, InformationRequest
from applications.selectors.queue import OPEN_STATES
from audit.actors import Actor
from regulations.calendar import Calendar
from regulations.models import Closure
from regulations.ruleset import LocalText
from regulations.selectors import business_calendar
from regulations.services import closures

ONE_HOUR = timedelta(hours=1)
TICKETS_TASK = "support_desk.follow_calendar"  # the call center's own part, by name: nothing here calls up


@dataclass(frozen=True)
class Moved:
    """How many due times move."""

    applications: int
    questions: int


def shifted(due_at: datetime, *, at: datetime, before: Calendar, after: Calendar) -> datetime:
    """A due time under another calendar: as much business time from now as it had; one that has passed stays."""
    left = before.business_left(at, due_at)
    if due_at <= at or not left:
        return due_at
    return after.due(at, business_hours=left / ONE_HOUR)


def move_due_times(*, before: Calendar, after: Calendar, at: datetime, dry: bool = False) -> Moved:
    """Move what is open and due later; `dry` only counts."""
    applications = Application.objects.filter(status__in=OPEN_STATES, due_at__gt=at)
    questions = InformationRequest.objects.filter(answered_at=None, due_at__gt=at)
    with transaction.atomic():
        moved = Moved(
            _move(applications, ("due_at",), (before, after, at)),
            _move(questions, ("due_at", "lapses_at"), (before, after, at)),
        )
        if dry:
            transaction.set_rollback(True)
    return moved


def _move(rows: Iterable[models.Model], columns: tuple[str, ...], under: tuple[Calendar, Calendar, datetime]) -> int:
    before, after, at = under
    count = 0
    for row in rows:
        values = {name: shifted(getattr(row, name), at=at, before=before, after=after) for name in columns}
        if any(getattr(row, name) != value for name, value in values.items()):
            type(row)._default_manager.filter(pk=row.pk).update(**values)
            count += 1
    return count


def effects_of_closing(*, day: date, at: datetime) -> Moved:
    """How many due times closing `day` would move; nothing is changed."""
    before = business_calendar()
    return move_due_times(before=before, after=Calendar({*before.closures, day}), at=at, dry=True)


@transaction.atomic
def close_day(*, day: date, reason: LocalText, actor: Actor, at: datetime) -> Moved:
    """Close the office on `day`, and move what is due from then on."""
    before = business_calendar()
    closures.close(day=day, reason=reason, actor=actor, at=at)
    nudge(TICKETS_TASK)
    return move_due_times(before=before, after=business_calendar(), at=at)


@transaction.atomic
def open_day(*, closure: Closure, actor: Actor, at: datetime) -> Moved:
    """Take a closure back, and move what is due from then on."""
    before = business_calendar()
    closures.reopen(closure=closure, actor=actor, at=at)
    nudge(TICKETS_TASK)
    return move_due_times(before=before, after=business_calendar(), at=at)
