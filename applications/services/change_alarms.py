"""Alarms before and when the promised time of a notice of change passes (G6, J-5.4): as for applications, once each."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from accounts.notices import notify
from accounts.roles import Role
from accounts.services import authorise
from applications.emails import link_to
from applications.models import Alarm, ChangeAlarm, ChangeNotice
from applications.selectors.changes import OPEN
from applications.services.alarms import BATCH, LISTED, half_gone, people_in
from audit.actors import Actor
from audit.acts import Act
from audit.services import Entry, record_many
from regulations.calendar import end_of_day, tokyo
from regulations.selectors import business_calendar


@transaction.atomic
def raise_due(*, actor: Actor, at: datetime) -> int:
    """Raise the alarms that are due and tell whom they concern, one mail a person; return how many were raised."""
    actor = authorise(actor=actor, act=Act.CHANGE_ALARM)
    calendar = business_calendar()
    found = [(Alarm.OVER, row) for row in _without(Alarm.OVER).filter(due_at__lt=at)[:BATCH]]
    if calendar.is_open(at):
        ahead = end_of_day(calendar.next_business_day(tokyo(at).date()))
        near = _without(Alarm.NEAR).filter(due_at__gte=at, due_at__lte=ahead)[:BATCH]
        half = _without(Alarm.HALF).filter(due_at__gt=at, status="received")[:BATCH]
        timely = [*((Alarm.NEAR, row) for row in near), *((Alarm.HALF, row) for row in half)]
        found += [(stage, row) for stage, row in timely if half_gone(row.received_at, row.due_at, at, calendar)]
    raised = [alarm for stage, row in found if (alarm := _raised(stage, row, at)) is not None]
    if raised:
        entries = [Entry(Act.CHANGE_ALARM, alarm.notice, details={"stage": alarm.stage}) for alarm in raised]
        record_many(actor=actor, at=at, entries=entries)
        _tell(raised, at)
    return len(raised)


def _without(stage: str) -> "QuerySet[ChangeNotice]":
    """Return what is open and had no alarm of this stage yet, due first."""
    had = ChangeAlarm.objects.filter(notice=OuterRef("pk"), stage=stage)
    rows = ChangeNotice.objects.filter(~Exists(had), status__in=OPEN).select_related("examiner", "certificate")
    return rows.order_by("due_at", "pk")


def _raised(stage: str, row: ChangeNotice, at: datetime) -> ChangeAlarm | None:
    """Return the alarm if this call raised it; another sweep may have been quicker."""
    alarm, made = ChangeAlarm.objects.get_or_create(notice=row, stage=stage, defaults={"raised_at": at})
    return alarm if made else None


def _tell(raised: list[ChangeAlarm], at: datetime) -> None:
    """Write one mail to each person, naming the notices that concern them."""
    by_person: dict[User, list[ChangeAlarm]] = {}
    posts = {role: people_in(role) for role in (Role.EXAMINER, Role.APPROVER)}
    for alarm in raised:
        for person in _concerned(alarm, posts):
            by_person.setdefault(person, []).append(alarm)
    for person, alarms in by_person.items():
        rows = [
            {
                "stage": alarm.stage,
                "receipt_number": alarm.notice.receipt_number,
                "due_at": alarm.notice.due_at.isoformat(),
                "link": link_to("applications:change_case", alarm.notice_id),
            }
            for alarm in alarms[:LISTED]
        ]
        notify(
            kind="applications/change_alarm",
            to=person,
            context={"rows": rows, "count": len(alarms), "more": max(len(alarms) - LISTED, 0)},
            at=at,
            dedupe=f"change_alarm:{min(alarm.pk for alarm in alarms)}:{person.pk}",
        )


def _concerned(alarm: ChangeAlarm, posts: dict[Role, list[User]]) -> set[User]:
    """Return whose turn it is, and the approvers too once the time is over; never the holder."""
    row = alarm.notice
    people = set(posts[Role.APPROVER if row.status == "awaiting_approval" else Role.EXAMINER])
    if row.status == "examining" and row.examiner is not None:
        people = {row.examiner}
    if alarm.stage == Alarm.OVER:
        people |= set(posts[Role.APPROVER])
    return {person for person in people if person.pk != row.person_id}
