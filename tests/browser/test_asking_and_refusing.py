"""An application that needs more, and one that is refused: nothing is typed twice and no new key is made."""

import re

import pytest

from lra_portal.demo.people import APPROVER, EXAMINER, HARUKA, WAKANA, Person
from tests.browser import acts
from tests.browser.acts import Answers
from tests.browser.conftest import Visitors
from tests.browser.visitor import Visitor


def member(person: Person, number: str) -> Answers:
    """Return what a member fills in."""
    initial, family = person.latin[0], person.latin.split()[-1]
    return Answers(
        slug="member-client",
        applicant={
            "person_name": person.name.removesuffix("（デモ）"),
            "person_reading": person.reading,
            "phone": person.phone,
        },
        certificate={
            "person_latin": f"{initial}. {family}",
            "member_number": number,
            "email": person.email,
        },
        documents={"identity_document": False},
    )


def claim(examiner: Visitor, receipt: str) -> str:
    """Take a case out of the queue; return its address."""
    acts.open_case(examiner, receipt)
    examiner.send("/claim/")
    return examiner.page.url.split("#")[0].split("?")[0]


def ask(examiner: Visitor, case: str) -> None:
    """Ask for a document and for an answer in words, each with its own text."""
    examiner.go(f"{case}ask/")
    page = examiner.page
    page.locator("[name='doc-identity_document']").check()
    page.locator("[name='doc-identity_document-note']").fill("裏面もお願いします。")
    page.locator("[name=free-1]").fill("改姓の理由")
    page.locator("[name=free-1-note]").fill("書類と名前が違う理由を書いてください。")
    page.locator("button[value=send]").click()
    page.wait_for_load_state()
    examiner.look()


@pytest.mark.clause("O-4.2")
def test_more_is_asked_for_and_answered_item_by_item(visitors: Visitors) -> None:
    wakana, examiner = visitors(WAKANA), visitors(EXAMINER)
    wakana.sign_in()
    examiner.sign_in()
    receipt = acts.apply(wakana, member(WAKANA, "M-000881"), acts.request_text())
    own = wakana.page.url
    ask(examiner, claim(examiner, receipt))
    wakana.mail("裏面もお願いします。")
    wakana.go(f"{own}answer/")
    page = wakana.page
    page.locator("[name^='answer-q']").fill("結婚したためです。")
    page.locator("button[value=send]").click()
    page.wait_for_load_state()
    wakana.look()
    assert "結婚したためです。" in page.locator("[name^='answer-q']").input_value()
    section = page.locator("#document-identity_document")
    section.locator("input[type=file]").set_input_files(
        {"name": "back.pdf", "mimeType": "application/pdf", "buffer": acts.pdf()}
    )
    section.locator("button[value^='add:']").click()
    page.wait_for_load_state()
    assert "back.pdf" in section.inner_text()
    assert page.locator("[name^='answer-q']").input_value() == "結婚したためです。"
    page.locator("button[value=send]").click()
    page.wait_for_load_state()
    wakana.look()
    acts.open_case(examiner, receipt)
    assert "結婚したためです。" in examiner.text()
    wakana.go(f"{own}withdraw/")
    wakana.page.locator("main form[method=post] button").last.click()
    wakana.page.wait_for_load_state()


@pytest.mark.clause("O-4.2", "O-4.3.1")
def test_a_refused_application_begins_anew_without_typing_again_or_a_new_key(visitors: Visitors) -> None:
    haruka, examiner, approver = visitors(HARUKA), visitors(EXAMINER), visitors(APPROVER)
    for visitor in (haruka, examiner, approver):
        visitor.sign_in()
    receipt = acts.apply(haruka, member(HARUKA, "M-000882"), acts.request_text())
    own = haruka.page.url
    case = claim(examiner, receipt)
    examiner.follow("/propose-refusal/")
    fill_refusal(examiner, "裏面の写しがありません。加えて、もう一度申請してください。")
    approver.go(f"{case}refuse/")
    approver.press_in_form("input[name=seen]")
    haruka.go(own)
    assert "裏面の写しがありません。" in haruka.text()
    assert "O-4.3.1" in haruka.text()
    haruka.send("/again/")
    assert haruka.page.locator("[name=person_name]").input_value() == "山本 遥"
    newer = submit_unchanged(haruka)
    assert newer != receipt
    haruka.go(f"{haruka.page.url}withdraw/")
    haruka.page.locator("main form[method=post] button").last.click()
    haruka.page.wait_for_load_state()


def fill_refusal(visitor: Visitor, text: str) -> None:
    """Choose the first ground, write the text, and hand the proposal on."""
    visitor.page.locator("[name=ground][value=procedure]").check(force=True)
    visitor.page.locator("[name=text]").fill(text)
    visitor.press_in_form("input[name=seen]")
    visitor.look()


def submit_unchanged(visitor: Visitor) -> str:
    """Go through the form without writing anything, agree and submit; return the new receipt number."""
    page = visitor.page
    for _step in range(2):
        page.locator("#step-form button[value=next]").click()
        page.wait_for_load_state()
        visitor.look()
    page.locator("form[action$='/form/documents/'] button[value=next]").click()
    page.wait_for_load_state()
    for box in page.locator("input[name=consent]").all():
        box.check()
    visitor.send("/submit/")
    found = re.search(r"\d{4}-\d{6}", visitor.text())
    assert found, visitor.text()
    return found[0]
