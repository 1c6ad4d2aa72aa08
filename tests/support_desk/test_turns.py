"""Whose turn a ticket is: taken, handed over, asked of the office, waited for, opened again; and nobody overwrites."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, transaction

from accounts.models import Notice
from accounts.worker.mailing import send_waiting
from audit.actors import Actor
from audit.acts import Act
from audit.models import Event
from audit.refusals import NotAllowed, NotFound, RuleViolated, Stale
from support_desk.models import Ticket
from support_desk.services import callers_side, tickets, turns
from support_desk.services.entries import Overtaken, Seen, Words
from support_desk.services.tickets import About, Call, made
from support_desk.services.turns import Errand
from tests.instants import TUESDAY_AFTER_THE_HOLIDAY_9_00
from tests.people import ORIGIN, People

AT = TUESDAY_AFTER_THE_HOLIDAY_9_00
HOUR = timedelta(hours=1)


@pytest.fixture
def mailed(people: People) -> Ticket:
    """An inquiry that came by mail."""
    call = Call(
        "not_as_manual", "見本 次郎", "手順 3", channel="mail", email="jiro@mihon.example", subject="手順 3 で止まる"
    )
    return made(call=call, about=About(), actor=Actor.system("mail"), at=AT)


def test_a_ticket_is_taken_by_one_agent_and_put_back(people: People, mailed: Ticket) -> None:
    agent, other = people.agent.actor(ORIGIN), people.agent.actor(ORIGIN)
    taken = turns.take(ticket=mailed, actor=agent, at=AT)
    assert taken.agent == people.agent
    assert turns.take(ticket=mailed, actor=other, at=AT).version == taken.version
    Ticket.objects.filter(pk=mailed.pk).update(agent=people.hanako)
    with pytest.raises(Stale):
        turns.take(ticket=mailed, actor=agent, at=AT)
    with pytest.raises(Stale):
        turns.put_back(ticket=mailed, actor=agent, at=AT)


def test_a_hand_over_keeps_its_note_and_leaves_the_clock_alone(people: People, mailed: Ticket) -> None:
    agent = people.agent.actor(ORIGIN)
    with pytest.raises(RuleViolated):
        turns.hand_over(ticket=mailed, errand=Errand("  "), actor=agent, at=AT)
    with pytest.raises(RuleViolated):
        turns.hand_over(ticket=mailed, errand=Errand("頼む", taker=people.hanako), actor=agent, at=AT)
    given = turns.hand_over(ticket=mailed, errand=Errand("夕方に折り返す", people.agent), actor=agent, at=AT)
    assert (given.agent, given.due_at) == (people.agent, mailed.due_at)
    assert given.entries.get().text == "夕方に折り返す"


def test_the_office_answers_in_the_same_ticket_when_it_was_asked(people: People, mailed: Ticket) -> None:
    agent, examiner = people.agent.actor(ORIGIN), people.examiner.actor(ORIGIN)
    with pytest.raises(Stale):
        turns.advise(ticket=mailed, text="呼ばれていない", actor=examiner, at=AT)
    turns.take(ticket=mailed, actor=agent, at=AT)
    asked = turns.escalate(ticket=mailed, errand=Errand("綴りは？", role="examiner"), actor=agent, at=AT)
    assert (asked.escalated_to, asked.status) == ("examiner", "open")
    with pytest.raises(Stale):
        turns.advise(ticket=mailed, text="承認者として", actor=people.approver.actor(ORIGIN), at=AT)
    with pytest.raises(NotAllowed):
        turns.advise(ticket=mailed, text="外から", actor=people.hanako.actor(ORIGIN), at=AT)
    done = turns.advise(ticket=mailed, text="旧字体で出ます", actor=examiner, at=AT)
    assert (done.escalated_to, [entry.kind for entry in done.entries.all()]) == ("", ["escalation", "office"])
    told = set(Notice.objects.values_list("kind", "email"))
    assert ("support_desk/asked", people.examiner.email) in told
    assert ("support_desk/advised", people.agent.email) in told


@pytest.mark.clause("O-8.1.1")
def test_an_answer_to_a_mail_goes_out_by_mail_once_and_says_its_number(people: People, mailed: Ticket) -> None:
    tickets.answer(ticket=mailed, text="版 2.4 をお使いください", actor=people.agent.actor(ORIGIN), at=AT)
    send_waiting()
    (letter,) = mail.outbox
    assert letter.to == ["jiro@mihon.example"]
    assert mailed.number in letter.subject
    assert "版 2.4" in letter.body
    assert letter.extra_headers["Auto-Submitted"] == "no"
    assert Ticket.objects.get().entries.get().notice == Notice.objects.get().pk


def test_what_the_caller_writes_wakes_what_waits_and_opens_what_is_closed(people: People, mailed: Ticket) -> None:
    agent, outside = people.agent.actor(ORIGIN), Actor.system("mail")
    turns.wait(ticket=mailed, text="版は？", actor=agent, at=AT)
    callers_side.add(ticket=mailed, words=Words("message", "2.3 です"), channel="mail", actor=outside, at=AT + HOUR)
    assert Ticket.objects.get().status == "open"
    tickets.close(ticket=mailed, text="2.4 にしてください", actor=agent, at=AT + HOUR)
    callers_side.add(ticket=mailed, words=Words("message", "まだです"), channel="mail", actor=outside, at=AT + 2 * HOUR)
    again = Ticket.objects.get()
    assert (again.status, again.reopened_count, again.outcome, again.solved_at) == ("open", 1, "", None)
    assert again.runs_from == AT + 2 * HOUR
    assert Event.objects.filter(act=Act.TICKET_REOPEN).count() == 1


def test_advertising_is_closed_without_a_word_to_anybody(people: People, mailed: Ticket) -> None:
    agent = people.agent.actor(ORIGIN)
    tickets.close(ticket=mailed, text="広告", outcome="nonsense", actor=agent, at=AT)
    assert not Notice.objects.exists()
    assert Ticket.objects.get().outcome == "nonsense"
    with pytest.raises(DatabaseError), transaction.atomic():
        Ticket.objects.update(outcome="")


def test_nobody_overwrites_what_a_colleague_wrote_meanwhile(people: People, mailed: Ticket) -> None:
    agent, seen = people.agent.actor(ORIGIN), Seen(mailed.version)
    tickets.add_entry(ticket=mailed, kind="note", text="折り返し済み", actor=agent, at=AT, seen=seen)
    with pytest.raises(Overtaken):
        tickets.answer(ticket=mailed, text="折り返します", actor=agent, at=AT, seen=seen)
    assert [entry.kind for entry in mailed.entries.all()] == ["note"]
    tickets.answer(ticket=mailed, text="回答", actor=agent, at=AT, seen=Seen(mailed.version + 1))


@pytest.mark.clause("O-16.2.4")
def test_an_instruction_reaches_the_subscriber_who_confirms_it_in_the_portal(people: People) -> None:
    call = Call("keeping", "架空 花子", "PC の様子がおかしい", channel="portal")
    ticket = made(call=call, about=About(person=people.hanako), actor=people.hanako.actor().acting("applicant"), at=AT)
    agent = people.agent.actor(ORIGIN)
    tickets.add_entry(ticket=ticket, kind="instruction", text="網から外してください", actor=agent, at=AT)
    assert Notice.objects.get().email == people.hanako.email
    assert "網から外して" not in str(Notice.objects.get().context)
    with pytest.raises(NotFound):
        callers_side.confirm(ticket=ticket, text="外しました", actor=people.jiro.actor(), at=AT)
    callers_side.confirm(ticket=ticket, text="外しました", actor=people.hanako.actor(), at=AT)
    kinds = list(ticket.entries.order_by("pk").values_list("kind", "author"))
    assert kinds == [("instruction", people.agent.pk), ("confirmation", people.hanako.pk)]
    assert Ticket.objects.get().first_answered_at == AT


def test_what_was_received_can_not_be_changed_even_past_the_services(mailed: Ticket) -> None:
    for change in ({"matter": "別の話"}, {"channel": "portal"}, {"status": "lost"}, {"priority": 9}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Ticket.objects.filter(pk=mailed.pk).update(**change)
