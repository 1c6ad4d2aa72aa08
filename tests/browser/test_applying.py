"""People apply in Chromium: every page of the applicant's side, wide and narrow, with the eyes of axe."""

import os
from pathlib import Path

import pikepdf
import pytest

from lra_portal.demo.people import TSUMUGI, WAKANA
from tests.browser import acts
from tests.browser.conftest import Visitors
from tests.browser.visitor import Visitor

SHOTS = Path(os.environ.get("SHOTS", ""))


def shoot(visitor: Visitor, name: str) -> None:
    """Keep pictures of the page, wide and narrow, where SHOTS asks for them; look at the narrow one too."""
    for width in (1280, 375):
        visitor.page.set_viewport_size({"width": width, "height": 900})
        visitor.look()
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls sideways"
        if SHOTS.name:
            visitor.page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
    visitor.page.set_viewport_size({"width": 1280, "height": 900})


def paper(folder: Path, name: str) -> Path:
    """A one-page PDF."""
    document = pikepdf.new()
    document.add_blank_page()
    document.save(folder / name)
    return folder / name


def press_button(visitor: Visitor, selector: str) -> None:
    """Press a button by its place in the page, and wait for what comes."""
    visitor.page.locator(selector).first.click()
    visitor.page.wait_for_load_state()


def fill(visitor: Visitor, **answers: str) -> None:
    """Type into the fields of the page."""
    for name, text in answers.items():
        visitor.page.locator(f"[name={name}]").fill(text)


NEXT = "button[value=next]"
SUBMIT = "form[action$='submit/'] button.btn-primary"


def fill_in_the_member_form(visitor: Visitor, folder: Path) -> None:
    """From choosing to the last step, with a letter that can't be printed and a document forgotten on the way."""
    visitor.go("/applications/new/")
    shoot(visitor, "choose")
    press_button(visitor, "form[action$='member-client/'] button")
    shoot(visitor, "step-applicant")
    press_button(visitor, NEXT)
    fill(visitor, person_latin="Wakana Ōta", member_number="M-000123")
    visitor.page.wait_for_selector("#pv .hit")
    press_button(visitor, NEXT)
    shoot(visitor, "step-certificate-errors")
    fill(visitor, person_latin="Wakana Takahashi", csr=acts.request_text())
    press_button(visitor, NEXT)
    press_button(visitor, NEXT)
    shoot(visitor, "documents-missing")
    visitor.page.locator("input[type=file]").set_input_files(paper(folder, "本人確認書類.pdf"))
    press_button(visitor, "form[enctype] button.btn-outline-primary")
    shoot(visitor, "documents")
    press_button(visitor, NEXT)


@pytest.mark.clause("O-4.1", "O-4.2", "O-16.1.1")
def test_a_member_applies_with_a_request_of_their_own(visitors: Visitors, tmp_path: Path) -> None:
    visitor = visitors(WAKANA)
    visitor.sign_in()
    visitor.go("/home/")
    shoot(visitor, "home-empty")
    fill_in_the_member_form(visitor, tmp_path)
    press_button(visitor, SUBMIT)
    shoot(visitor, "confirm-errors")
    for box in visitor.page.locator("input[name=consent]").all():
        box.check()
    press_button(visitor, SUBMIT)
    assert "提出済" in visitor.text()
    shoot(visitor, "detail")
    address = visitor.page.url
    for name in ("contents", "print", "withdraw"):
        visitor.go(f"{address}{name}/")
        shoot(visitor, name)
    for place in ("/applications/", "/home/"):
        visitor.go(place)
        shoot(visitor, f"running-{place.strip('/')}")


@pytest.mark.clause("J-2")
def test_an_authorised_person_fills_in_the_form_of_the_company(visitors: Visitors) -> None:
    visitor = visitors(TSUMUGI)
    visitor.sign_in()
    visitor.go("/applications/new/")
    shoot(visitor, "choose-company")
    press_button(visitor, "form[action$='e-contract/'] button")
    fill(visitor, title="購買部 部長")
    shoot(visitor, "company-applicant")
    press_button(visitor, NEXT)
    fill(visitor, department_latin="Ｐｕｒｃｈａｓｉｎｇ Department, General Manager")
    shoot(visitor, "company-certificate")
    press_button(visitor, NEXT)
    assert "Purchasing Department, General Manager" in visitor.text()
    shoot(visitor, "company-documents")
