"""Tickets: the clock obeys the service's calendar, and what was said stays on record."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.utils import timezone

from audit.models import Event
from audit.refusals import NotAllowed, RuleViolated, Stale
from certificates.models import Certificate
from support_desk.models import Ticket, TicketEntry
from support_desk.services import tickets
from support_desk.services.tickets import About, Call
from tests.instants import (
    APRIL_30_18_01,
    DECEMBER_29_17_59,
    DECEMBER_29_18_01,
    FRIDAY_17_59,
    FRIDAY_18_01,
    JANUARY_5_9_00,
    MAY_7_9_00,
    SATURDAY_3_00,
    TOKYO,
    TUESDAY_AFTER_THE_HOLIDAY_9_00,
)
from tests.people import ORIGIN, People


def call_in(people: People, at: datetime, kind: str = "not_as_manual") -> Ticket:
    call = Call(kind=kind, caller_name="見本 次郎", matter="手順 3 の画面が出ない")
    return tickets.open_ticket(call=call, about=About(), actor=people.agent.actor(ORIGIN), at=at)


HOUR = timedelta(hours=1)


@pytest.mark.clause("O-8.2", "O-8.3", "O-8.4")
@pytest.mark.parametrize(
    ("received", "due"),
    [
        # Nine service hours: one minute on Friday, the rest on the Tuesday after the holiday.
        pytest.param(FRIDAY_17_59, TUESDAY_AFTER_THE_HOLIDAY_9_00 + 9 * HOUR - timedelta(minutes=1), id="just in time"),
        pytest.param(FRIDAY_18_01, TUESDAY_AFTER_THE_HOLIDAY_9_00 + 9 * HOUR, id="after hours"),
        pytest.param(SATURDAY_3_00, TUESDAY_AFTER_THE_HOLIDAY_9_00 + 9 * HOUR, id="at the weekend"),
        pytest.param(
            DECEMBER_29_17_59, JANUARY_5_9_00 + 9 * HOUR - timedelta(minutes=1), id="the last minute of a year"
        ),
        pytest.param(DECEMBER_29_18_01, JANUARY_5_9_00 + 9 * HOUR, id="after the last minute"),
        pytest.param(APRIL_30_18_01, MAY_7_9_00 + 9 * HOUR, id="golden week"),
    ],
)
def test_what_arrives_outside_service_hours_counts_from_the_next_opening(
    people: People, received: datetime, due: datetime
) -> None:
    assert call_in(people, received).due_at == due


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("not_as_manual", marks=pytest.mark.clause("O-8.1.1")),
        pytest.param("defect", marks=pytest.mark.clause("O-8.1.2")),
        "keeping",
        "loss",
        "state",
        "out_of_scope",
    ],
)
def test_each_kind_of_inquiry_is_taken_answered_and_closed(people: People, kind: str) -> None:
    at = TUESDAY_AFTER_THE_HOLIDAY_9_00
    ticket = call_in(people, at, kind)
    agent = people.agent.actor(ORIGIN)
    ticket = tickets.answer(ticket=ticket, text="マニュアルの 3 ページを案内した", actor=agent, at=at + HOUR)
    assert (ticket.status, ticket.first_answered_at) == ("answered", at + HOUR)
    ticket = tickets.close(ticket=ticket, text="", actor=agent, at=at + HOUR)
    assert ticket.status == "closed"
    acts = Event.objects.filter(subject_id=str(ticket.pk)).order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["ticket:open", "ticket:note", "ticket:answer", "ticket:close"]


def test_a_loss_is_due_sooner_than_a_question(people: People) -> None:
    at = TUESDAY_AFTER_THE_HOLIDAY_9_00
    assert call_in(people, at, "loss").answer_due_at < call_in(people, at, "not_as_manual").answer_due_at


def test_a_call_without_matter_or_caller_is_not_written_down(people: People) -> None:
    with pytest.raises(RuleViolated) as raised:
        tickets.open_ticket(
            call=Call(kind="weather", caller_name=" ", matter=""),
            about=About(),
            actor=people.agent.actor(ORIGIN),
            at=timezone.now(),
        )
    assert [violation.field for violation in raised.value.violations] == ["kind", "caller_name", "matter"]
    assert not Ticket.objects.exists()


def test_what_is_out_of_scope_is_closed_only_with_an_answer(people: People) -> None:
    ticket = call_in(people, timezone.now(), "out_of_scope")
    agent = people.agent.actor(ORIGIN)
    with pytest.raises(RuleViolated):
        tickets.close(ticket=ticket, text=" ", actor=agent, at=timezone.now())
    tickets.close(ticket=ticket, text="回線の問題のため、通信会社を案内した", actor=agent, at=timezone.now())
    assert ticket.entries.get().kind == "answer"


def test_a_second_close_changes_nothing_and_a_second_answer_is_refused(people: People) -> None:
    ticket, agent = call_in(people, timezone.now()), people.agent.actor(ORIGIN)
    for _click in range(2):
        tickets.close(ticket=ticket, text="案内した", actor=agent, at=timezone.now())
    assert ticket.entries.count() == 1
    ticket.refresh_from_db()
    with pytest.raises(Stale):
        tickets.answer(ticket=ticket, text="もう一度", actor=agent, at=timezone.now())


@pytest.mark.clause("O-16.2.4")
def test_trouble_in_keeping_has_instruction_and_confirmation_on_record(people: People) -> None:
    ticket, agent = call_in(people, timezone.now(), "keeping"), people.agent.actor(ORIGIN)
    tickets.add_entry(ticket=ticket, kind="instruction", text="PC を隔離してください", actor=agent, at=timezone.now())
    tickets.add_entry(ticket=ticket, kind="confirmation", text="隔離したとのこと", actor=agent, at=timezone.now())
    assert list(ticket.entries.values_list("kind", flat=True)) == ["instruction", "confirmation"]
    with pytest.raises(DatabaseError), transaction.atomic():
        TicketEntry.objects.filter(ticket=ticket).update(text="別の話")


def test_only_the_call_center_writes_tickets(people: People) -> None:
    for person in (people.hanako, people.examiner, people.auditor):
        with pytest.raises(NotAllowed):
            tickets.open_ticket(
                call=Call(kind="state", caller_name="x", matter="y"),
                about=About(),
                actor=person.actor(ORIGIN),
                at=timezone.now(),
            )


def test_a_ticket_is_not_tied_to_somebody_elses_certificate(people: People, certificate: Certificate) -> None:
    ticket = call_in(people, timezone.now())
    with pytest.raises(NotAllowed):
        tickets.link(
            ticket=ticket,
            about=About(person=people.jiro, certificate=certificate),
            actor=people.agent.actor(ORIGIN),
            at=timezone.now(),
        )


def test_numbers_are_counted_by_the_year_of_tokyo(people: People) -> None:
    new_year = datetime(2026, 12, 31, 23, 0, tzinfo=TOKYO) + 2 * HOUR
    with time_machine.travel(new_year, tick=False):
        assert call_in(people, timezone.now()).number == "T2027-000001"
