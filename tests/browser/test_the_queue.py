"""A morning at the queue in Chromium, without the mouse: down, take, hand over, search; and news that move nothing."""

import re

import pytest

from lra_portal.demo.people import EXAMINER, MINORI, SECOND_EXAMINER
from tests.browser import acts
from tests.browser.acts import Answers
from tests.browser.conftest import Visitors
from tests.browser.visitor import Visitor

MEMBER = Answers(
    slug="member-client",
    applicant={"person_name": "佐藤 みのり", "person_reading": "サトウ ミノリ", "phone": "03-0000-0103"},
    certificate={"person_latin": "Minori Sato", "member_number": "M-000555", "email": "minori@demo.example"},
    documents={"identity_document": False},
)
NEWS = """htmx.ajax('GET', '/examination/news/?since=2026-01-01T00%3A00%3A00%2B09%3A00',
    {target: '#tallies', select: '#tallies', swap: 'outerHTML'})"""


@pytest.mark.processes
@pytest.mark.clause("O-4.2")
def test_the_queue_is_worked_off_with_the_keyboard_alone(visitors: Visitors) -> None:
    minori, examiner, other = visitors(MINORI), visitors(EXAMINER), visitors(SECOND_EXAMINER)
    for person in (minori, examiner, other):
        person.sign_in()
    number = acts.apply(minori, MEMBER, acts.request_text())
    keys_are_listed_and_can_be_switched_off(examiner)
    news_are_announced_and_move_nothing(examiner)
    examiner.page.keyboard.press("/")
    examiner.page.keyboard.type(number)
    examiner.page.keyboard.press("Enter")
    examiner.page.wait_for_url(re.compile(r"[?&]q="))
    examiner.look()
    for key, then in (("j", ""), ("a", "#row-"), ("h", "/hand-over/$")):
        examiner.page.keyboard.press(key)
        if then:
            examiner.page.wait_for_url(re.compile(then))
    examiner.look()
    examiner.page.locator("input[name=taker]").first.check(force=True)
    examiner.page.locator("textarea[name=note]").fill("午前は会議のため、続きをお願いします。")
    examiner.page.locator("form:has(textarea) button[type=submit]").click()
    examiner.page.wait_for_url(re.compile("/examination/$"))
    examiner.look()
    other.go("/examination/?scope=mine")
    assert number in other.text()


def keys_are_listed_and_can_be_switched_off(examiner: Visitor) -> None:
    """Look at the list of keys, type into a field, switch the keys off and on again."""
    examiner.go("/examination/")
    page = examiner.page
    page.keyboard.press("?")
    listed = {text.strip() for text in page.locator("dialog[open] dt").all_inner_texts()}
    assert {"J K", "N", "/", "A", "1"} <= listed, listed
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("jn1")
    assert page.locator("#q").input_value() == "jn1"
    for on in (False, True):
        page.locator("[data-keys-toggle]").click()
        page.locator("[data-keys-toggle]").blur()
        page.keyboard.press("1")
        if on:
            page.wait_for_url(re.compile("scope=overdue"))
        assert ("scope=overdue" in page.url) == on


def news_are_announced_and_move_nothing(examiner: Visitor) -> None:
    """Hear of new rows while a line has the focus, and show them only when asked to."""
    examiner.go("/examination/")
    page = examiner.page
    page.keyboard.press("j")
    held = focused(examiner)
    assert re.fullmatch(r"\d{4}-\d{6}", held)
    page.evaluate(NEWS)
    page.locator("#news .arrived").wait_for()
    assert focused(examiner) == held
    examiner.look()
    with page.expect_navigation():
        page.keyboard.press("u")
    assert not page.locator("#news .arrived").count()


def focused(visitor: Visitor) -> str:
    """Return the text of what has the focus."""
    return str(visitor.page.evaluate("document.activeElement.textContent")).strip()
