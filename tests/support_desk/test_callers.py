"""Callers: three matching items before anything personal is told or started; five wrong answers lock."""

import threading

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from audit.models import Event
from audit.refusals import NotAllowed, NotFound, Refused, RuleViolated, Throttled
from certificates.models import Certificate
from revocation.models import RevocationRequest
from revocation.services import decisions
from revocation.services.requests import Wish
from support_desk import rules
from support_desk.models import CallerCheck, Ticket
from support_desk.selectors import registered_answers
from support_desk.services import callers, tickets
from support_desk.services.callers import LOCKED_FOR
from support_desk.services.tickets import About, Call
from tests.harness.cloned import Clone
from tests.people import ORIGIN, People

LOST = Wish("holder:key_compromise", "電車に PC を置き忘れた")


def say(ticket: Ticket, people: People, item: str, typed: str) -> bool:
    return callers.check(
        ticket=ticket, item=item, typed=typed, actor=people.agent.actor(ORIGIN), at=timezone.now()
    ).matched


def verify(ticket: Ticket, people: People) -> None:
    assert say(ticket, people, "call_back", "０３（００００）００００")
    assert say(ticket, people, "name_reading", "かくう　はなこ")
    assert say(ticket, people, "email", "HANAKO@demo.example")


def start(ticket: Ticket, certificate: Certificate, people: People) -> RevocationRequest:
    return callers.start_revocation(
        ticket=ticket, certificate=certificate, wish=LOST, actor=people.agent.actor(ORIGIN), at=timezone.now()
    )


@pytest.mark.parametrize(
    ("item", "typed", "registered", "same"),
    [
        ("call_back", "03 0000 0000", "03-0000-0000", True),
        ("name_reading", "かくう はなこ", "カクウ ハナコ", True),
        ("name_reading", "架空", "カクウ ハナコ", False),
        ("contract_number", "ｅ−４０２１３", "E-40213", True),
        ("email", "hanako@demo.examp1e", "hanako@demo.example", False),
        ("title", "", "", False),
    ],
)
def test_answers_match_whatever_their_width_and_hyphens(item: str, typed: str, registered: str, same: bool) -> None:
    assert rules.answers_match(item, typed, [registered]) is same


@pytest.mark.clause("O-15.3", "O-9")
def test_nothing_is_started_for_a_caller_before_three_items_match(
    ticket: Ticket, certificate: Certificate, people: People
) -> None:
    """Fault 29: whoever names a wrong holder on the telephone revokes nothing."""
    assert say(ticket, people, "call_back", "03-0000-0000")
    assert say(ticket, people, "name_reading", "カクウ ハナコ")
    assert not say(ticket, people, "email", "somebody@demo.example")
    with pytest.raises(RuleViolated):
        start(ticket, certificate, people)
    certificate.refresh_from_db()
    assert certificate.revocation_requested_at is None
    assert not RevocationRequest.objects.exists()


def test_the_same_item_twice_counts_once(ticket: Ticket, people: People) -> None:
    for _time in range(3):
        assert say(ticket, people, "name_reading", "カクウ ハナコ")
    assert CallerCheck.objects.filter(ticket=ticket, matched=True).count() == 1


@pytest.mark.clause("O-15.2.1", "O-15.2.2", "O-15.2.3", "O-15.2.4", "O-15.3", "J-5.5")
@pytest.mark.parametrize(
    "ground",
    ["holder:information_changed", "holder:key_compromise", "holder:contents_wrong", "holder:no_longer_used"],
)
def test_a_verified_caller_gets_a_request_that_another_person_decides(
    ticket: Ticket, certificate: Certificate, people: People, ground: str
) -> None:
    verify(ticket, people)
    case = callers.start_revocation(
        ticket=ticket,
        certificate=certificate,
        wish=Wish(ground, "電話で聞いたこと"),
        actor=people.agent.actor(ORIGIN),
        at=timezone.now(),
    )
    assert (case.status, case.ground, case.recorded_by) == ("awaiting_approval", ground, people.agent)
    assert case.verification["items"] == ["call_back", "email", "name_reading"]
    certificate.refresh_from_db()
    assert certificate.revocation_requested_at is not None
    assert certificate.revoked_at is None
    with pytest.raises(NotAllowed):
        decisions.approve(case=case, note="", actor=people.agent.actor(ORIGIN), at=timezone.now())


def test_only_the_persons_own_certificate_is_asked_about(
    ticket: Ticket, certificate: Certificate, people: People
) -> None:
    call = Call(kind="loss", caller_name="見本 次郎", matter="なくした")
    other = tickets.open_ticket(
        call=call, about=About(person=people.jiro), actor=people.agent.actor(ORIGIN), at=timezone.now()
    )
    with pytest.raises(NotFound):
        start(other, certificate, people)


def test_five_wrong_answers_lock_over_all_tickets_for_a_day(ticket: Ticket, people: People) -> None:
    """Fault 24."""
    for _guess in range(5):
        assert not say(ticket, people, "contract_number", "E-00000")
    other = tickets.open_ticket(
        call=Call(kind="state", caller_name="別の声", matter="状態を知りたい"),
        about=About(person=people.hanako),
        actor=people.agent.actor(ORIGIN),
        at=timezone.now(),
    )
    with pytest.raises(Throttled):
        say(other, people, "name_reading", "カクウ ハナコ")
    with time_machine.travel(timezone.now() + LOCKED_FOR):
        assert say(other, people, "name_reading", "カクウ ハナコ")


def test_right_answers_are_not_counted(ticket: Ticket, people: People) -> None:
    for _time in range(8):
        assert say(ticket, people, "name_reading", "カクウ ハナコ")
    assert not callers.is_locked(people.hanako, timezone.now())


def test_the_answers_themselves_are_kept_nowhere(ticket: Ticket, people: People) -> None:
    say(ticket, people, "email", "guess@demo.example")
    event = Event.objects.get(act="caller:verify")
    assert event.details.body == {"item": "email", "matched": False}


def test_nobody_verifies_themselves(people: People, ticket: Ticket) -> None:
    own = tickets.open_ticket(
        call=Call(kind="state", caller_name="自分", matter="x"),
        about=About(person=people.agent),
        actor=people.agent.actor(ORIGIN),
        at=timezone.now(),
    )
    with pytest.raises(NotAllowed):
        say(own, people, "email", people.agent.email)


def test_matches_for_one_person_are_worth_nothing_for_another(ticket: Ticket, people: People) -> None:
    verify(ticket, people)
    with pytest.raises(RuleViolated):
        tickets.link(
            ticket=ticket, about=About(person=people.jiro), actor=people.agent.actor(ORIGIN), at=timezone.now()
        )


@pytest.mark.clause("O-9")
def test_looking_at_masked_data_needs_a_reason_and_is_on_record(ticket: Ticket, people: People) -> None:
    agent = people.agent.actor(ORIGIN)
    with pytest.raises(RuleViolated):
        callers.look(ticket=ticket, field="phone", reason=" ", actor=agent, at=timezone.now())
    with pytest.raises(NotFound):
        callers.look(ticket=ticket, field="password", reason="かけ直し", actor=agent, at=timezone.now())
    phone = callers.look(ticket=ticket, field="phone", reason="かけ直し", actor=agent, at=timezone.now())
    assert phone == people.hanako.phone
    event = Event.objects.get(act="personal_data:look")
    assert event.details.body == {"field": "phone", "reason": "かけ直し", "verified": False}


def test_what_may_be_asked_is_what_is_registered(certificate: Certificate, people: People) -> None:
    found = registered_answers(people.hanako)
    assert found["contract_number"] == ["E-40213"]
    assert rules.items_for(found)[:3] == ["call_back", "name_reading", "email"]
    assert "member_number" not in rules.items_for(found)


def test_of_many_guesses_at_once_at_most_five_are_judged(clone: Clone, people: People) -> None:
    ticket = tickets.open_ticket(
        call=Call(kind="state", caller_name="機械", matter="x"),
        about=About(person=people.hanako),
        actor=people.agent.actor(ORIGIN),
        at=timezone.now(),
    )
    barrier = threading.Barrier(12)

    def guess(number: int) -> None:
        try:
            barrier.wait()
            say(ticket, people, "email", f"guess{number}@demo.example")
        except Refused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert CallerCheck.objects.filter(ticket=ticket).count() == 5
