"""People who press at the same moment: one decision, one answer, and nothing stuck (faults 6 and 7)."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from applications.models import Application, Decision, InformationRequest
from applications.services import answering, asking, watch_list
from applications.services.asking import Question, Wish
from applications.worker import deadlines
from audit.models import Event
from audit.refusals import Refused
from certificates.models import Approval
from tests.applications import cases
from tests.harness.cloned import Clone
from tests.people import ORIGIN, People, signed_in

WHY = Wish("free-1", {"ja": "理由", "en": "Reason"}, kind="text")


@pytest.fixture
def committed(clone: Clone, issuing: object, people: People, demo_rules: None) -> Application:
    """An application in a database in which everything commits."""
    return cases.submitted(people.hanako)


def together(*acts: Callable[[], object]) -> list[object]:
    """Do things at once, each on a connection of its own; return what came of each, in their order."""
    barrier, results = threading.Barrier(len(acts)), [object()] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            barrier.wait()
            results[place] = act()
        except Refused as refused:
            results[place] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_posts_by_two_approvers_each_clicking_twice_one_person_decides(
    committed: Application, people: People
) -> None:
    seen = {"seen": cases.seen_of(cases.recommended(committed, people))}
    browsers = [signed_in(person) for person in (people.approver, people.approver)]
    browsers += [signed_in(person) for person in (people.second_approver, people.second_approver)]
    place = f"/examination/{committed.pk}/approve/"
    codes = together(*(lambda browser=browser: browser.post(place, seen).status_code for browser in browsers))
    # The one who was first sees no error at the second click; the other one is told.
    assert sorted([codes[:2], codes[2:]], key=str) == [[302, 302], [409, 409]]
    assert Approval.objects.filter(order=committed.order_id, role="approver").count() == 1
    assert Decision.objects.filter(application=committed, kind=Decision.APPROVED).count() == 1
    assert Event.objects.filter(act="application:approve", outcome="done").count() == 1
    committed.refresh_from_db()
    assert (committed.status, cases.order_of(committed).status) == ("approved", "queued")


def test_of_an_answer_and_the_limit_at_once_one_comes_first_and_nothing_hangs(
    committed: Application, people: People
) -> None:
    cases.claimed(committed, people)
    asked = asking.ask(
        application=committed, question=Question([WHY]), actor=people.examiner.actor(ORIGIN), at=timezone.now()
    )
    past = timezone.now() - timedelta(minutes=1)
    InformationRequest.objects.filter(pk=asked.pk).update(due_at=past, lapses_at=past)
    said = {"free-1": "回答"}
    together(
        lambda: answering.answer(request=asked, texts=said, actor=people.hanako.actor(ORIGIN), at=timezone.now()),
        deadlines.sweep,
    )
    committed.refresh_from_db()
    asked.refresh_from_db()
    answered = asked.answered_at is not None
    order = cases.order_of(committed)
    assert (committed.status, order.status, answered) in {
        ("examining", "proposed", True),
        ("lapsed", "cancelled", False),
    }


def test_an_answer_sent_by_a_double_click_while_a_field_is_being_kept_is_sent_once_and_nobody_sees_an_error(
    committed: Application, people: People
) -> None:
    cases.claimed(committed, people)
    asked = asking.ask(
        application=committed, question=Question([WHY]), actor=people.examiner.actor(ORIGIN), at=timezone.now()
    )
    place, browser = f"/applications/{committed.pk}/answer/", signed_in(people.hanako)
    said = {"answer-free-1": "回答"}

    def press(act: str) -> int:
        return browser.post(place, said | {"act": act}).status_code

    codes = together(*(lambda act=act: press(act) for act in ("send", "send", "send", "keep", "keep")))
    assert set(map(str, codes)) == {"302"}
    asked.refresh_from_db()
    assert asked.answers == {"free-1": "回答"}
    assert Event.objects.filter(act="application:answer", outcome="done").count() == 1
    assert not Event.objects.exclude(outcome="done").filter(subject_id=committed.pk).exists()


def test_a_name_that_two_managers_add_at_once_is_watched_once(committed: Application, people: People) -> None:
    def add() -> object:
        return watch_list.add(
            name="同時社",
            matching="whole",
            reason="デモ",
            actor=people.rules_manager.actor(ORIGIN),
            at=timezone.now(),
        )

    results = together(add, add, add, add)
    assert sum(not isinstance(result, Refused) for result in results) == 1
