"""Contracts come by file, are extended and ended; the page says what follows before, the worker does it after."""

from pathlib import Path

import pytest

from lra_portal.demo.people import MINORI, RULES_MANAGER
from tests.browser.conftest import Visitors
from tests.browser.visitor import Visitor

HEADINGS = "契約番号,開始日,終了日,法人番号,法人名,法人名英字,権限者メール,権限者氏名"
COMPANY = "7999900000456,ためし建設株式会社（デモ）,Tameshi Construction Inc. (DEMO)"


def hand_in(visitor: Visitor, path: Path, *lines: str) -> None:
    """Hand a file in at the page for it."""
    path.write_bytes("\r\n".join([HEADINGS, *lines]).encode("cp932"))
    visitor.go("/contracts/files/")
    visitor.page.locator("[name=parent_service]").select_option(index=1)
    visitor.page.locator("[name=file]").set_input_files(path)
    visitor.press_in_form("input[name=file]")


def move_end(visitor: Visitor, year: str, month: str, day: str) -> str:
    """Choose a new last day, read what follows, and do it; return what the page said before."""
    visitor.follow("/period/")
    for name, value in zip("ymd", (year, month, day), strict=True):
        visitor.page.locator(f"[name=last_day_{name}]").fill(value)
    visitor.page.locator("[name=open_ended]").set_checked(checked=False, force=True)
    visitor.page.locator("button[value=preview]").click()
    visitor.page.wait_for_load_state()
    visitor.look()
    said = visitor.text()
    visitor.page.locator("button[value=move]").click()
    visitor.page.wait_for_load_state()
    visitor.look()
    return said


@pytest.mark.clause("O-18.1", "O-18.2")
def test_contracts_come_by_file_are_extended_and_ended(visitors: Visitors, tmp_path: Path) -> None:
    keeper, administrator = visitors(RULES_MANAGER), visitors(MINORI)
    keeper.sign_in()
    hand_in(keeper, tmp_path / "faulty.csv", f"B-1,2026-04-01,2026-03-31,{COMPANY},,")
    keeper.await_text("何も登録していません")
    assert "終了日（2026-03-31）が開始日（2026-04-01）より前" in keeper.text()
    hand_in(keeper, tmp_path / "right.csv", *(f"B-{n},2026-04-01,2027-03-31,{COMPANY},," for n in range(40)))
    keeper.await_text("登録すると変わること")
    keeper.page.locator("button[value=confirm]").click()
    keeper.await_text("登録した内容")
    keeper.go("/contracts/?q=B-7")
    keeper.page.locator("a.row-link").first.click()
    assert "すぐに" not in move_end(keeper, "2030", "3", "31")
    assert "2030年3月31日" in keeper.text()
    assert "この日はもう過ぎています" in move_end(keeper, "2026", "4", "30")
    keeper.await_text("終了")
    keeper.go("/contracts/?q=E-40213")
    keeper.page.locator("a.row-link").first.click()
    move_end(keeper, "2031", "3", "31")
    assert "E-40213" in administrator.mail(r"E-40213[\s\S]*2031年3月31日")[0]
    administrator.sign_in()
    administrator.go("/own-contracts/")
    administrator.page.locator("main a", has_text="E-40213").first.click()
    administrator.look()
    assert "2031年3月31日" in administrator.text()
    for address in ("/calendar/", "/calendar/close/", "/suspensions/", "/parent-services/", "/contracts/new/"):
        keeper.go(address)
