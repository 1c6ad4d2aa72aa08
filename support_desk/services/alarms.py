"""Alarms before and when the promised time of an inquiry passes (O-8.4, G6): once for each due time, by mail.

Near: half an hour of service time is left. It waits until the desk is open, because before that nobody could act; that
the time is over never waits. A ticket that waits for its caller has no running time and raises none.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import RoleGrant, User
from accounts.notices import notify
from accounts.roles import Role
from accounts.services import authorise
from applications.emails import link_to
from audit.actors import Actor
from audit.acts import Act
from audit.services import Entry, record_many
from regulations.selectors import business_calendar
from support_desk.models import Ticket, TicketAlarm

ALARM_BEFORE = timedelta(minutes=30)
BATCH = 500
LISTED = 50


@transaction.atomic
def raise_due(*, actor: Actor, at: datetime) -> int:
    """Raise the alarms that are due and tell whom they concern, one mail a person; return how many were raised."""
    actor = authorise(actor=actor, act=Act.TICKET_ALARM)
    calendar = business_calendar()
    found = [(TicketAlarm.OVER, row) for row in _without(TicketAlarm.OVER).filter(due_at__lt=at)[:BATCH]]
    if calendar.is_open(at):
        ahead = calendar.due(at, business_hours=ALARM_BEFORE / timedelta(hours=1))
        near = _without(TicketAlarm.NEAR).filter(due_at__gte=at, due_at__lte=ahead)[:BATCH]
        found += [(TicketAlarm.NEAR, row) for row in near]
    raised = [alarm for stage, row in found if (alarm := _raised(stage, row, at)) is not None]
    if raised:
        details = {alarm.pk: {"stage": alarm.stage, "due_at": alarm.due_at} for alarm in raised}
        entries = [Entry(Act.TICKET_ALARM, alarm.ticket, details=details[alarm.pk]) for alarm in raised]
        record_many(actor=actor, at=at, entries=entries)
        _tell(raised, at)
    return len(raised)


def _without(stage: str) -> "QuerySet[Ticket]":
    """Return open tickets that had no alarm of this stage for their due time yet, due first."""
    had = TicketAlarm.objects.filter(ticket=OuterRef("pk"), stage=stage, due_at=OuterRef("due_at"))
    return Ticket.objects.filter(~Exists(had), status="open").select_related("agent").order_by("due_at", "pk")


def _raised(stage: str, row: Ticket, at: datetime) -> TicketAlarm | None:
    """Return the alarm if this call raised it; another sweep may have been quicker."""
    if row.due_at is None:
        return None
    alarm, made = TicketAlarm.objects.get_or_create(
        ticket=row, stage=stage, due_at=row.due_at, defaults={"raised_at": at}
    )
    return alarm if made else None


def _tell(raised: list[TicketAlarm], at: datetime) -> None:
    by_person: dict[User, list[TicketAlarm]] = {}
    posts = {role: RoleGrant.objects.people(role) for role in (Role.AGENT, Role.EXAMINER, Role.APPROVER)}
    for alarm in raised:
        for person in _concerned(alarm, posts):
            by_person.setdefault(person, []).append(alarm)
    for person, alarms in by_person.items():
        context = {"rows": [_row(alarm) for alarm in alarms[:LISTED]], "count": len(alarms)}
        notify(
            kind="support_desk/alarm",
            to=person,
            context={**context, "more": max(len(alarms) - LISTED, 0)},
            at=at,
            dedupe=f"ticket alarm:{min(alarm.pk for alarm in alarms)}:{person.pk}",
        )


def _row(alarm: TicketAlarm) -> dict[str, str]:
    return {
        "stage": alarm.stage,
        "number": alarm.ticket.number,
        "due_at": alarm.due_at.isoformat(),
        "link": link_to("support_desk:ticket", alarm.ticket_id),
    }


def _concerned(alarm: TicketAlarm, posts: dict[Role, list[User]]) -> set[User]:
    """Return whoever has the ticket, and all agents when nobody has it or the time is over; the office when asked."""
    row = alarm.ticket
    people = set(posts[Role(row.escalated_to)]) if row.escalated_to else set[User]()
    if row.agent is None or alarm.stage == TicketAlarm.OVER:
        people |= set(posts[Role.AGENT])
    return people | ({row.agent} if row.agent is not None else set())
