"""The clock of a ticket: it begins as the terms say, pauses for the caller, follows the calendar and gives alarm."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.worker.mailing import send_waiting
from applications.services import calendar as office_calendar
from audit.actors import Actor
from audit.acts import Act
from audit.models import Event
from regulations.models import Closure
from regulations.ruleset import LocalText
from regulations.selectors import business_calendar
from support_desk.models import Ticket, TicketAlarm
from support_desk.services import alarms, tickets, turns
from support_desk.services.tickets import About, Call, made
from tests.harness.jobs import Jobs
from tests.instants import (
    APRIL_30_18_01,
    MAY_7_9_00,
    MONDAY_DECEMBER_29_17_59,
    MONDAY_DECEMBER_29_18_00,
    MONDAY_DECEMBER_29_18_01,
    MONDAY_JANUARY_5_8_59,
    MONDAY_JANUARY_5_9_00,
    TUESDAY_AFTER_THE_HOLIDAY_9_00,
    TUESDAY_JANUARY_6_9_00,
)
from tests.people import ORIGIN, People

HOUR = timedelta(hours=1)
SYSTEM = Actor.system("mail")


def written(at: datetime, kind: str = "not_as_manual", channel: str = "mail", **more: object) -> Ticket:
    call = Call(kind=kind, caller_name="見本 次郎", matter="手順 3", channel=channel, email="jiro@mihon.example")
    return made(call=call, about=About(), actor=SYSTEM, at=at, **more)  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.clause("O-8.2", "O-8.3", "O-8.4")
@pytest.mark.parametrize("channel", ["mail", "portal", "form"])
@pytest.mark.parametrize(
    ("received", "counts"),
    [
        pytest.param(MONDAY_DECEMBER_29_17_59, MONDAY_DECEMBER_29_17_59, id="within the hours"),
        pytest.param(MONDAY_DECEMBER_29_18_00, MONDAY_JANUARY_5_9_00, id="at closing"),
        pytest.param(MONDAY_DECEMBER_29_18_01, MONDAY_JANUARY_5_9_00, id="after closing"),
        pytest.param(MONDAY_JANUARY_5_8_59, TUESDAY_JANUARY_6_9_00, id="before opening"),
        pytest.param(MONDAY_JANUARY_5_9_00, MONDAY_JANUARY_5_9_00, id="at opening"),
        pytest.param(APRIL_30_18_01, MAY_7_9_00, id="golden week"),
    ],
)
def test_what_is_written_outside_the_hours_counts_from_the_next_business_day(
    channel: str, received: datetime, counts: datetime
) -> None:
    ticket = written(received, channel=channel)
    assert ticket.counts_from == counts
    assert ticket.answer_due_at <= counts + timedelta(days=30)
    assert ticket.due_at == ticket.answer_due_at < ticket.solution_due_at


@pytest.mark.django_db
@pytest.mark.clause("O-8.4")
def test_both_promises_follow_from_the_kind_in_service_hours() -> None:
    ticket = written(APRIL_30_18_01, "keeping")
    assert (ticket.answer_due_at, ticket.solution_due_at) == (MAY_7_9_00 + 3 * HOUR, MAY_7_9_00 + 9 * HOUR)


@pytest.mark.clause("O-8.4")
def test_the_clock_pauses_while_the_caller_has_to_answer(people: People) -> None:
    at, agent = TUESDAY_AFTER_THE_HOLIDAY_9_00, people.agent.actor(ORIGIN)
    ticket = written(at)
    before = ticket.solution_due_at
    waiting = turns.wait(ticket=ticket, text="版の番号を教えてください", actor=agent, at=at + HOUR)
    assert (waiting.status, waiting.due_at, waiting.first_answered_at) == ("waiting", None, at + HOUR)
    # The night between does not count: four service hours from 17:00 to 12:00.
    moving = written(at + 7 * HOUR)
    turns.wait(ticket=moving, text="?", actor=agent, at=at + 8 * HOUR)
    after = turns.resume(ticket=moving, actor=agent, at=at + timedelta(days=1, hours=3))
    assert after.paused_seconds == 4 * 3600
    assert after.solution_due_at == business_calendar().due(moving.solution_due_at, business_hours=4) == after.due_at
    resumed = turns.resume(ticket=waiting, actor=agent, at=at + 3 * HOUR)
    assert resumed.due_at == resumed.solution_due_at == business_calendar().due(before, business_hours=2)


@pytest.mark.clause("O-8.3", "O-1.7")
def test_a_closed_day_moves_both_promises_and_what_waits_for_its_caller(people: People, jobs: Jobs) -> None:
    at, agent = TUESDAY_AFTER_THE_HOLIDAY_9_00 - timedelta(days=1), people.agent.actor(ORIGIN)
    day = timedelta(days=1)
    with time_machine.travel(at, tick=False):
        open_one, waiting = written(at), turns.wait(ticket=written(at), text="?", actor=agent, at=at)
        manager, why = people.rules_manager.actor(), LocalText(ja="停電", en="No power")
        office_calendar.close_day(day=(at + day).date(), reason=why, actor=manager, at=timezone.now())
        jobs.drain()
        found = Ticket.objects.get(pk=open_one.pk)
        assert found.counts_from == open_one.counts_from + day == found.runs_from
        assert (found.due_at, found.solution_due_at) == (open_one.answer_due_at + day, found.answer_due_at + 2 * day)
        assert Ticket.objects.get(pk=waiting.pk).solution_due_at == waiting.solution_due_at + day
        assert Ticket.objects.get(pk=waiting.pk).due_at is None
        office_calendar.open_day(closure=Closure.objects.get(), actor=manager, at=timezone.now())
        jobs.drain()
        assert Ticket.objects.get(pk=open_one.pk).counts_from == open_one.counts_from


@pytest.mark.clause("O-8.4")
def test_an_alarm_comes_before_the_time_passes_and_once_more_when_it_has(people: People, jobs: Jobs) -> None:
    at = TUESDAY_AFTER_THE_HOLIDAY_9_00
    with time_machine.travel(at, tick=False) as clock:
        ticket = written(at, "keeping", agent_id=people.agent.pk)
        jobs.run("support_desk.sweep")
        assert not TicketAlarm.objects.exists()
        clock.move_to(ticket.answer_due_at - timedelta(minutes=30))
        for _sweep in range(2):
            jobs.run("support_desk.sweep")
        assert [alarm.stage for alarm in ticket.alarms.all()] == ["near"]
        clock.move_to(ticket.answer_due_at + timedelta(seconds=1))
        jobs.run("support_desk.sweep")
        assert [alarm.stage for alarm in ticket.alarms.order_by("pk")] == ["near", "over"]
        send_waiting()
    assert {letter.to[0] for letter in mail.outbox} == {people.agent.email}
    assert ticket.number in mail.outbox[0].body
    assert Event.objects.filter(act=Act.TICKET_ALARM).count() == 2


def test_no_alarm_is_raised_before_the_desk_is_open_or_while_the_caller_has_to_answer(people: People) -> None:
    at = TUESDAY_AFTER_THE_HOLIDAY_9_00
    ticket = written(at - timedelta(days=3), "loss")
    sweep = Actor.system("desk sweep")
    assert alarms.raise_due(actor=sweep, at=at - timedelta(minutes=1)) == 0
    assert alarms.raise_due(actor=sweep, at=ticket.answer_due_at - timedelta(minutes=20)) == 1
    turns.wait(ticket=ticket, text="?", actor=people.agent.actor(ORIGIN), at=at)
    assert alarms.raise_due(actor=sweep, at=at + timedelta(days=9)) == 0


def test_another_kind_gives_other_times_counted_from_when_it_came(people: People) -> None:
    at = TUESDAY_AFTER_THE_HOLIDAY_9_00
    ticket = written(at, "unsorted")
    agent = people.agent.actor(ORIGIN)
    sorted_one = turns.sort(ticket=ticket, kind="loss", priority=1, actor=agent, at=at + HOUR)
    assert (sorted_one.due_at, sorted_one.priority) == (at + HOUR, 1)
    tickets.answer(ticket=sorted_one, text="失効しました", actor=agent, at=at + HOUR)
    assert Event.objects.get(act=Act.TICKET_SORT).subject_id == str(ticket.pk)
