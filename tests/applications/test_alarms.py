"""Promised times are alarmed before they pass, once each, to whoever can act (G6)."""

from datetime import datetime, timedelta

import pytest
import time_machine

from accounts.models import Notice, User
from applications.models import Alarm, Application
from applications.services import alarms
from applications.worker.deadlines import CLOCK, sweep
from audit.models import Event
from tests.applications import cases
from tests.instants import MONDAY_9_00, SATURDAY_3_00, TOKYO
from tests.people import People


@pytest.fixture
def application(issuing: object, people: People, demo_rules: None) -> Application:
    """Received on Monday at nine, so due on Thursday at six: three business days."""
    with time_machine.travel(MONDAY_9_00, tick=False):
        return cases.submitted(people.hanako)


def raised(at: datetime) -> list[str]:
    """Return the stages raised by a sweep at this instant."""
    before = set(Alarm.objects.values_list("pk", flat=True))
    alarms.raise_due(actor=CLOCK, at=at)
    return sorted(Alarm.objects.exclude(pk__in=before).values_list("stage", flat=True))


def told() -> set[User]:
    return {notice.recipient for notice in Notice.objects.filter(kind="applications/alarm") if notice.recipient}


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, 0, tzinfo=TOKYO)


@pytest.mark.clause("O-4.2")
def test_a_case_that_nobody_takes_is_alarmed_at_half_time_when_the_office_is_open(
    application: Application, people: People
) -> None:
    assert application.due_at == at(19, 18)
    assert raised(at(17, 17)) == []
    assert raised(at(18, 3)) == []
    assert raised(at(18, 9)) == ["half", "near"]
    assert {people.examiner, people.second_examiner} == told()


@pytest.mark.clause("O-4.2")
def test_a_case_in_hand_is_alarmed_to_its_examiner_the_business_day_before(
    application: Application, people: People
) -> None:
    with time_machine.travel(at(16, 10), tick=False):
        cases.claimed(application, people)
    assert raised(at(17, 17)) == []
    assert raised(at(18, 9)) == ["near"]
    assert told() == {people.examiner}


def test_what_waits_for_approval_is_alarmed_to_the_approvers(application: Application, people: People) -> None:
    with time_machine.travel(at(16, 10), tick=False):
        cases.recommended(application, people)
    assert raised(at(18, 9)) == ["near"]
    assert told() == {people.approver, people.second_approver}


def test_each_alarm_is_raised_and_recorded_once_and_told_in_one_mail_a_person(
    application: Application, people: People
) -> None:
    with time_machine.travel(at(16, 9), tick=False):
        cases.submitted(people.jiro)
    with time_machine.travel(at(18, 9), tick=False):
        sweep()
        sweep()
    assert Alarm.objects.count() == 4
    assert Event.objects.filter(act="application:alarm").count() == 4
    mails = Notice.objects.filter(kind="applications/alarm", recipient=people.examiner)
    assert [len(mail.context["rows"]) for mail in mails] == [4]


def test_a_time_that_is_over_is_alarmed_at_any_hour_to_the_approvers_too(
    application: Application, people: People
) -> None:
    assert raised(at(19, 18)) == []
    assert raised(at(19, 18) + timedelta(seconds=1)) == ["over"]
    assert {people.approver, people.examiner} <= told()
    assert raised(SATURDAY_3_00) == []


def test_a_new_due_time_is_alarmed_anew(application: Application, people: People) -> None:
    assert raised(at(18, 9)) == ["half", "near"]
    Application.objects.filter(pk=application.pk).update(due_at=at(27, 18))
    assert raised(at(19, 9)) == []
    assert raised(at(27, 9)) == ["half", "near"]


def test_nothing_is_alarmed_while_the_applicant_has_to_answer_or_after_a_decision(
    application: Application, people: People
) -> None:
    Application.objects.filter(pk=application.pk).update(status="examining")
    Application.objects.filter(pk=application.pk).update(status="waiting_information")
    assert raised(at(24, 9)) == []


def test_nobody_is_alarmed_about_their_own_application(issuing: object, people: People) -> None:
    with time_machine.travel(MONDAY_9_00, tick=False):
        cases.load_rules()
        cases.submitted(people.examiner, person_name="デモ 審査", person_reading="デモ シンサ")
    assert raised(at(18, 9)) == ["half", "near"]
    assert told() == {people.second_examiner}
