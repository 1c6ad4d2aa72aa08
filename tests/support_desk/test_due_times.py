"""Tickets are due later when a day is closed in between, and earlier again when it is opened (O-8.3)."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from applications.services import calendar
from regulations.models import Closure
from regulations.ruleset import LocalText
from support_desk.models import Ticket
from support_desk.services import tickets
from support_desk.services.tickets import About, Call
from tests.harness.jobs import Jobs
from tests.instants import FRIDAY_17_59, TUESDAY_AFTER_THE_HOLIDAY_9_00
from tests.people import People


@pytest.mark.clause("O-8.3", "O-1.7")
def test_a_ticket_follows_a_closed_day_and_its_opening(people: People, jobs: Jobs) -> None:
    with time_machine.travel(FRIDAY_17_59, tick=False):
        call = Call(kind="loss", caller_name="架空 花子", matter="PC をなくした", callback_number="03-0000-0000")
        made = tickets.open_ticket(
            call=call, about=About(person=people.hanako), actor=people.agent.actor(), at=timezone.now()
        )
        assert made.due_at == TUESDAY_AFTER_THE_HOLIDAY_9_00 + timedelta(minutes=59)
        actor = people.rules_manager.actor()
        why = LocalText(ja="停電", en="No power")
        calendar.close_day(day=TUESDAY_AFTER_THE_HOLIDAY_9_00.date(), reason=why, actor=actor, at=timezone.now())
        jobs.drain()
        assert Ticket.objects.get().due_at == TUESDAY_AFTER_THE_HOLIDAY_9_00 + timedelta(days=1, minutes=59)
        calendar.open_day(closure=Closure.objects.get(), actor=actor, at=timezone.now())
        jobs.drain()
        assert Ticket.objects.get().due_at == made.due_at
