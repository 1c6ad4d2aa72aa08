"""A version of the terms goes to the site through two people; subscribers hear of it before, from the worker."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from lra_portal.demo.people import HARUKA, RULES_MANAGER, SECOND_RULES_MANAGER
from tests.browser.acts import Answers, apply, request_text
from tests.browser.conftest import Visitors
from tests.browser.visitor import Visitor

MEMBER = Answers(
    slug="member-client",
    applicant={"person_name": "山本 遥", "person_reading": "ヤマモト ハルカ", "phone": "03-0000-0104"},
    certificate={"person_latin": "Haruka P. Yamamoto", "member_number": "M-000884", "email": "haruka@demo.example"},
    documents={"identity_document": False},
)


def write_next_version(visitor: Visitor) -> str:
    """Write the next version of the terms and hand it in; return the address of its page."""
    visitor.go("/rules/documents/")
    visitor.send("/rules/documents/usage-terms/draft/")
    form = visitor.page.locator("form", has=visitor.page.locator("[name=body_ja]"))
    before = form.locator("[name=body_ja]").input_value()
    form.locator("[name=body_ja]").fill(before + "\n\nこの条は試しに加えたものです（デモ）。")
    form.locator("[name=what_changed_ja]").fill("試しの条を加えました（デモ）。")
    form.locator("[name=what_changed_en]").fill("A trial article was added (demo).")
    form.locator("button[value=hand_in]").click()
    visitor.page.wait_for_load_state()
    visitor.look()
    return visitor.page.url


@pytest.mark.clause("O-3.1")
@pytest.mark.clause("O-3.3")
def test_a_version_is_reviewed_announced_in_advance_and_posted(visitors: Visitors) -> None:
    subscriber = visitors(HARUKA)
    subscriber.sign_in()
    apply(subscriber, MEMBER, request_text())
    author, reviewer = visitors(RULES_MANAGER), visitors(SECOND_RULES_MANAGER)
    author.sign_in()
    reviewer.sign_in()
    version = write_next_version(author)
    reviewer.go(version)
    assert reviewer.page.locator("ins", has_text="この条は試しに加えたものです").count()
    reviewer.send("/review/")
    author.go(version)
    author.follow("/advance-notice/")
    author.page.locator("[name=circle][value=all]").check(force=True)
    day = timezone.localtime().date() + timedelta(days=7)
    for name, value in zip("ymd", (day.year, day.month, day.day), strict=True):
        author.page.locator(f"[name=planned_for_{name}]").fill(str(value))
    author.page.locator("button[value=preview]").click()
    author.page.wait_for_load_state()
    author.look()
    author.page.locator("button[value=send]").click()
    author.page.wait_for_load_state()
    author.await_text(r"([1-9]\d*) 通のうち \1 通")
    assert "試しの条を加えました" in subscriber.mail(r"変更の予告[\s\S]*試しの条を加えました")[0]
    reviewer.go(version)
    reviewer.follow("/post/")
    reviewer.press_in_form("input[name=seen]")
    reviewer.go("/documents/usage-terms/")
    assert "この条は試しに加えたものです" in reviewer.text()
    reviewer.follow("/to/")
    assert re.search(r"/documents/usage-terms/[\w.-]+/to/[\w.-]+/$", reviewer.page.url)
    reviewer.go("/documents/usage-terms/3.1/")
    assert "新しい版" in reviewer.text()
