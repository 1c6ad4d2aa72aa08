"""The acts of a story as people do them in their browsers."""

import io
import re
import subprocess
import urllib.request
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone

from lra_portal.quickstart.portal import Portal
from tests.browser.visitor import Visitor
from tests.certificates import material

APPLIED = set[tuple[int, str, str]]()


@dataclass(frozen=True)
class Answers:
    """What somebody fills in, page by page, and which documents they hand in with which age."""

    slug: str
    applicant: dict[str, str]
    certificate: dict[str, str]
    documents: dict[str, bool]  # key of the document, and whether its day of issue is asked


def pdf() -> bytes:
    """Return an honest one-page document."""
    document, file = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595, 842))
    document.save(file)
    return file.getvalue()


def request_text(key: ec.EllipticCurvePrivateKey | None = None) -> str:
    """Return a certificate signing request as a person pastes it, for a key that no other story has certified."""
    der = material.request(key or ec.generate_private_key(ec.SECP256R1()))
    return x509.load_der_x509_csr(der).public_bytes(Encoding.PEM).decode()


def apply(visitor: Visitor, answers: Answers, request: str = "") -> str:
    """Choose, fill in, upload, check, agree and submit; return the receipt number.

    Stories share a portal, so each applies under a name and a member's number of its own: two open applications for
    one subject are rivals.
    """
    names = [answers.certificate[own] for own in ("person_latin", "member_number") if own in answers.certificate]
    own_names = {(visitor.portal.port, answers.slug, name) for name in names}
    assert not own_names & APPLIED, f"another story applied as {names}"
    APPLIED.update(own_names)
    visitor.go("/home/")
    visitor.go("/applications/new/")
    visitor.send(f"/applications/new/{answers.slug}/")
    fill_step(visitor, answers.applicant)
    fill_step(visitor, {**answers.certificate, **({"csr": request} if request else {})})
    for key, dated in answers.documents.items():
        upload(visitor, key, dated=dated)
    visitor.page.locator("form[action$='/form/documents/'] button[value=next]").click()
    visitor.page.wait_for_load_state()
    visitor.look()
    for box in visitor.page.locator("input[name=consent]").all():
        box.check()
    visitor.send("/submit/")
    found = re.search(r"[A-Z]*-?\d{4}-\d{3,}[\d-]*", visitor.text())
    assert found, visitor.text()
    return found[0]


def fill_step(visitor: Visitor, values: dict[str, str]) -> None:
    """Fill in one page of the form and go on."""
    for name, value in values.items():
        visitor.page.locator(f"#step-form [name={name}]").fill(value)
    visitor.page.locator("#step-form button[value=next]").click()
    visitor.page.wait_for_load_state()
    visitor.look()


def upload(visitor: Visitor, key: str, *, dated: bool) -> None:
    """Hand in one document."""
    section = visitor.page.locator(f"#document-{key}")
    section.locator("input[type=file]").set_input_files(
        {"name": f"{key}.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    )
    if dated:
        day = timezone.localtime().date() - timedelta(days=20)
        for place, value in zip(section.locator(".date3 input").all(), (day.year, day.month, day.day), strict=True):
            place.fill(str(value))
    section.locator("form[enctype] button").last.click()
    visitor.page.wait_for_load_state()
    visitor.look()


def examine(visitor: Visitor, receipt: str) -> None:
    """Take the application out of the queue, judge every item, and hand it on to the approver."""
    open_case(visitor, receipt)
    visitor.send("/claim/")
    forms = visitor.page.locator("form[action*='/items/']")
    for position in range(forms.count()):
        judge(visitor, str(forms.nth(position).get_attribute("id")))
    visitor.look()
    visitor.send("/recommend/")
    assert not visitor.page.locator("form[action$='/recommend/']").count(), visitor.text()


def judge(visitor: Visitor, form: str) -> None:
    """Write the evidence where it is asked, then give the first verdict, which is the good one and keeps the row."""
    page = visitor.page
    words = page.locator(f"#e-{form.removeprefix('form-')}")
    if words.count() and words.get_attribute("open") is None:
        words.locator("summary").click()
    said = {"evidence": "書類で確認", "source": "公開の電話帳（デモ）", "number": "06-9999-0000"}
    said |= {"spoke_with": "総務の担当者", "note": "在籍と意思を確認"}
    for name, value in said.items():
        field = page.locator(f"[form={form}][name={name}]")
        if field.count():
            field.first.fill(value)
    verdict = page.locator(f"#{form} input[type=radio]").first
    verdict.focus()
    with page.expect_response(lambda response: "/items/" in response.url and response.status == 200):
        verdict.press("Space")
    # The answer has come; on a busy machine it may still be on its way into the page.
    page.locator(".htmx-request, .htmx-swapping, .htmx-settling").first.wait_for(state="detached")


def open_case(visitor: Visitor, receipt: str) -> None:
    """Find an application in the queue by its receipt number."""
    visitor.go(f"/examination/?q={receipt}")
    visitor.page.locator("a.row-link", has_text=receipt).first.click()
    visitor.page.wait_for_load_state()
    visitor.look()


def approve(visitor: Visitor, receipt: str) -> None:
    """Approve what the examiner recommended."""
    open_case(visitor, receipt)
    visitor.follow("/approve/")
    visitor.press_in_form("input[name=seen]")
    visitor.look()


def fetch(visitor: Visitor, folder: Path) -> bytes:
    """Follow the link in the mail and download; return the file."""
    link = visitor.mail(r"https?://\S+/certificates/delivery/[\w-]+/")[0]
    visitor.go(link)
    with visitor.page.expect_download() as waiting:
        visitor.page.locator("form[action*='/download/'] button").click()
    target = folder / "file"
    waiting.value.save_as(target)
    return target.read_bytes()


def accept(visitor: Visitor) -> str:
    """Check the contents, accept, read the start-of-service notice; return the certificate's address."""
    visitor.go("/certificates/")
    visitor.page.locator("main a.row-link").first.click()
    visitor.page.wait_for_load_state()
    visitor.look()
    address = visitor.page.url
    visitor.follow("/receipt/")
    visitor.page.locator("main form[method=post]").last.locator("button").first.click()
    visitor.page.wait_for_load_state()
    visitor.look()
    visitor.go(address)
    if visitor.page.locator("a[href$='/start/']").count():
        visitor.follow("/start/")
    return address


class Checker:
    """A relying party: fetches what certificates point to, and asks OpenSSL alone."""

    def __init__(self, portal: Portal, folder: Path, certificate: bytes) -> None:
        self.portal, self.folder = portal, folder
        (folder / "leaf.pem").write_bytes(certificate)
        for name in ("root", "issuing"):
            (folder / f"{name}.pem").write_bytes(self.get(f"{portal.status_url}/ca/{name}.pem"))
        (folder / "chain.pem").write_bytes((folder / "issuing.pem").read_bytes() + (folder / "root.pem").read_bytes())

    def get(self, url: str) -> bytes:
        """Fetch an address over plain http."""
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=20) as answer:
            body: bytes = answer.read()
        return body

    def run(self, *words: str) -> str:
        """Run OpenSSL and return all that it says."""
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def verified(self) -> str:
        """Return OpenSSL's word on chain and lists."""
        for name in ("root", "issuing"):
            crl = x509.load_der_x509_crl(self.get(f"{self.portal.status_url}/crl/{name}.crl"))
            (self.folder / f"{name}.crl").write_bytes(crl.public_bytes(Encoding.PEM))
        lists = ("-CRLfile", "root.crl", "-CRLfile", "issuing.crl")
        return self.run("verify", "-crl_check_all", "-CAfile", "chain.pem", *lists, "leaf.pem")

    def asked(self) -> str:
        """Return the responder's word on the certificate, checked by OpenSSL."""
        words = ("ocsp", "-issuer", "issuing.pem", "-cert", "leaf.pem", "-CAfile", "chain.pem")
        return self.run(*words, "-url", self.portal.responder_url, "-no_nonce")
