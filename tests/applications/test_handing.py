"""Handing an application over: to whom, by whom, with which words, and that it is on record and told."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Notice, RoleGrant, User
from applications.models import Application, HandOver
from applications.services import asking, examination, handing
from applications.services.asking import Question
from audit.models import Event
from audit.refusals import NotAllowed, RuleViolated, Stale
from tests.applications import cases
from tests.people import ORIGIN, People, signed_in


def give(application: Application, by: User, to: User | None, note: str = "電話は済み、登記の確認から") -> HandOver:
    return handing.hand_over(application=application, taker=to, note=note, actor=by.actor(ORIGIN), at=timezone.now())


def url(application: Application) -> str:
    return f"/examination/{application.pk}/hand-over/"


@pytest.mark.clause("O-4.2")
def test_an_examiner_hands_a_case_over_with_a_note_and_the_other_is_told(
    application: Application, people: People
) -> None:
    cases.claimed(application, people)
    row = give(application, people.examiner, people.second_examiner)
    application.refresh_from_db()
    assert (application.status, application.examiner) == ("examining", people.second_examiner)
    assert (row.giver, row.taker, row.person) == (people.examiner, people.second_examiner, people.examiner)
    event = Event.objects.get(act="application:hand_over")
    assert (event.person_id, event.story) == (people.examiner.pk, application.story)
    assert event.details.body["note"] == "電話は済み、登記の確認から"
    told = Notice.objects.get(kind="applications/handed_over")
    assert (told.recipient, told.context["note"]) == (people.second_examiner, row.note)
    with pytest.raises(Stale):
        give(application, people.examiner, people.second_examiner)


@pytest.mark.clause("O-4.2")
def test_every_handing_over_stays_in_the_history_of_a_decided_case(application: Application, people: People) -> None:
    cases.claimed(application, people)
    give(application, people.examiner, people.second_examiner, "電話は済みました")
    give(application, people.second_examiner, people.examiner, "戻します")
    cases.approved(application, people)
    page = signed_in(people.approver).get(f"/examination/{application.pk}/").content.decode()
    assert page.index("電話は済みました") < page.index("戻します")
    assert f"{people.examiner.name} から {people.second_examiner.name} へ" in page


def test_the_note_stands_on_the_case_as_long_as_whoever_it_was_for_has_it(
    application: Application, people: People
) -> None:
    def page() -> str:
        return signed_in(people.approver).get(f"/examination/{application.pk}/").content.decode()

    cases.claimed(application, people)
    assert "から引き継ぎ" not in page()
    give(application, people.approver, people.second_examiner, "午後は休みです")
    assert f"{people.examiner.name} から引き継ぎ" in page()
    assert "午後は休みです" in page()
    assert people.approver.name in page()
    give(application, people.second_examiner, people.examiner, "戻します")
    assert "戻します" in page()
    assert "午後は休みです" not in page().split('class="bench"')[0]
    application.refresh_from_db()
    examination.release(application=application, actor=people.examiner.actor(ORIGIN), at=timezone.now())
    assert "から引き継ぎ" not in page()


def test_a_case_that_waits_for_an_answer_can_be_handed_over_too(application: Application, people: People) -> None:
    cases.claimed(application, people)
    question = Question(message="部署名を確認させてください。")
    asking.ask(application=application, question=question, actor=people.examiner.actor(ORIGIN), at=timezone.now())
    give(application, people.examiner, people.second_examiner)
    application.refresh_from_db()
    assert (application.status, application.examiner) == ("waiting_information", people.second_examiner)


def test_an_approver_hands_over_for_a_colleague_who_is_away_and_both_are_told(
    application: Application, people: People
) -> None:
    cases.claimed(application, people)
    give(application, people.approver, people.second_examiner)
    told = set(Notice.objects.filter(kind="applications/handed_over").values_list("recipient", flat=True))
    assert told == {people.examiner.pk, people.second_examiner.pk}
    assert Event.objects.get(act="application:hand_over").role == "approver"


def test_nobody_takes_a_case_from_a_colleague_this_way(application: Application, people: People) -> None:
    cases.claimed(application, people)
    with pytest.raises(Stale):
        give(application, people.second_examiner, people.second_examiner)
    with pytest.raises(NotAllowed):
        give(application, people.agent, people.second_examiner)
    with pytest.raises(NotAllowed):
        give(application, people.hanako, people.second_examiner)


def test_a_case_that_nobody_has_is_not_handed_over(application: Application, people: People) -> None:
    with pytest.raises(Stale):
        give(application, people.approver, people.second_examiner)


def test_only_an_examiner_who_is_there_and_has_nothing_to_do_with_it_takes_it(
    application: Application, people: People
) -> None:
    cases.claimed(application, people)
    RoleGrant.objects.create(user=people.hanako, role="examiner", granted_by=None, granted_at=timezone.now())
    gone = people.second_examiner
    User.objects.filter(pk=gone.pk).update(is_active=False)
    for taker in (None, people.examiner, people.approver, people.hanako, gone):
        with pytest.raises(RuleViolated) as raised:
            give(application, people.examiner, taker)
        assert raised.value.violations[0].code == "taker_cannot"


@pytest.mark.parametrize(
    ("note", "code"), [("  ", "note_missing"), ("x\u202e", "unseen_character"), ("あ" * 5000, "too_long")]
)
def test_a_note_says_what_the_other_has_to_know(application: Application, people: People, note: str, code: str) -> None:
    cases.claimed(application, people)
    with pytest.raises(RuleViolated) as raised:
        give(application, people.examiner, people.second_examiner, note)
    assert [violation.code for violation in raised.value.violations] == [code]


def test_what_was_handed_over_stays_on_record(application: Application, people: People) -> None:
    cases.claimed(application, people)
    row = give(application, people.examiner, people.second_examiner)
    for change in (lambda: HandOver.objects.filter(pk=row.pk).update(note="x"), row.delete):
        with pytest.raises(Exception, match=r"append-only|permission denied"), transaction.atomic():
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOver.objects.create(
            application=application, giver=people.examiner, taker=people.examiner, person=people.examiner, note="x",
            at=timezone.now(),
        )  # fmt: skip


def test_the_page_offers_the_others_by_name_and_keeps_what_was_typed(application: Application, people: People) -> None:
    cases.claimed(application, people)
    browser = signed_in(people.examiner)
    page = browser.get(url(application)).content.decode()
    assert f'value="{people.second_examiner.pk}"' in page
    assert f'value="{people.examiner.pk}"' not in page
    answer = browser.post(url(application), {"note": "途中です"})
    assert answer.status_code == 422
    assert "途中です" in answer.content.decode()
    done = browser.post(url(application), {"taker": str(people.second_examiner.pk), "note": "途中です"}, follow=True)
    assert people.second_examiner.name in done.content.decode()
    assert signed_in(people.second_examiner).get("/examination/?scope=mine").context["rows"]


def test_the_page_does_not_exist_for_whoever_may_not(application: Application, people: People) -> None:
    cases.claimed(application, people)
    for person in (people.hanako, people.agent, people.auditor):
        assert Client.get(signed_in(person), url(application)).status_code == 404
