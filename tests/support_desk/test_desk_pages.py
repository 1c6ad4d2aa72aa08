"""The workplace: one search box, masked people, sentences that can be read aloud, and a ticket with its clock."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from applications.models import Application
from audit.models import Event
from certificates.models import Certificate
from revocation.models import RevocationRequest
from support_desk import search_selectors
from support_desk.models import Ticket
from support_desk.search_selectors import MOST_HITS
from support_desk.services import callers
from tests.people import ORIGIN, People, signed_in


@pytest.fixture
def agent(people: People) -> Client:
    return signed_in(people.agent)


FOUND_BY = (
    "name", "reading", "hiragana", "middle", "mail", "beginning", "receipt", "digits", "serial", "management", "ticket",
    "company", "telephone", "contract", "corporation", "spaced",
)  # fmt: skip


@pytest.mark.clause("O-8.2")
@pytest.mark.parametrize("what", FOUND_BY)
def test_a_person_is_found_by_whatever_the_caller_has_at_hand(
    agent: Client, application: Application, certificate: Certificate, ticket: Ticket, people: People, what: str
) -> None:
    receipt = str(application.receipt_number)
    typed = {
        "name": "架空",
        "reading": "カクウ",
        "hiragana": "かく",
        "middle": "空花",
        "mail": "Hanako@demo.example",
        "beginning": "hana@",
        "receipt": receipt,
        "digits": receipt.replace("-", ""),
        "serial": certificate.serial,
        "management": "c-999999",
        "ticket": ticket.number,
        "company": "見本精機",
        "telephone": "０３−０００",
        "contract": "e-40213",
        "corporation": str(application.values["corporate_number"]),
        "spaced": "  架空　　はなこ ",
    }[what]
    page = agent.get("/desk/", {"q": str(typed)}).content.decode()
    assert f"/desk/people/{people.hanako.pk}/" in page


def test_who_has_no_application_is_found_too_and_so_is_a_new_name(agent: Client, people: People) -> None:
    User.objects.filter(pk=people.outsider.pk).update(name="髙﨑 三郎")
    for typed, is_found in (("高崎", True), ("むえん", True), ("無縁", False)):
        page = agent.get("/desk/", {"q": typed}).content.decode()
        assert (f"/desk/people/{people.outsider.pk}/" in page) is is_found


def test_an_inquiry_of_nobody_known_is_found_by_how_its_number_begins(agent: Client) -> None:
    agent.post("/desk/tickets/new/", {"caller_name": "見本 太郎", "kind": "state", "matter": "状態"})
    ticket = Ticket.objects.get()
    for typed in (ticket.number, ticket.number.lower(), ticket.number.replace("-", ""), ticket.number[:5], "ｔ２"):
        page = agent.get("/desk/", {"q": typed}).content.decode()
        assert f"/desk/tickets/{ticket.pk}/" in page.partition('role="search"')[2].partition("</section>")[0]


def test_of_many_who_fit_the_first_are_shown_and_it_is_said_that_there_are_more(agent: Client) -> None:
    for number in range(MOST_HITS + 3):
        User.objects.create_user(f"many{number}@demo.example", name=f"大勢 {number}")
    agent.cookies["django_language"] = "en"
    found = agent.get("/desk/", {"q": "大勢"})
    assert len(found.context["found"].people) == MOST_HITS
    assert "Type more to narrow it down" in found.content.decode()


@pytest.mark.parametrize("frequent", [True, False])
def test_the_oldest_of_many_accounts_is_found(
    agent: Client, people: People, monkeypatch: pytest.MonkeyPatch, frequent: bool
) -> None:
    monkeypatch.setattr(search_selectors, "NEAR", 2)
    for number in range(4):
        User.objects.create_user(f"new{number}@demo.example", name="架空 新子" if frequent else "新規 太郎")
    assert people.hanako in [hit.person for hit in search_selectors.found("架空").people]


@pytest.mark.parametrize("person", ["hanako", "examiner", "auditor", "administrator", "rules_manager"])
def test_nobody_but_the_desk_searches(people: People, person: str) -> None:
    assert signed_in(getattr(people, person)).get("/desk/", {"q": "架空"}).status_code == 404


@pytest.mark.clause("O-9")
def test_a_found_person_is_masked_and_the_search_is_on_record(
    agent: Client, application: Application, people: People
) -> None:
    page = agent.get("/desk/", {"q": "架空"}).content.decode()
    assert "架空 花●" in page
    assert "架空 花子" not in page
    assert Event.objects.get(act="desk:search").details.body == {"text": "架空", "found": 1, "tickets": 0}
    page = agent.get(f"/desk/people/{people.hanako.pk}/").content.decode()
    for secret in (people.hanako.phone, people.hanako.email, people.hanako.name_reading, "E-40213"):
        assert secret not in page


def test_one_character_finds_nobody(agent: Client, application: Application) -> None:
    assert "/desk/people/" not in agent.get("/desk/", {"q": "架"}).content.decode()
    assert agent.get("/desk/", {"q": "\x00%_"}).status_code == 200


def test_how_an_application_stands_can_be_read_aloud(agent: Client, application: Application, people: People) -> None:
    agent.cookies["django_language"] = "en"
    page = agent.get(f"/desk/people/{people.hanako.pk}/").content.decode()
    assert "We have received it. You will hear the result by" in page


@pytest.mark.clause("O-8.2", "O-15.3", "O-12.1")
def test_a_call_from_writing_it_down_to_the_request(
    agent: Client, application: Application, certificate: Certificate, people: People
) -> None:
    typed = {"caller_name": "架空 花子", "kind": "loss", "matter": "PC をなくした", "person": str(people.hanako.pk)}
    opened = agent.post("/desk/tickets/new/", typed)
    ticket = Ticket.objects.get()
    assert opened["Location"] == f"/desk/tickets/{ticket.pk}/"
    address = f"/desk/tickets/{ticket.pk}/revocation/{certificate.pk}/"
    assert address not in agent.get(opened["Location"]).content.decode()
    for item, said in (("call_back", "03-0000-0000"), ("name_reading", "カクウハナコ"), ("contract_number", "E40213")):
        assert agent.post(f"{opened['Location']}verify/", {"item": item, "answer": said}).status_code == 302
    assert address in agent.get(opened["Location"]).content.decode()
    assert 'href="/documents/manual/' in agent.get(address).content.decode()
    asked = agent.post(
        address, {"ground": "holder:key_compromise", "statement": "置き忘れ", "compromised_at": "2026-01-01 18:30"}
    )
    assert asked.status_code == 302
    case = RevocationRequest.objects.get()
    assert (case.status, case.urgent, case.certificate) == ("awaiting_approval", True, certificate)
    closed = agent.post(f"{opened['Location']}close/", {"text": "失効の請求を受け付けた"})
    assert closed.status_code == 302


def test_without_verification_the_page_of_revocation_has_no_button_and_a_post_starts_nothing(
    agent: Client, ticket: Ticket, certificate: Certificate
) -> None:
    address = f"/desk/tickets/{ticket.pk}/revocation/{certificate.pk}/"
    assert "btn-urgent" not in agent.get(address).content.decode()
    assert agent.post(address, {"ground": "holder:key_compromise"}).status_code == 422
    assert not RevocationRequest.objects.exists()


def test_a_call_with_faults_keeps_what_was_typed(agent: Client, people: People) -> None:
    answer = agent.post("/desk/tickets/new/", {"caller_name": "見本 次郎", "kind": "", "matter": ""})
    assert answer.status_code == 422
    assert 'value="見本 次郎"' in answer.content.decode()


def test_a_wrong_answer_shows_nothing_of_the_right_one(agent: Client, ticket: Ticket, people: People) -> None:
    page = agent.post(f"/desk/tickets/{ticket.pk}/verify/", {"item": "email", "answer": "x@example.jp"}, follow=True)
    assert people.hanako.email not in page.content.decode()
    assert agent.post(f"/desk/tickets/{ticket.pk}/verify/", {"item": "email", "answer": " "}).status_code == 422


def test_five_wrong_answers_are_answered_with_too_many(agent: Client, ticket: Ticket) -> None:
    for _guess in range(5):
        agent.post(f"/desk/tickets/{ticket.pk}/verify/", {"item": "email", "answer": "x@example.jp"})
    answer = agent.post(f"/desk/tickets/{ticket.pk}/verify/", {"item": "email", "answer": "x@example.jp"})
    assert answer.status_code == 429
    assert Event.objects.filter(act="caller:verify", outcome="refused").exists()


def test_a_masked_value_shows_after_a_reason(agent: Client, ticket: Ticket, people: People) -> None:
    page = agent.post(f"/desk/tickets/{ticket.pk}/look/", {"field": "email", "reason": "メールが届かない"})
    assert people.hanako.email in page.content.decode()


def test_a_call_of_nobody_known_is_tied_to_a_person_later(
    agent: Client, application: Application, people: People
) -> None:
    agent.post("/desk/tickets/new/", {"caller_name": "声", "kind": "state", "matter": "申請の状態"})
    ticket = Ticket.objects.get()
    hits = agent.get("/desk/", {"q": "架空", "ticket": str(ticket.pk)}).content.decode()
    assert f"/desk/tickets/{ticket.pk}/link/" in hits
    agent.post(f"/desk/tickets/{ticket.pk}/link/", {"person": str(people.hanako.pk)})
    ticket.refresh_from_db()
    assert ticket.person == people.hanako


@pytest.mark.clause("O-8.4")
def test_what_is_nearly_due_is_alarmed_on_every_page_of_the_desk(ticket: Ticket, people: People) -> None:
    for before, near, overdue in ((120, 0, 0), (20, 1, 0), (-1, 0, 1)):
        with time_machine.travel(ticket.answer_due_at - timedelta(minutes=before), tick=False):
            shown = signed_in(people.agent).get("/desk/tickets/").context
            assert (shown["near"], shown["overdue"]) == (near, overdue)


def test_the_list_shows_what_is_due_first(agent: Client, ticket: Ticket) -> None:
    page = agent.get("/desk/tickets/").content.decode()
    assert ticket.number in page
    assert ticket.number in agent.get("/desk/tickets/?show=all").content.decode()


def test_the_desk_approves_nothing(agent: Client, ticket: Ticket, certificate: Certificate, people: People) -> None:
    for item, said in (("call_back", "0300000000"), ("name_reading", "カクウハナコ"), ("email", people.hanako.email)):
        callers.check(ticket=ticket, item=item, typed=said, actor=people.agent.actor(ORIGIN), at=timezone.now())
    assert agent.get("/examination/").status_code == 404
    assert agent.get(f"/examination/{ticket.pk}/approve/").status_code == 404
