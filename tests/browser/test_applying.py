"""People apply in Chromium: every page of the applicant's side, wide and narrow, with the eyes of axe."""

import os
from pathlib import Path

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from lra_portal.demo.people import TSUMUGI, WAKANA
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


def request_pem() -> str:
    """A certificate signing request, as an applicant's own tool makes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "request")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode()


def paper(folder: Path, name: str) -> Path:
    """A one-page PDF."""
    document = pikepdf.new()
    document.add_blank_page()
    document.save(folder / name)
    return folder / name


def press_submit(visitor: Visitor) -> None:
    visitor.page.locator("form[action$='submit/'] button.btn-primary").click()
    visitor.page.wait_for_load_state()


def test_a_member_applies_with_a_request_of_their_own(visitors: Visitors, tmp_path: Path) -> None:
    visitor = visitors(WAKANA)
    visitor.sign_in()
    visitor.go("/home/")
    shoot(visitor, "home-empty")
    visitor.go("/applications/new/")
    shoot(visitor, "choose")
    visitor.page.locator("form[action$='member-client/'] button").click()
    visitor.page.wait_for_load_state()
    shoot(visitor, "step-applicant")
    visitor.page.locator("button[value=next]").click()
    visitor.page.wait_for_load_state()
    visitor.page.locator("input[name=person_latin]").fill("Tsumugi Ōno")
    visitor.page.locator("input[name=member_number]").fill("M-000123")
    visitor.page.wait_for_selector("#pv .hit")
    shoot(visitor, "step-certificate-live")
    visitor.page.locator("button[value=next]").click()
    visitor.page.wait_for_load_state()
    shoot(visitor, "step-certificate-errors")
    visitor.page.locator("input[name=person_latin]").fill("Tsumugi Oono")
    visitor.page.locator("textarea[name=csr]").fill(request_pem())
    visitor.page.locator("button[value=next]").click()
    visitor.page.wait_for_load_state()
    visitor.page.locator("button[value=next]").click()
    visitor.page.wait_for_load_state()
    shoot(visitor, "documents-missing")
    visitor.page.locator("input[type=file]").set_input_files(paper(tmp_path, "本人確認書類.pdf"))
    visitor.page.locator("form[enctype] button.btn-outline-primary").click()
    visitor.page.wait_for_load_state()
    shoot(visitor, "documents")
    visitor.page.locator("button[value=next]").click()
    visitor.page.wait_for_load_state()
    press_submit(visitor)
    shoot(visitor, "confirm-errors")
    for box in visitor.page.locator("input[name=consent]").all():
        box.check()
    press_submit(visitor)
    assert "提出済" in visitor.text()
    shoot(visitor, "detail")
    address = visitor.page.url
    for name in ("contents", "print", "withdraw"):
        visitor.go(f"{address}{name}/")
        shoot(visitor, name)
    visitor.go("/applications/")
    shoot(visitor, "list")
    visitor.go("/home/")
    shoot(visitor, "home-running")


def test_an_authorised_person_applies_for_the_company(visitors: Visitors, tmp_path: Path) -> None:
    visitor = visitors(TSUMUGI)
    visitor.sign_in()
    visitor.go("/applications/new/")
    shoot(visitor, "choose-company")
    visitor.page.locator("form[action$='e-contract/'] button").first.click()
    visitor.page.wait_for_load_state()
    visitor.page.locator("input[name=title]").fill("購買部 部長")
    shoot(visitor, "company-applicant")
    visitor.page.locator("button[value=next]").click()
    visitor.page.wait_for_load_state()
    visitor.page.locator("input[name=department_latin]").fill("Ｐｕｒｃｈａｓｉｎｇ Department, General Manager")
    shoot(visitor, "company-certificate")
    visitor.page.locator("button[value=next]").click()
    visitor.page.wait_for_load_state()
    shoot(visitor, "company-documents")
