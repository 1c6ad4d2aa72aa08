"""The office's pages of PIN letters, start-of-service notices and campaigns in Chromium, by those whose they are."""

from lra_portal.demo.people import AGENT, OFFICER, RULES_MANAGER
from tests.browser.conftest import Visitors
from tests.browser.test_applying import press_button


def test_key_officer_agent_and_rules_manager_find_their_pages(visitors: Visitors) -> None:
    officer = visitors(OFFICER)
    officer.sign_in()
    officer.go("/office/pin-letters/")
    assert "許可を待つ通知書はありません" in officer.text()
    agent = visitors(AGENT)
    agent.sign_in()
    agent.go("/office/start-notices/?number=C-999999")
    assert "C-999999 の通知はありません" in agent.text()
    manager = visitors(RULES_MANAGER)
    manager.sign_in()
    manager.go("/rules/campaigns/")
    manager.go("/rules/campaigns/new/")
    press_button(manager, "button[name=act]")
    manager.look()
    assert manager.page.locator("[data-error-summary]").count() == 1
