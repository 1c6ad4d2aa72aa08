"""A contract's administrator applies for many by one file, and the office decides about it on one page."""

import re
from pathlib import Path

import pytest

from lra_portal.demo.people import APPROVER, EXAMINER, MINORI, RULES_MANAGER, Person
from tests.applications.filing_many import DEVICE_HEADINGS, device_line
from tests.applications.filing_many import PEOPLE_HEADINGS as HEADINGS
from tests.browser.acts import pdf
from tests.browser.conftest import Visitors
from tests.browser.test_applying import shoot
from tests.browser.visitor import Visitor

AOI = Person(
    "aoi.mihon@example.jp", "見本 あおい（デモ）", "ミホン アオイ", "Aoi Mihon", "03-0000-0301", "comes by a link"
)
LINES = (
    f"{AOI.email},見本 あおい,ミホン アオイ,営業部 課長,03-0000-0301,Sales Manager,Aoi Mihon",
    "kaede.mihon@example.jp,見本 かえで,ミホン カエデ,営業部 係長,03-0000-0302,Sales Clerk,Kaede Mihon",
)
OWN_PASSWORD = "demo-Aoi-2026-x"


@pytest.mark.clause("O-4.1", "J-5", "O-14.2", "O-4.2")
def test_a_file_with_a_fault_is_mended_confirmed_agreed_to_and_decided(visitors: Visitors, tmp_path: Path) -> None:
    minori = visitors(MINORI)
    minori.sign_in()
    hand_in(minori, tmp_path, HEADINGS, LINES[0], LINES[1].replace("Kaede Mihon", "Kaede 見本"))
    minori.await_text("「見」")
    assert "氏名（英字）" in minori.text()
    hand_in(minori, tmp_path, HEADINGS, *LINES)
    minori.await_text("全行に共通の書類")
    for key in ("seal_certificate", "company_register"):
        add(minori, key)
    confirming = minori.page.locator("form[action$='/confirm/']")
    confirming.locator("button[type=submit]").click()
    minori.page.wait_for_load_state()
    minori.await_text("本人の同意待ち")
    batch = minori.page.url.split("?")[0].split("#")[0]

    aoi = visitors(AOI)
    agree(aoi)
    minori.go(batch)
    key = batch.rstrip("/").rsplit("/", 1)[1]
    examine(visitors(EXAMINER), key)
    approver = visitors(APPROVER)
    approver.sign_in()
    approver.go("/examination/files/")
    approver.follow(f"/examination/files/{key}/")
    approver.send("/approve/")
    approver.await_text("まとめて承認")
    aoi.mail(r"/certificates/delivery/[\w-]+/")
    with minori.page.expect_download() as download:
        minori.go(batch)
        minori.page.locator("a[href$='/results/']").first.click()
    results = Path(str(download.value.path())).read_text(encoding="utf-8-sig")
    assert AOI.email in results
    assert re.search(r"\d{4}-\d{6}", results)


@pytest.mark.clause("O-4.3.4")
def test_several_lines_of_a_file_are_refused_with_one_ground(visitors: Visitors, tmp_path: Path) -> None:
    keeper, minori = visitors(RULES_MANAGER), visitors(MINORI)
    keeper.sign_in()
    keeper.go("/contracts/?q=D-20111")
    keeper.page.locator("a.row-link").first.click()
    keeper.page.locator("#people summary").click()
    keeper.page.locator("[name=administrator]").check(force=True)
    keeper.page.locator("#people [name=name]").fill("佐藤 みのり")
    keeper.page.locator("#people [name=email]").fill(MINORI.email)
    keeper.press_in_form("input[name=administrator]")
    minori.sign_in()
    lines = (device_line(number, email=f"device{number}@demo.example") for number in range(901, 904))
    hand_in(minori, tmp_path, DEVICE_HEADINGS, *lines, contract="D-20111", system="monitored-device")
    minori.await_text("全行に共通の書類")
    add(minori, "device_register")
    for box in minori.page.locator("[name=consent]").all():
        box.check()
    minori.press_in_form("[name=consent] >> nth=0")
    minori.await_text("登録済み")
    key = minori.page.url.split("?")[0].split("#")[0].rstrip("/").rsplit("/", 1)[1]

    examiner, approver = visitors(EXAMINER), visitors(APPROVER)
    examiner.sign_in()
    examiner.go(f"/examination/files/{key}/")
    examiner.await_text("問題なし")
    for place in (0, 2):
        examiner.page.locator("#lines [name=line]").nth(place).check(force=True)
    shoot(examiner, "file-lines")
    examiner.page.locator("button[form=choose]").click()
    examiner.page.wait_for_load_state()
    shoot(examiner, "file-propose")
    examiner.page.locator("[name=ground][value=unsuitable]").check(force=True)
    examiner.page.locator("[name=text]").fill("台帳にない装置です。台帳を直してから、もう一度お申し込みください。")
    examiner.press_in_form("[name=text]")
    examiner.await_text("2 件のうち 2 件を処理")
    approver.sign_in()
    approver.go(f"/examination/files/{key}/")
    shoot(approver, "file-refuse")
    approver.send("/refuse/")
    approver.await_text(r"否認・辞退・期限切れ\s+2\s")
    assert approver.page.locator("#lines tbody .status--bad").count() == 2
    minori.page.reload()
    shoot(minori, "file-refused")


def hand_in(visitor: Visitor, folder: Path, *lines: str, contract: str = "E-40213", system: str = "e-contract") -> None:
    """Go from the contract to the page of files, and hand one in as Shift_JIS."""
    path = folder / "社員.csv"
    path.write_bytes("\r\n".join([*lines, ""]).encode("cp932"))
    visitor.go("/own-contracts/")
    visitor.page.get_by_role("link", name=re.compile(contract)).first.click()
    visitor.page.wait_for_load_state()
    visitor.look()
    visitor.follow("/files/")
    visitor.page.locator("[name=target_system]").select_option(system)
    visitor.page.locator("[name=file]").set_input_files(path)
    visitor.press_in_form("input[name=file]")
    visitor.look()


def add(visitor: Visitor, key: str) -> None:
    """Hand in one document that stands for both lines."""
    form = visitor.page.locator("form").filter(has=visitor.page.locator(f"[name='{key}-file']"))
    for part, value in zip("ymd", ("2026", "11", "2"), strict=True):
        form.locator(f"[name='{key}-issued_on_{part}']").fill(value)
    form.locator(f"[name='{key}-file']").set_input_files(
        {"name": f"{key}.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    )
    form.locator("button[type=submit]").click()
    visitor.page.wait_for_load_state()
    visitor.look()


def agree(visitor: Visitor) -> None:
    """Come by the link of the mail, set a password, tick every box and confirm."""
    visitor.go(visitor.mail(r"(/applications/for-me/[\w-]+/)")[1])
    for name in ("password1", "password2"):
        visitor.page.locator(f"[name={name}]").fill(OWN_PASSWORD)
    visitor.press_in_form("input[name=password1]")
    visitor.look()
    for box in visitor.page.locator("[name=consent]").all():
        box.check()
    visitor.press_in_form("[name=consent] >> nth=0")
    visitor.look()
    assert "提出済" in visitor.text()


def examine(visitor: Visitor, key: str) -> None:
    """Fill in one sheet and hand the clean lines on."""
    visitor.sign_in()
    visitor.go(f"/examination/files/{key}/")
    form = visitor.page.locator("form[action$='/recommend/']")
    for group in form.locator("ul.checks > li").all():
        group.locator("input[type=radio]").first.check(force=True)
    for part, value in {
        "evidence": "登記事項証明書 1 行目",
        "source": "電話帳",
        "number": "06-9999-0000",
        "spoke_with": "総務の担当者",
    }.items():
        for control in form.locator(f"[name$='__{part}']").all():
            control.fill(value)
    for control in form.locator("[id*=telephone][name$='__note']").all():
        control.fill("在籍と意思を確認")
    form.locator("button[type=submit]").click()
    visitor.page.wait_for_load_state()
    visitor.await_text("1 件のうち 1 件を処理")
