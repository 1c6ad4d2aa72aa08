"""Alarms before and when a promised time passes (G6): each is raised once for each due time, on record and by mail.

Half of the time is gone and nobody has taken it; a business day or less is left; the time is over. The first two wait
until the office is open, the last one never waits. What the applicant has to answer has its own reminders.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from accounts.notices import notify
from accounts.roles import Role
from accounts.services import authorise
from applications.emails import link_to
from applications.models import Alarm, Application
from audit.actors import Actor
from audit.acts import Act
from audit.services import Entry, record_many
from regulations.calendar import Calendar, end_of_day, tokyo
from regulations.selectors import business_calendar

RUNNING = ("submitted", "examining", "awaiting_approval")
BATCH = 200
LISTED = 50


@transaction.atomic
def raise_due(*, actor: Actor, at: datetime) -> int:
    """Raise the alarms that are due and tell whom they concern, one mail a person; return how many were raised."""
    actor = authorise(actor=actor, act=Act.APPLICATION_ALARM)
    calendar = business_calendar()
    found = [(Alarm.OVER, row) for row in _without(Alarm.OVER).filter(due_at__lt=at)[:BATCH]]
    if calendar.is_open(at):
        ahead = end_of_day(calendar.next_business_day(tokyo(at).date()))
        near = _without(Alarm.NEAR).filter(due_at__gte=at, due_at__lte=ahead)[:BATCH]
        half = _without(Alarm.HALF).filter(due_at__gt=at, status="submitted")[:BATCH]
        timely = [*((Alarm.NEAR, row) for row in near), *((Alarm.HALF, row) for row in half)]
        found += [(stage, row) for stage, row in timely if half_gone(row.submitted_at, row.due_at, at, calendar)]
    raised = [alarm for stage, row in found if (alarm := _raised(stage, row, at)) is not None]
    entries = [
        Entry(Act.APPLICATION_ALARM, alarm.application, details={"stage": alarm.stage, "due_at": alarm.due_at})
        for alarm in raised
    ]
    if raised:
        record_many(actor=actor, at=at, entries=entries)
        _tell(raised, at)
    return len(raised)


def _without(stage: str) -> "QuerySet[Application]":
    """Return what runs and had no alarm of this stage for its due time yet, due first."""
    had = Alarm.objects.filter(application=OuterRef("pk"), stage=stage, due_at=OuterRef("due_at"))
    running = Application.objects.filter(~Exists(had), status__in=RUNNING, due_at__isnull=False)
    return running.select_related("examiner").defer("values", "typed").order_by("due_at", "pk")


def half_gone(received_at: datetime | None, due_at: datetime | None, at: datetime, calendar: Calendar) -> bool:
    """Tell whether half of the business time from receipt to the due time is gone."""
    if received_at is None or due_at is None:
        return False
    return calendar.business_left(received_at, at) * 2 >= calendar.business_left(received_at, due_at)


def _raised(stage: str, row: Application, at: datetime) -> Alarm | None:
    """Return the alarm if this call raised it; another sweep may have been quicker."""
    if row.due_at is None:
        return None
    alarm, made = Alarm.objects.get_or_create(
        application=row, stage=stage, due_at=row.due_at, defaults={"raised_at": at}
    )
    return alarm if made else None


def _tell(raised: list[Alarm], at: datetime) -> None:
    """Write one mail to each person, naming the applications that concern them."""
    by_person: dict[User, list[Alarm]] = {}
    posts = {role: people_in(role) for role in (Role.EXAMINER, Role.APPROVER)}
    for alarm in raised:
        for person in _concerned(alarm, posts[Role.EXAMINER], posts[Role.APPROVER]):
            by_person.setdefault(person, []).append(alarm)
    for person, alarms in by_person.items():
        rows = [
            {
                "stage": alarm.stage,
                "receipt_number": alarm.application.receipt_number,
                "due_at": alarm.due_at.isoformat(),
                "link": link_to("applications:case", alarm.application_id),
            }
            for alarm in alarms[:LISTED]
        ]
        notify(
            kind="applications/alarm",
            to=person,
            context={"rows": rows, "count": len(alarms), "more": max(len(alarms) - LISTED, 0)},
            at=at,
            dedupe=f"alarm:{min(alarm.pk for alarm in alarms)}:{person.pk}",
        )


def people_in(role: Role) -> list[User]:
    """Return everybody who holds `role` now and can sign in."""
    return list(User.objects.filter(is_active=True, grants__role=role, grants__ended_at=None).distinct())


def _concerned(alarm: Alarm, examiners: Iterable[User], approvers: Iterable[User]) -> set[User]:
    """Return whose turn it is, and the approvers too once the time is over; never the applicant."""
    row = alarm.application
    people = {"submitted": set(examiners), "awaiting_approval": set(approvers)}.get(row.status, set())
    if row.status == "examining":
        people = {row.examiner} if row.examiner is not None else set(examiners)
    if alarm.stage == Alarm.OVER:
        people |= set(approvers)
    return {person for person in people if person.pk != row.applicant_id}
