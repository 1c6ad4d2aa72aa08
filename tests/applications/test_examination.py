"""Examining: one's own case never, every item with evidence, the telephone by a third party's number."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from applications.models import Application, ExaminationItem
from applications.rules import sheet
from applications.rules.sheet import Verdict
from applications.services import examination
from applications.services.examination import Talk
from audit.models import Event
from audit.refusals import NotAllowed, RuleViolated, Stale
from tests.applications import cases
from tests.people import ORIGIN, People


def judge(application: Application, people: People, key: str, verdict: Verdict) -> ExaminationItem:
    return examination.judge(
        application=application, key=key, verdict=verdict, actor=people.examiner.actor(ORIGIN), at=timezone.now()
    )


def codes(raised: pytest.ExceptionInfo[RuleViolated]) -> list[str]:
    return [violation.code for violation in raised.value.violations]


@pytest.mark.clause("O-4.2")
def test_an_examiner_takes_the_case_that_is_due_next(application: Application, people: People) -> None:
    cases.submitted(people.jiro)
    taken = examination.claim_next(actor=people.examiner.actor(ORIGIN), at=timezone.now())
    assert taken is not None
    assert taken.receipt_number == application.receipt_number
    other = examination.claim_next(actor=people.second_examiner.actor(ORIGIN), at=timezone.now())
    assert other is not None
    assert other.pk != taken.pk
    assert examination.claim_next(actor=people.examiner.actor(ORIGIN), at=timezone.now()) is None


def test_taking_a_case_twice_changes_nothing(application: Application, people: People) -> None:
    cases.claimed(application, people)
    cases.claimed(application, people)
    assert Event.objects.filter(act="application:claim").count() == 1


def test_a_colleagues_case_is_not_taken_away(application: Application, people: People) -> None:
    cases.claimed(application, people)
    with pytest.raises(Stale):
        examination.claim(application=application, actor=people.second_examiner.actor(ORIGIN), at=timezone.now())


def test_nobody_examines_their_own_application(issuing: object, people: People) -> None:
    cases.load_rules()
    own = cases.submitted(people.examiner, person_name="デモ 審査", person_reading="デモ シンサ")
    with pytest.raises(NotAllowed):
        examination.claim(application=own, actor=people.examiner.actor(ORIGIN), at=timezone.now())
    assert examination.claim_next(actor=people.examiner.actor(ORIGIN), at=timezone.now()) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=own.pk).update(examiner=people.examiner)


def test_whoever_does_not_have_the_case_can_judge_nothing(application: Application, people: People) -> None:
    with pytest.raises(Stale):
        judge(application, people, "common_name", Verdict("matches", "登記 1 行目"))


@pytest.mark.clause("O-4.2")
def test_a_result_that_needs_evidence_is_kept_only_with_it(application: Application, people: People) -> None:
    cases.claimed(application, people)
    with pytest.raises(RuleViolated) as raised:
        judge(application, people, "common_name", Verdict("matches"))
    assert codes(raised) == ["evidence_missing"]
    item = judge(application, people, "common_name", Verdict("matches", "登記 1 行目"))
    assert (item.result, item.evidence, item.person) == ("matches", "登記 1 行目", people.examiner)


def test_a_doubt_needs_a_note(application: Application, people: People) -> None:
    cases.claimed(application, people)
    with pytest.raises(RuleViolated) as raised:
        judge(application, people, "common_name", Verdict("differs"))
    assert codes(raised) == ["note_missing"]


@pytest.mark.clause("O-4.2", "O-17.1")
def test_a_number_out_of_the_form_proves_nothing(application: Application, people: People) -> None:
    cases.claimed(application, people)
    own = {**cases.TELEPHONE, "number": "０８０−００００−１２３４".translate(str.maketrans("０１２３４８−", "012348-"))}
    with pytest.raises(RuleViolated) as raised:
        judge(application, people, "telephone", Verdict("passed", telephone=own))
    assert codes(raised) == ["number_of_the_form"]
    kept = judge(application, people, "telephone", Verdict("passed", telephone=cases.TELEPHONE))
    assert kept.telephone["source"] == "電話帳データベース"


def test_a_call_without_source_person_and_result_is_not_kept(application: Application, people: People) -> None:
    cases.claimed(application, people)
    with pytest.raises(RuleViolated) as raised:
        judge(application, people, "telephone", Verdict("passed", telephone={"number": "03-0000-9999"}))
    assert codes(raised) == ["source_missing", "spoke_with_missing", "result_missing"]


@pytest.mark.clause("J-3.2")
def test_everything_that_is_printed_is_on_the_sheet(application: Application) -> None:
    assert application.order is not None
    ruleset = application.rules.ruleset
    printed = sheet.printed_of(ruleset, application.order.frozen)
    examined = {part.code for item in sheet.sheet_of(ruleset, printed) for part in item.printed}
    assert examined >= {part.code for part in printed if part.field_keys}
    assert {"OU2", "CN", "O", "ST", "L", "SAN"} <= examined
    shown = {part.code: part.value for part in printed}
    assert shown["CN"] == "Hanako Kaku"
    assert shown["OU2"] == "Purchasing, Director"


def test_hidden_characters_in_a_note_are_refused(application: Application, people: People) -> None:
    cases.claimed(application, people)
    with pytest.raises(RuleViolated):
        examination.write_findings(
            application=application, text="問題なし\u202e", actor=people.examiner.actor(ORIGIN), at=timezone.now()
        )


@pytest.mark.clause("O-17.1")
def test_a_call_to_the_applicant_stays_with_the_application(application: Application, people: People) -> None:
    talk = Talk("telephone", "架空 花子", "英字の綴りを確かめた")
    examination.log_contact(application=application, talk=talk, actor=people.examiner.actor(ORIGIN), at=timezone.now())
    assert application.contacts.get().text == "英字の綴りを確かめた"
    assert Event.objects.filter(act="application:contact", story=application.story).exists()


def test_a_case_put_back_keeps_what_was_found(application: Application, people: People) -> None:
    cases.claimed(application, people)
    judge(application, people, "common_name", Verdict("matches", "登記 1 行目"))
    examination.release(application=application, actor=people.examiner.actor(ORIGIN), at=timezone.now())
    application.refresh_from_db()
    assert (application.status, application.examiner) == ("submitted", None)
    assert application.items.count() == 1
