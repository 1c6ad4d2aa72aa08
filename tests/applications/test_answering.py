"""The applicant answers what the examiner asked for, item by item; the clock and the order follow (O-4.2)."""

from collections.abc import Iterator

import pytest
import time_machine

from applications.models import Application, InformationRequest
from applications.services import asking, examination
from applications.services.asking import Question, Wish
from certificates.models import Approval
from tests.applications.applying import Applying, file, pdf
from tests.instants import FRIDAY_17_59, TUESDAY_AFTER_THE_HOLIDAY_9_00, WEDNESDAY_11_00
from tests.people import ORIGIN, People, signed_in

pytestmark = pytest.mark.usefixtures("issuing")
IDENTITY = Wish("identity_document", {"ja": "本人確認書類", "en": "Identity document"}, "裏面もお願いします。")
REASON = Wish("free-1", {"ja": "改姓の理由", "en": "Reason"}, "", "text")


@pytest.fixture
def applying(people: People, demo_rules: None) -> Iterator[Applying]:
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        yield Applying(people.hanako)


@pytest.fixture
def asked(applying: Applying, people: People) -> InformationRequest:
    """An application for which more was asked on Friday at 17:59."""
    draft = applying.filled()
    applying.submit(draft, WEDNESDAY_11_00)
    draft.refresh_from_db()
    actor = people.examiner.actor(ORIGIN)
    held = examination.claim(application=draft, actor=actor, at=WEDNESDAY_11_00)
    question = Question([IDENTITY, REASON], "免許証の裏面が足りません。")
    return asking.ask(application=held, question=question, actor=actor, at=FRIDAY_17_59)


def answer(applying: Applying, application: Application, text: str) -> int:
    said = {"answer-free-1": text, "act": "send"}
    return applying.browser.post(f"/applications/{application.pk}/answer/", said).status_code


@pytest.mark.clause("O-4.2")
def test_home_and_page_say_what_is_asked_and_until_when(applying: Applying, asked: InformationRequest) -> None:
    with time_machine.travel(FRIDAY_17_59, tick=False):
        browser = signed_in(applying.person)
        for place in (
            "/home/",
            f"/applications/{asked.application_id}/",
            f"/applications/{asked.application_id}/answer/",
        ):
            assert "免許証の裏面が足りません。" in browser.get(place).content.decode(), place


@pytest.mark.clause("O-4.2")
def test_an_answer_without_the_document_is_not_sent_and_the_text_stays(
    applying: Applying, asked: InformationRequest
) -> None:
    with time_machine.travel(FRIDAY_17_59, tick=False):
        browser = signed_in(applying.person)
        page = browser.post(
            f"/applications/{asked.application_id}/answer/", {"answer-free-1": "結婚のため。\r\n以上です。"}
        )
    assert page.status_code == 422
    assert "結婚のため。" in page.content.decode()
    asked.refresh_from_db()
    assert (asked.answered_at, asked.application.status) == (None, "waiting_information")


@pytest.mark.clause("O-4.2")
def test_the_answer_sends_the_application_back_with_its_clock_and_a_new_round_of_the_order(
    applying: Applying, asked: InformationRequest
) -> None:
    before = asked.application.digest
    with time_machine.travel(TUESDAY_AFTER_THE_HOLIDAY_9_00, tick=False):
        applying.browser = signed_in(applying.person)
        assert applying.hand_in(asked.application, "identity_document", pdf("back")).status_code == 302
        assert answer(applying, asked.application, "結婚のため。") == 302
        assert answer(applying, asked.application, "もう一度") == 302
    asked.refresh_from_db()
    application = asked.application
    assert (asked.answers, application.status) == ({"free-1": "結婚のため。"}, "examining")
    # One minute of service time was left on Friday when the clock stopped.
    assert application.due_at == TUESDAY_AFTER_THE_HOLIDAY_9_00.replace(minute=1)
    assert application.digest != before
    order = application.order
    assert order is not None
    assert (order.round, order.frozen["application_digest"]) == (2, application.digest)
    assert Approval.objects.filter(order=order, round=2, role="applicant", person=applying.person).exists()


def test_a_text_that_cannot_be_read_is_refused_in_words(applying: Applying, asked: InformationRequest) -> None:
    with time_machine.travel(FRIDAY_17_59, tick=False):
        applying.browser = signed_in(applying.person)
        applying.hand_in(asked.application, "identity_document", pdf("back"))
        for text in ("\x00", "a\u202eb", "x" * 2001, "", "  "):
            assert answer(applying, asked.application, text) == 422, repr(text)
    asked.refresh_from_db()
    assert asked.answered_at is None


def test_what_was_examined_already_can_not_be_taken_out_but_a_new_document_can(
    applying: Applying, asked: InformationRequest
) -> None:
    application = asked.application
    old = application.uploads.get()
    with time_machine.travel(FRIDAY_17_59, tick=False):
        applying.browser = signed_in(applying.person)
        applying.hand_in(application, "identity_document", pdf("back"))
        new = application.uploads.exclude(pk=old.pk).get()
        for upload, status in ((old, 409), (new, 302)):
            place = f"/applications/{application.pk}/documents/{upload.pk}/remove/"
            assert applying.browser.post(place).status_code == status


def test_a_hostile_file_in_an_answer_is_refused_beside_its_item(applying: Applying, asked: InformationRequest) -> None:
    with time_machine.travel(FRIDAY_17_59, tick=False):
        applying.browser = signed_in(applying.person)
        page = applying.hand_in(asked.application, "identity_document", b"<html>")
    assert page.status_code == 422
    assert 'class="error"' in page.content.decode()


def test_without_a_question_the_page_of_the_answer_leads_back(applying: Applying) -> None:
    draft = applying.filled()
    applying.submit(draft, WEDNESDAY_11_00)
    assert applying.browser.get(f"/applications/{draft.pk}/answer/").status_code == 302


def test_what_is_written_is_kept_while_files_come_and_go(applying: Applying, asked: InformationRequest) -> None:
    place = f"/applications/{asked.application_id}/answer/"
    said = {"answer-free-1": "結婚の", "answer": "よろしく"}
    with time_machine.travel(FRIDAY_17_59, tick=False):
        browser = signed_in(applying.person)
        add = {**said, "act": "add:identity_document", "identity_document-file": file(pdf("back"))}
        assert browser.post(place, add).status_code == 302
        page = browser.get(place)
        assert "結婚の" in page.content.decode()
        upload = asked.application.uploads.get(uploaded_at=FRIDAY_17_59)
        typed = {**said, "answer-free-1": "結婚のため", "act": f"remove:{upload.pk}"}
        assert browser.post(place, typed).status_code == 302
        bad = {**typed, "act": "add:identity_document", "identity_document-file": file(b"<html>")}
        refused = browser.post(place, bad)
    assert refused.status_code == 422
    assert "結婚のため" in refused.content.decode()
    asked.refresh_from_db()
    assert (asked.answers, asked.answer, asked.answered_at) == ({"free-1": "結婚のため"}, "よろしく", None)


@pytest.mark.clause("O-4.2")
def test_each_item_is_answered_by_itself_in_words_or_by_a_file(applying: Applying, asked: InformationRequest) -> None:
    place = f"/applications/{asked.application_id}/answer/"
    with time_machine.travel(FRIDAY_17_59, tick=False):
        browser = signed_in(applying.person)
        nothing = browser.post(place, {"act": "send", "answer": "よろしく"})
        assert nothing.status_code == 422
        wrong = [row.key for row in nothing.context["rows_asked"] if row.errors]
        assert wrong == ["identity_document", "free-1"]
        files = {"identity_document-file": file(pdf("back")), "free-1-file": file(pdf("family register"))}
        assert browser.post(place, {"act": "send", **files}).status_code == 302
    application = asked.application
    application.refresh_from_db()
    assert application.status == "examining"
    assert set(application.uploads.values_list("key", flat=True)) == {"identity_document", "free-1"}


def test_an_answer_after_the_application_lapsed_keeps_the_page_honest(
    applying: Applying, asked: InformationRequest
) -> None:
    Application.objects.filter(pk=asked.application_id).update(status="lapsed", status_since=FRIDAY_17_59)
    with time_machine.travel(FRIDAY_17_59, tick=False):
        browser = signed_in(applying.person)
        place = f"/applications/{asked.application_id}/"
        assert browser.post(f"{place}answer/", {"act": "send", "answer-free-1": "x"})["Location"] == place
        assert "免許証の裏面" not in browser.get(place).content.decode()
