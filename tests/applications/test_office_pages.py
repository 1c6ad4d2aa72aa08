"""The office's pages: what they show, to whom, and what they answer to people who are late or wrong."""

import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.utils import timezone

from accounts.models import RoleGrant
from applications.models import Application
from applications.services import intake, looking
from audit.models import Event
from audit.refusals import NotAllowed
from tests.applications import cases
from tests.people import ORIGIN, TOTP_SECRET, People, signed_in


@pytest.fixture
def examiner(people: People) -> Client:
    return signed_in(people.examiner)


@pytest.fixture
def approver(people: People) -> Client:
    return signed_in(people.approver)


def case_url(application: Application, act: str = "") -> str:
    return f"/examination/{application.pk}/{act}"


def test_the_queue_shows_what_waits_by_due_time(examiner: Client, application: Application, people: People) -> None:
    later = cases.submitted(people.jiro)
    Application.objects.filter(pk=application.pk).update(due_at=timezone.now())
    page = examiner.get("/examination/").content.decode()
    assert page.index(application.receipt_number or "?") < page.index(later.receipt_number or "?")


@pytest.mark.parametrize("text", ["2026-0", "架空", "カクウ", "かくう", "見本精機"])
def test_a_case_is_found_by_number_name_reading_and_company(
    examiner: Client, application: Application, text: str
) -> None:
    text = (application.receipt_number or "") if text == "2026-0" else text
    page = examiner.get("/examination/", {"q": text}).content.decode()
    assert str(application.pk) in page


def test_an_absent_name_and_a_broken_page_key_find_nothing_and_break_nothing(
    examiner: Client, application: Application
) -> None:
    assert str(application.pk) not in examiner.get("/examination/", {"q": "不在"}).content.decode()
    assert examiner.get("/examination/", {"after": "x~y", "q": "\x00"}).status_code == 200


def rows_of(page: str) -> dict[str, str]:
    """The markup of each item of the sheet, by its key."""
    pieces = re.split(r'<(?:tr|li) id="item-([a-z_]+)"', page)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


@pytest.mark.clause("O-4.2", "J-3.2")
def test_the_result_of_each_item_stands_on_the_page_of_examiner_and_approver(
    examiner: Client, approver: Client, application: Application, people: People
) -> None:
    cases.judged(application, people)
    answered = set(application.items.filter(person__isnull=False).values_list("key", flat=True))
    rows = rows_of(examiner.get(case_url(application)).content.decode())
    assert answered
    assert {key for key in answered if " checked" not in rows[key]} == set()
    rows = rows_of(approver.get(case_url(application)).content.decode())
    assert {key for key in answered if "status--" not in rows[key] or 'type="radio"' in rows[key]} == set()


@pytest.mark.clause("O-4.2")
def test_an_examiner_works_a_case_off_page_by_page(examiner: Client, application: Application) -> None:
    taken = examiner.post("/examination/next/", follow=True)
    assert taken.redirect_chain[-1][0].startswith(case_url(application))
    kept = examiner.post(case_url(application, "items/common_name/"), {"result": "matches", "evidence": "登記 1 行目"})
    assert kept.status_code == 302
    item = application.items.get()
    assert (item.key, item.result) == ("common_name", "matches")


def test_what_was_typed_stays_when_it_can_not_be_kept(examiner: Client, application: Application) -> None:
    examiner.post(case_url(application, "claim/"))
    answer = examiner.post(
        case_url(application, "items/telephone/"), {"result": "passed", "number": "080-0000-1234", "source": "名刺"}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="080-0000-1234"' in page
    assert 'value="名刺"' in page
    assert not application.items.exists()


def test_handing_on_too_early_names_what_is_missing(examiner: Client, application: Application) -> None:
    examiner.post(case_url(application, "claim/"))
    answer = examiner.post(case_url(application, "recommend/"), {"seen": cases.seen_of(application)})
    assert answer.status_code == 422
    assert "証明書に載る氏名（CN）" in answer.content.decode()


def test_the_approver_sees_the_consequences_before_the_button(
    approver: Client, application: Application, people: People
) -> None:
    cases.recommended(application, people)
    page = approver.get(case_url(application, "approve/"))
    seen = cases.seen_of(application)
    assert seen in page.content.decode()
    assert approver.post(case_url(application, "approve/"), {"seen": seen}).status_code == 302
    assert cases.order_of(application).status == "queued"


def test_a_page_that_was_overtaken_is_answered_with_a_conflict(
    approver: Client, application: Application, people: People
) -> None:
    seen = cases.seen_of(cases.recommended(application, people))
    intake.withdraw(application=application, actor=people.hanako.actor(ORIGIN), at=timezone.now())
    answer = approver.post(case_url(application, "approve/"), {"seen": seen})
    assert answer.status_code == 409
    assert cases.order_of(application).status == "cancelled"


def test_whoever_applied_sees_who_may_decide_and_no_button(application: Application, people: People) -> None:
    RoleGrant.objects.create(user=people.hanako, role="approver", granted_by=None, granted_at=timezone.now())
    cases.recommended(application, people)
    browser = signed_in(people.hanako)
    TOTP.activate(people.hanako, TOTP_SECRET)
    page = browser.get(case_url(application)).content.decode()
    assert case_url(application, "approve/") not in page
    assert 'class="decision"' in page
    assert browser.post(case_url(application, "approve/"), {"seen": "x"}).status_code in {403, 409}


@pytest.mark.clause("O-9")
def test_masked_data_shows_only_after_a_reason_which_is_on_record(
    examiner: Client, application: Application, people: People
) -> None:
    assert "080-0000-1234" not in examiner.get(case_url(application)).content.decode()
    assert examiner.post(case_url(application, "look/"), {"field": "direct_phone", "reason": " "}).status_code == 422
    hidden = {"field": "direct_phone", "reason": "\x00"}
    assert examiner.post(case_url(application, "look/"), hidden).status_code == 422
    page = examiner.post(case_url(application, "look/"), {"field": "direct_phone", "reason": "折り返しの電話"})
    assert "080-0000-1234" in page.content.decode()
    event = Event.objects.get(act="personal_data:look", outcome="done")
    assert event.person_id == people.examiner.pk
    assert event.details.body == {"field": "direct_phone", "reason": "折り返しの電話"}


@pytest.mark.clause("O-9")
def test_the_call_center_gets_no_page_of_an_application_by_asking_for_a_value(
    application: Application, people: People
) -> None:
    sent = {"field": "direct_phone", "reason": "折り返しの電話"}
    assert signed_in(people.agent).post(case_url(application, "look/"), sent).status_code == 404
    with pytest.raises(NotAllowed):
        looking.look_at_value(
            application=application, key="direct_phone", reason="x", actor=people.agent.actor(), at=timezone.now()
        )
    assert not Event.objects.filter(act="personal_data:look", outcome="done").exists()


@pytest.mark.clause("O-9")
def test_opening_a_document_is_on_record_and_comes_as_an_attachment(examiner: Client, application: Application) -> None:
    upload = application.uploads.all()[0]
    image = examiner.get(f"/documents/{upload.pk}/pages/1.png")
    assert image["Content-Type"] == "image/png"
    assert image.content.startswith(b"\x89PNG")
    file = examiner.get(f"/documents/{upload.pk}/file/")
    assert file["Content-Disposition"].startswith("attachment")
    assert Event.objects.filter(act="blob:open", story=application.story).count() == 2


def test_a_draft_does_not_exist_for_the_office(examiner: Client, application: Application) -> None:
    draft = Application.objects.create(
        applicant=application.applicant,
        rules=application.rules,
        status_since=timezone.now(),
        created_at=timezone.now(),
        saved_at=timezone.now(),
    )
    assert examiner.get(case_url(draft)).status_code == 404


def test_asking_shows_the_mail_before_it_goes(examiner: Client, application: Application) -> None:
    examiner.post(case_url(application, "claim/"))
    typed = {"doc-company_register": "on", "message": "発行日が読めません。<b>", "business_days": "5"}
    preview = examiner.post(case_url(application, "ask/"), {**typed, "act": "preview"}).content.decode()
    # The mail is plain text; on the page nothing of it is markup.
    assert "発行日が読めません。&lt;b&gt;" in preview
    assert "発行日が読めません。<b>" not in preview
    application.refresh_from_db()
    assert application.status == "examining"
    assert examiner.post(case_url(application, "ask/"), {**typed, "act": "send"}).status_code == 302
    application.refresh_from_db()
    assert application.status == "waiting_information"


@pytest.mark.clause("O-4.2")
def test_a_request_names_documents_and_items_each_with_its_own_words(
    examiner: Client, application: Application
) -> None:
    examiner.post(case_url(application, "claim/"))
    typed = {
        "doc-company_register": "on",
        "doc-company_register-note": "発行日の見える写しをください。",
        "item-common_name": "on",
        "free-1": "社員証",
        "free-1-note": "旧姓の記載があるものをください。",
        "business_days": "3",
        "act": "send",
    }
    bare = examiner.post(case_url(application, "ask/"), typed)
    assert bare.status_code == 422
    assert "旧姓の記載があるものをください。" in bare.content.decode()
    asked = {**typed, "item-common_name-note": "旅券の綴りを書いてください。"}
    assert examiner.post(case_url(application, "ask/"), asked).status_code == 302
    items = application.information_requests.get().items
    assert [(item["kind"], item["note"]) for item in items] == [
        ("document", "発行日の見える写しをください。"),
        ("text", "旅券の綴りを書いてください。"),
        ("text", "旧姓の記載があるものをください。"),
    ]
    assert [item["key"] for item in items] == ["company_register", "q1-2", "q1-3"]
    assert [item["about"] for item in items] == ["", "common_name", ""]


def test_what_was_proposed_and_sent_back_is_not_written_twice(
    examiner: Client, approver: Client, application: Application, people: People
) -> None:
    cases.claimed(application, people)
    said = {"ground": "unsuitable", "text": "書類が読めません。", "seen": cases.seen_of(application)}
    assert examiner.post(case_url(application, "propose-refusal/"), said).status_code == 302
    assert approver.post(case_url(application, "return/"), {"note": "もう一度"}).status_code == 302
    form = examiner.get(case_url(application, "propose-refusal/")).content.decode()
    assert "書類が読めません。" in form
    assert re.search(r'value="unsuitable"[^>]* checked', form)


def test_a_refusal_without_a_text_stays_on_its_page(approver: Client, application: Application, people: People) -> None:
    seen = cases.seen_of(cases.recommended(application, people))
    answer = approver.post(case_url(application, "refuse/"), {"ground": "unsuitable", "text": "", "seen": seen})
    assert answer.status_code == 422
    application.refresh_from_db()
    assert application.status == "awaiting_approval"
