"""A call at the desk in Chromium: found by her reading, verified by three answers, answered, and on record."""

import re

import pytest

from lra_portal.demo.people import AGENT, AUDITOR, TSUMUGI, WAKANA
from tests.browser.conftest import Visitors
from tests.browser.visitor import Visitor

ANSWERS = {
    "call_back": "０３−００００−０１０１",
    "name_reading": "たかはし　わかな",
    "email": "WAKANA.takahashi@example.jp",
}


@pytest.mark.processes
@pytest.mark.clause("O-8.1.1", "O-8.2", "O-9")
def test_a_caller_is_found_verified_and_answered(visitors: Visitors) -> None:
    agent = visitors(AGENT)
    agent.sign_in()
    agent.go("/desk/?q=たかはし")
    assert WAKANA.phone not in agent.text()
    agent.follow("/desk/people/")
    write_down(agent, "申請の結果がいつ分かるか知りたい。")
    address = agent.page.url
    for item, said in ANSWERS.items():
        answer(agent, item, said)
    assert "3 / 3" in agent.text()
    assert TSUMUGI.phone not in agent.text()
    reply = agent.page.locator("textarea[name=text]").first
    reply.fill("受付番号で状態を確かめ、結果の予定日をお伝えした。")
    agent.page.keyboard.press("Escape")
    agent.page.locator("button[formaction*='/close/']").click()
    agent.page.wait_for_load_state()
    agent.look()
    agent.go(address)
    assert "受付番号で状態を確かめ" in agent.text()
    auditor = visitors(AUDITOR)
    auditor.sign_in()
    auditor.go("/records/?act=caller:verify")
    assert auditor.page.locator("table.story tbody tr").count() >= len(ANSWERS)
    assert "たかはし" not in auditor.page.locator("table.story").inner_text()


def write_down(agent: Visitor, matter: str) -> None:
    """Type a call while somebody speaks."""
    form = agent.page.locator("form[action*='/tickets/new/']")
    form.locator("input[name=caller_name]").fill("高橋 わかな")
    form.locator("input[name=kind][value=state]").check(force=True)
    form.locator("textarea[name=matter]").fill(matter)
    form.locator("button").last.click()
    agent.page.wait_for_url(re.compile(r"/desk/tickets/[0-9a-f-]{36}/$"))
    agent.look()


def answer(agent: Visitor, item: str, said: str) -> None:
    """Type what the caller says and let it be matched."""
    form = agent.page.locator("form[action*='/verify/']").filter(has=agent.page.locator(f"input[value={item}]"))
    form.locator("input[name=answer]").fill(said)
    form.locator("button").click()
    agent.page.wait_for_load_state()
    agent.look()
