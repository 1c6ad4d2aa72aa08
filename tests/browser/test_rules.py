"""Rules are edited and activated in Chromium: a fault, the difference, a second person, and an application after it."""

import re

import pytest

from lra_portal.demo.people import HARUKA, RULES_MANAGER, SECOND_RULES_MANAGER
from tests.browser.conftest import Visitors
from tests.browser.test_applying import shoot

EDIT = "/rules/target-systems/member-client/edit/"


@pytest.mark.clause("O-1.3", "O-4.2", "J-3.2")
def test_rules_are_written_by_one_and_activated_by_another_person(visitors: Visitors) -> None:
    author = visitors(RULES_MANAGER)
    author.sign_in()
    author.go("/rules/target-systems/")
    shoot(author, "rules-list")
    author.go(EDIT)
    shoot(author, "rules-edit")
    text = author.page.locator("[name=source]").input_value()
    assert "promised_days = 2" in text, text
    author.page.locator("[name=source]").fill(text.replace("promised_days = 2", "promised_days = 0  # my note"))
    author.page.locator("[name=changed_ja]").fill("結果までの日数を延ばしました")
    author.page.locator("[name=changed_en]").fill("More days until the result")
    author.press_in_form("[name=source]")
    assert "promised_days" in author.page.locator("#faults").inner_text()
    assert "# my note" in author.page.locator("[name=source]").input_value()
    shoot(author, "rules-faults")
    typed = author.page.locator("[name=source]").input_value()
    author.page.locator("[name=source]").fill(typed.replace("promised_days = 0", "promised_days = 4"))
    author.press_in_form("[name=source]")
    assert re.search(r"/rules/versions/[0-9a-f-]{36}/$", author.page.url), author.text()
    assert re.search(r"結果までの営業日数\s+2\s+4", author.page.locator("#differs").inner_text())
    author.page.locator("#built .status--ok").wait_for(timeout=60_000)
    shoot(author, "rules-version")
    address = author.page.url

    second = visitors(SECOND_RULES_MANAGER)
    second.sign_in()
    second.go(address)
    second.follow("/activate/")
    shoot(second, "rules-activate")
    second.press_in_form("[name=seen]")
    second.look()
    assert "適用中" in second.text()
    second.follow("/rules/target-systems/member-client/")
    shoot(second, "rules-system")

    applicant = visitors(HARUKA)
    applicant.sign_in()
    applicant.go("/applications/new/")
    assert "4 営業日" in applicant.text()
