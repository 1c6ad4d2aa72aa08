"""Asking for more: the clock stands still, the applicant is told, reminded once, and lapses without an answer."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Notice, User
from accounts.worker.mailing import render_notice
from applications.models import Application, InformationRequest
from applications.services import answering, asking, examination
from applications.services.asking import Question, Wish
from applications.worker import deadlines
from audit.models import Event
from audit.refusals import RuleViolated, Stale
from tests.applications import cases
from tests.instants import TOKYO, WEDNESDAY_11_00
from tests.people import ORIGIN, People

REGISTER = Wish("company_register", {"ja": "登記事項証明書", "en": "Company register extract"}, "3 か月以内のもの")


def ask(application: Application, people: People, question: Question) -> InformationRequest:
    return asking.ask(
        application=application, question=question, actor=people.examiner.actor(ORIGIN), at=timezone.now()
    )


@pytest.mark.clause("O-4.2")
def test_the_applicant_is_asked_by_mail_with_a_limit_in_business_days(application: Application, people: People) -> None:
    cases.claimed(application, people)
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        request = ask(application, people, Question([REGISTER], "英字の名前が分かる書類をください。", 3))
    application.refresh_from_db()
    assert application.status == "waiting_information"
    # Monday, November 23 is a holiday: three business days from Wednesday end on Tuesday.
    assert request.due_at.astimezone(TOKYO).isoformat() == "2026-11-24T18:00:00+09:00"
    notice = Notice.objects.get(kind="applications/information_requested")
    assert notice.recipient == people.hanako
    assert notice.context["items"][0]["label"]["ja"] == "登記事項証明書"


def test_an_empty_question_is_not_asked(application: Application, people: People) -> None:
    cases.claimed(application, people)
    for question in (Question(), Question([REGISTER], "", 0), Question([REGISTER], "", 99)):
        with pytest.raises(RuleViolated):
            ask(application, people, question)
    assert not Notice.objects.filter(kind="applications/information_requested").exists()


def test_nothing_is_asked_twice_at_once(application: Application, people: People) -> None:
    cases.claimed(application, people)
    ask(application, people, Question([REGISTER]))
    with pytest.raises(Stale):
        ask(application, people, Question([REGISTER]))


@pytest.mark.clause("O-4.2")
@pytest.mark.parametrize(("language", "announcing"), [("ja", "次のもの"), ("en", "the following")])
def test_a_question_without_items_announces_no_list(
    application: Application, people: People, language: str, announcing: str
) -> None:
    cases.claimed(application, people)
    User.objects.update(language=language)
    request = ask(application, people, Question((), "電話番号は今のものですか。"))
    with time_machine.travel(request.due_at - timedelta(hours=3), tick=False):
        deadlines.sweep()
    for kind in ("information_requested", "information_reminder"):
        _subject, body = render_notice(Notice.objects.get(kind=f"applications/{kind}"), timezone.now())
        assert "電話番号は今のものですか。" in body
        assert announcing not in body
        assert "\n\n\n" not in body


@pytest.mark.clause("O-4.2")
def test_the_answer_brings_the_case_back_with_the_time_that_was_left(application: Application, people: People) -> None:
    cases.claimed(application, people)
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        Application.objects.filter(pk=application.pk).update(due_at=WEDNESDAY_11_00 + timedelta(hours=2))
        request = ask(application, people, Question([REGISTER]))
    with time_machine.travel(WEDNESDAY_11_00 + timedelta(days=1), tick=False):
        cases.hand_in(application, "company_register", timezone.now())
        answering.answer(request=request, texts={}, actor=people.hanako.actor(ORIGIN), at=timezone.now())
    application.refresh_from_db()
    assert (application.status, application.examiner) == ("examining", people.examiner)
    assert application.due_at == WEDNESDAY_11_00 + timedelta(days=1, hours=2)


@pytest.mark.clause("O-4.2")
def test_whoever_does_not_answer_is_reminded_once_and_lapses(application: Application, people: People) -> None:
    cases.claimed(application, people)
    request = ask(application, people, Question([REGISTER]))
    with time_machine.travel(request.due_at - timedelta(hours=3), tick=False):
        deadlines.sweep()
        deadlines.sweep()
    assert Notice.objects.filter(kind="applications/information_reminder").count() == 1
    with time_machine.travel(request.lapses_at + timedelta(minutes=1), tick=False):
        deadlines.sweep()
        deadlines.sweep()
    assert cases.order_of(application).status == "cancelled"
    application.refresh_from_db()
    assert application.status == "lapsed"
    assert Notice.objects.filter(kind="applications/lapsed").count() == 1
    assert Event.objects.get(act="application:lapse").role == "system:deadlines"


def test_a_withdrawn_case_is_not_asked_about(application: Application, people: People) -> None:
    taken = examination.claim(application=application, actor=people.examiner.actor(ORIGIN), at=timezone.now())
    Application.objects.filter(pk=taken.pk).update(status="withdrawn")
    with pytest.raises(Stale):
        ask(taken, people, Question([REGISTER]))
