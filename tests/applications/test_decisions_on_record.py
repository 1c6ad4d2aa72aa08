"""Nothing that was decided or said is lost, and a decision binds to the page that was seen."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from applications.models import Application, Decision
from applications.services import answering, asking, deciding, examination
from applications.services.asking import Question, Wish
from applications.services.deciding import Refusal
from audit.refusals import Stale
from tests.applications import cases
from tests.people import ORIGIN, People, signed_in

WHY = Wish("free-1", {"ja": "綴りの理由", "en": "Reason of the spelling"}, kind="text")


def send_back(application: Application, people: People, note: str) -> Application:
    return deciding.send_back(
        application=application, note=note, actor=people.approver.actor(ORIGIN), at=timezone.now()
    )


def recommend(application: Application, people: People, seen: str = "") -> Application:
    return deciding.recommend(
        application=application,
        seen=seen or cases.seen_of(application),
        actor=people.examiner.actor(ORIGIN),
        at=timezone.now(),
    )


def refusing(application: Application, people: People, text: str) -> Application:
    """Propose to refuse, as the examiner."""
    return deciding.propose_refusal(
        application=application,
        refusal=Refusal("unsuitable", text),
        seen=cases.seen_of(application),
        actor=people.examiner.actor(ORIGIN),
        at=timezone.now(),
    )


@pytest.mark.clause("O-4.2")
def test_every_note_proposal_and_refusal_stays_readable_on_the_case(application: Application, people: People) -> None:
    cases.recommended(application, people)
    send_back(application, people, "英字の綴りをもう一度")
    refusing(application, people, "部署名が書類にありません。")
    send_back(application, people, "電話でも確かめてください")
    refusing(application, people, "部署名が書類にも電話でも確かめられません。")
    deciding.refuse(
        application=application,
        refusal=Refusal("unsuitable", "部署名を確かめられませんでした。"),
        seen=cases.seen_of(application),
        actor=people.approver.actor(ORIGIN),
        at=timezone.now(),
    )
    page = signed_in(people.approver).get(f"/examination/{application.pk}/").content.decode()
    said = (
        "もう一度",
        "部署名が書類にありません。",
        "電話でも確かめて",
        "書類にも電話でも",
        "確かめられませんでした。",
    )
    assert all(words in page for words in said)
    assert [row.round for row in application.decisions.all()] == [1, 1, 2, 2, 3, 3]
    own = signed_in(people.hanako).get(f"/applications/{application.pk}/").content.decode()
    assert "部署名を確かめられませんでした。" in own
    assert "O-4.3.4" in own
    assert "電話でも確かめて" not in own


def test_what_was_decided_is_neither_changed_nor_deleted(application: Application, people: People) -> None:
    cases.recommended(application, people)
    row = Decision.objects.filter(application=application)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.update(text="")
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


def test_a_person_who_examined_or_applied_is_refused_by_the_database_itself(
    application: Application, people: People
) -> None:
    """Fault 6: applicant, examiner and approver are three people, whatever the code does."""
    cases.recommended(application, people)
    row = Application.objects.filter(pk=application.pk)
    for person in (people.examiner, people.hanako):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(decided_by=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(examiner=people.hanako)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(
            application=application,
            round=1,
            digest="",
            kind=Decision.APPROVED,
            applicant=people.hanako,
            person=people.hanako,
            at=timezone.now(),
        )


def test_a_page_from_before_a_return_approves_nothing_afterwards(application: Application, people: People) -> None:
    """Fault 7: contents are the same, but what the examiner found is no longer what the approver saw."""
    seen = cases.seen_of(cases.recommended(application, people))
    send_back(application, people, "電話の記録を直してください")
    examination.write_findings(
        application=application, text="かけ直した", actor=people.examiner.actor(ORIGIN), at=timezone.now()
    )
    recommend(application, people)
    with pytest.raises(Stale):
        deciding.approve(application=application, seen=seen, actor=people.approver.actor(ORIGIN), at=timezone.now())
    application.refresh_from_db()
    assert application.status == "awaiting_approval"


@pytest.mark.clause("O-4.2")
def test_an_answer_in_words_changes_what_is_bound(application: Application, people: People) -> None:
    cases.judged(application, people)
    before, seen = cases.order_of(application).digest, cases.seen_of(application)
    request = asking.ask(
        application=application, question=Question([WHY]), actor=people.examiner.actor(ORIGIN), at=timezone.now()
    )
    answering.answer(
        request=request, texts={"free-1": "旅券の綴りです。"}, actor=people.hanako.actor(ORIGIN), at=timezone.now()
    )
    assert cases.order_of(application).digest != before
    with pytest.raises(Stale):
        recommend(application, people, seen)
    assert recommend(application, people).status == "awaiting_approval"
