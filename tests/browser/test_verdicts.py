"""Verdicts at the examination page by mouse, with a server that is slow: nothing typed or chosen is ever lost."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, Route

from lra_portal.demo.people import EXAMINER, TSUMUGI
from tests.browser import acts
from tests.browser.acts import Answers
from tests.browser.conftest import Visitors
from tests.browser.test_applying import shoot
from tests.browser.visitor import Visitor

MEMBER = Answers(
    slug="member-client",
    applicant={"person_name": "大野 つむぎ", "person_reading": "オオノ ツムギ", "phone": "03-0000-0102"},
    certificate={"person_latin": "Tsumugi Ono", "member_number": "M-000886", "email": "tsumugi.ono@example.jp"},
    documents={"identity_document": False},
)
ITEMS = re.compile(r"/items/")


@contextmanager
def slow(page: Page) -> Iterator[list[Route]]:
    """Keep what the rows send back from the server until the test lets it go."""
    waiting: list[Route] = []
    page.route(ITEMS, lambda route: waiting.append(route))  # noqa: PLW0108 — Playwright marks its handler
    yield waiting
    page.unroute(ITEMS)


def let_go(page: Page, waiting: list[Route]) -> None:
    """Let the question that was asked first reach the server; come back when its answer is in the page."""
    await_question(page, waiting)
    with page.expect_response(ITEMS) as answered:
        waiting.pop(0).continue_()
    answered.value.finished()
    page.wait_for_timeout(50)


def let_all_go(page: Page, waiting: list[Route]) -> None:
    """Let everything reach the server, also what is asked only once an answer has come."""
    let_go(page, waiting)
    quiet = 0
    while quiet < 10:
        # A busy machine works on an answer long after it has come; only then does the page ask again.
        busy = page.locator(".htmx-request").count() > 0
        quiet = 0 if waiting or busy else quiet + 1
        while waiting:
            let_go(page, waiting)
        page.wait_for_timeout(30)


def await_question(page: Page, waiting: list[Route]) -> None:
    """Wait until the page has asked something; on a busy machine that takes a moment."""
    deadline = time.monotonic() + 10
    while not waiting:
        assert time.monotonic() < deadline, "nothing was sent"
        page.wait_for_timeout(10)


class Row:
    """One row of the comparison that was judged before."""

    def __init__(self, examiner: Visitor, number: int) -> None:
        page = examiner.page
        self.form = str(page.locator("form[action*='/items/']").nth(number).get_attribute("id"))
        self.page, self.key = page, self.form.removeprefix("form-")

    def radio(self, place: int) -> Locator:
        """Return a verdict of the row, by its place."""
        return self.page.locator(f"#{self.form} input[type=radio]").nth(place)

    def label(self, place: int) -> Locator:
        """Return what the mouse presses for a verdict."""
        return self.page.locator(f"#{self.form} label").nth(place)

    def field(self, name: str) -> Locator:
        """Return a field of the row, opened to be written into."""
        words = self.page.locator(f"#e-{self.key}")
        if words.get_attribute("open") is None:
            words.locator("summary").click()
        return self.page.locator(f"[form={self.form}][name={name}]").first

    def kept(self) -> tuple[list[bool], str, str]:
        """Return what the server has of the row: which verdict, evidence and note."""
        self.page.reload()
        verdicts = [self.radio(place).is_checked() for place in range(3)]
        return verdicts, self.field("evidence").input_value(), self.field("note").input_value()


@pytest.mark.clause("J-3.2")
def test_nothing_typed_or_chosen_with_the_mouse_is_lost_to_an_answer(visitors: Visitors) -> None:
    tsumugi, examiner = visitors(TSUMUGI), visitors(EXAMINER)
    tsumugi.sign_in()
    examiner.sign_in()
    number = acts.apply(tsumugi, MEMBER, acts.request_text())
    acts.open_case(examiner, number)
    examiner.send("/claim/")
    for position in range(2):
        acts.judge(examiner, str(examiner.page.locator("form[action*='/items/']").nth(position).get_attribute("id")))
    a_verdict_is_clicked_while_the_text_before_it_travels(examiner)
    the_answer_comes_between_press_and_release(examiner)
    words_without_a_verdict_outlive_the_page(examiner)
    the_answer_comes_while_somebody_writes(examiner)
    the_answer_of_one_row_comes_while_another_is_written(examiner)
    what_did_not_arrive_is_said_and_sent_again(examiner)


def a_verdict_is_clicked_while_the_text_before_it_travels(examiner: Visitor) -> None:
    """Type evidence and note, click another verdict at once; the server takes its time with all of it."""
    row, page = Row(examiner, 0), examiner.page
    with slow(page) as waiting:
        row.field("evidence").fill("名簿 3 行目")
        row.field("note").fill("名簿と綴りが違う")
        row.label(2).click()
        let_all_go(page, waiting)
    assert row.kept() == ([False, False, True], "名簿 3 行目", "名簿と綴りが違う")


def the_answer_comes_between_press_and_release(examiner: Visitor) -> None:
    """Leave a field by pressing a verdict; the answer to the text is there before the button is up again."""
    row, page = Row(examiner, 0), examiner.page
    with slow(page) as waiting:
        row.field("evidence").fill("名簿 4 行目")
        place = row.label(0).bounding_box()
        assert place is not None
        page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        page.mouse.down()
        let_go(page, waiting)
        page.mouse.up()
        page.wait_for_timeout(50)
        let_all_go(page, waiting)
    examiner.look()
    assert row.kept() == ([True, False, False], "名簿 4 行目", "名簿と綴りが違う")


def words_without_a_verdict_outlive_the_page(examiner: Visitor) -> None:
    """Write into a row that nobody judged and leave the page: the words are still there, as a draft."""
    row = Row(examiner, 2)
    with examiner.page.expect_response(ITEMS):
        row.field("evidence").fill("名簿 9 行目")
        examiner.page.keyboard.press("Tab")
        examiner.page.locator("h1").click()
    assert row.kept() == ([False, False, False], "名簿 9 行目", "")
    assert examiner.page.locator(f"#item-{row.key} .by--draft").is_visible()
    examiner.look()


def the_answer_comes_while_somebody_writes(examiner: Visitor) -> None:
    """Go on from evidence to note with the tabulator and write there, while the evidence travels."""
    row, page = Row(examiner, 0), examiner.page
    with slow(page) as waiting:
        row.field("evidence").fill("名簿 5 行目")
        page.keyboard.press("Tab")
        page.keyboard.type("旧姓の")
        let_go(page, waiting)
        page.keyboard.type("綴り")
        page.keyboard.press("Tab")
        page.wait_for_timeout(50)
        let_all_go(page, waiting)
    assert row.kept() == ([True, False, False], "名簿 5 行目", "旧姓の綴り")


def the_answer_of_one_row_comes_while_another_is_written(examiner: Visitor) -> None:
    """Write in one row, go on to the next with the mouse and write there: letters are no keys of the page."""
    first, second, page = Row(examiner, 0), Row(examiner, 1), examiner.page
    with slow(page) as waiting:
        field = second.field("evidence")
        first.field("note").fill("旧姓を併記")
        field.click()
        field.fill("")
        page.keyboard.type("p. 1")
        let_go(page, waiting)
        page.keyboard.type("2 jk")
        page.keyboard.press("Tab")
        page.wait_for_timeout(50)
        let_all_go(page, waiting)
    assert first.kept() == ([True, False, False], "名簿 5 行目", "旧姓を併記")
    assert second.kept()[:2] == ([True, False, False], "p. 12 jk")


def what_did_not_arrive_is_said_and_sent_again(examiner: Visitor) -> None:
    """Choose while the server can't be reached: the page says so, the choice stays, and Keep sends it again."""
    row, page = Row(examiner, 0), examiner.page
    said = page.locator("#unkept")
    assert said.is_hidden()
    page.route(ITEMS, lambda route: route.abort())
    row.label(2).click()
    said.wait_for(state="visible")
    assert row.radio(2).is_checked()
    assert all("htmx:sendError" in said or "htmx:afterRequest" in said for said in examiner.troubles)
    examiner.troubles.clear()
    shoot(examiner, "not-kept")
    page.unroute(ITEMS)
    row.field("note").click()
    with page.expect_response(ITEMS):
        page.locator(f"#e-{row.key} button[form={row.form}]").click()
    said.wait_for(state="hidden")
    assert row.kept()[0] == [False, False, True]
