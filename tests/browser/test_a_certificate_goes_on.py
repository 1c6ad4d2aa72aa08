"""What comes after a certificate in Chromium: a change leads to a reissue, a longer contract to a renewal."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from lra_portal.demo.people import APPROVER, EXAMINER, HARUKA, RULES_MANAGER
from tests.browser import acts
from tests.browser.acts import Answers, Checker
from tests.browser.conftest import Visitors
from tests.browser.test_applying import SUBMIT, press_button, shoot
from tests.browser.test_the_life_of_a_contract import COMPANY, hand_in, move_end
from tests.browser.test_the_story import await_revoked
from tests.browser.visitor import Visitor

NUMBER = r"C-\d{6}"
MEMBER = Answers(
    slug="member-client",
    applicant={"person_name": "山本 遥", "person_reading": "ヤマモト ハルカ", "phone": "03-0000-0104"},
    certificate={"person_latin": "Haruka Yamamoto", "member_number": "M-000888", "email": "haruka@demo.example"},
    documents={"identity_document": False},
)
SIGNATORY = Answers(
    slug="e-contract",
    applicant={
        "person_name": "山本 遥",
        "person_reading": "ヤマモト ハルカ",
        "title": "工事部 部長",
        "direct_phone": "06-0000-0104",
    },
    certificate={
        "department_latin": "Construction, Director",
        "person_latin": "Haruka Yamamoto",
        "certificate_email": "haruka@demo.example",
    },
    documents={"seal_certificate": True, "company_register": True},
)


def receipt_of(visitor: Visitor) -> str:
    """The receipt number on the page."""
    found = re.search(r"\d{4}-\d{6}", visitor.text())
    assert found, visitor.text()
    return found[0]


def issued(visitors: Visitors, holder: Visitor, receipt: str, folder: Path) -> bytes:
    """Let the office examine and approve, and the holder fetch and accept; the file."""
    folder.mkdir(exist_ok=True)
    acts.examine(visitors(EXAMINER), receipt)
    acts.approve(visitors(APPROVER), receipt)
    file = acts.fetch(holder, folder)
    acts.accept(holder)
    return file


def submit(visitor: Visitor) -> str:
    """Agree to everything and submit; the receipt number."""
    visitor.page.locator("form[action$='/form/documents/'] button[value=next]").click()
    visitor.page.wait_for_load_state()
    for box in visitor.page.locator("input[name=consent]").all():
        box.check()
    press_button(visitor, SUBMIT)
    shoot(visitor, "follow-detail")
    return receipt_of(visitor)


@pytest.mark.processes
@pytest.mark.clause("O-12.2", "O-13", "O-15.1.2")
def test_a_notice_of_change_leads_to_a_reissue_and_the_old_certificate_goes(visitors: Visitors, tmp_path: Path) -> None:
    haruka = visitors(HARUKA)
    for person in (HARUKA, EXAMINER, APPROVER):
        visitors(person).sign_in()
    receipt = acts.apply(haruka, MEMBER, acts.request_text())
    old_file = issued(visitors, haruka, receipt, tmp_path / "old")
    haruka.go("/certificates/")
    haruka.page.locator("main a.row-link").first.click()
    old = re.search(NUMBER, haruka.text())
    assert old
    address = haruka.page.url
    shoot(haruka, "certificate")
    tell_of_a_change(visitors, haruka, tmp_path)
    haruka.follow("/reissue/")
    press_button(haruka, "main form[method=post]:has([name=reason]) button")
    shoot(haruka, "reissue-errors")
    haruka.page.locator("input[name=reason][value=new_device]").check(force=True)
    press_button(haruka, "main form[method=post]:has([name=reason]) button")
    shoot(haruka, "reissue-applicant")
    assert not haruka.page.locator("[name=person_name]").count()
    press_button(haruka, "button[value=next]")
    haruka.page.locator("[name=csr]").fill(acts.request_text())
    shoot(haruka, "reissue-certificate")
    press_button(haruka, "button[value=next]")
    acts.upload(haruka, "identity_document", dated=False)
    receipt = submit(haruka)
    examiner = visitors(EXAMINER)
    acts.open_case(examiner, receipt)
    shoot(examiner, "reissue-case")
    assert "前回" in examiner.text()
    issued(visitors, haruka, receipt, tmp_path / "new")
    (tmp_path / "check").mkdir()
    checker = Checker(visitors.portal, tmp_path / "check", old_file)
    await_revoked(checker)
    haruka.go(address)
    haruka.await_text("使用をやめてください")


def tell_of_a_change(visitors: Visitors, haruka: Visitor, folder: Path) -> None:
    """Report a new mail address, print the written notice; the office examines it and decides on a reissue."""
    examiner, approver = visitors(EXAMINER), visitors(APPROVER)
    haruka.follow("/change/")
    haruka.page.locator("[name=kind][value=changed]").check(force=True)
    yesterday = timezone.localtime().date() - timedelta(days=1)
    for part, number in zip("ymd", (yesterday.year, yesterday.month, yesterday.day), strict=True):
        haruka.page.locator(f"[name=since_{part}]").fill(str(number))
    haruka.page.locator("[name=email]").fill("haruka.new@demo.example")
    shoot(haruka, "change-form")
    haruka.press_in_form("[name=since_y]")
    shoot(haruka, "change")
    with haruka.page.expect_download() as paper:
        haruka.page.locator("a[href$='/notice.pdf']").click()
    assert Path(str(paper.value.path())).read_bytes().startswith(b"%PDF-")
    examiner.go("/office/changes/")
    shoot(examiner, "change-queue")
    examiner.page.locator("main a.row-link").first.click()
    examiner.send("/claim/")
    examiner.page.locator("[name=outcome][value=reissue]").check(force=True)
    shoot(examiner, "change-case")
    examiner.send("/propose/", findings="会員名簿の変更届と合っています。", answer="新しいアドレスで再発行します。")
    approver.go(examiner.page.url)
    shoot(approver, "change-decide")
    approver.send("/settle/")
    haruka.page.reload()
    shoot(haruka, "change-settled")


@pytest.mark.processes
@pytest.mark.clause("O-18.2", "O-19.2.11")
def test_a_certificate_is_renewed_because_its_contract_goes_on(visitors: Visitors, tmp_path: Path) -> None:
    haruka, keeper = visitors(HARUKA), visitors(RULES_MANAGER)
    for person in (HARUKA, RULES_MANAGER, EXAMINER, APPROVER):
        visitors(person).sign_in()
    today = timezone.localtime().date()
    first, last = today - timedelta(days=30), today + timedelta(days=200)
    named = f"{HARUKA.email},山本 遥"
    hand_in(keeper, tmp_path / "contract.csv", f"G-100,{first},{last},{COMPANY},{named}")
    keeper.await_text("登録すると変わること")
    keeper.page.locator("button[value=confirm]").click()
    keeper.await_text("登録した内容")
    issued(visitors, haruka, acts.apply(haruka, SIGNATORY), tmp_path / "first")
    keeper.go("/contracts/?q=G-100")
    keeper.page.locator("a.row-link").first.click()
    later = last + timedelta(days=365)
    move_end(keeper, str(later.year), str(later.month), str(later.day))
    address = haruka.mail(r"https?://\S+(/certificates/[\w-]+/renewal/)")[1]
    haruka.go("/home/")
    shoot(haruka, "renewal-home")
    haruka.follow(address)
    shoot(haruka, "renewal")
    press_button(haruka, "main form[method=post] button")
    press_button(haruka, "button[value=next]")
    press_button(haruka, "button[value=next]")
    for key in SIGNATORY.documents:
        acts.upload(haruka, key, dated=True)
    issued(visitors, haruka, submit(haruka), tmp_path / "next")
    haruka.go("/certificates/")
    assert haruka.page.locator("main tr", has_text=HARUKA.latin).count() >= 2
    assert f"{later.year}年{later.month}月{later.day}日" in haruka.text()
    haruka.go("/home/")
    assert not haruka.page.locator(f"main a[href='{address}']").count()
