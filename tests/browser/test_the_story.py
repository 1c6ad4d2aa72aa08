"""The whole path in Chromium: five people in sessions of their own, and every process of the portal at work."""

import re
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from lra_portal.demo.people import AGENT, APPROVER, AUDITOR, EXAMINER, HARUKA, TSUMUGI, WAKANA, Person
from tests.browser import acts
from tests.browser.acts import Answers, Checker
from tests.browser.conftest import Visitors
from tests.browser.visitor import Visitor

MEMBER = Answers(
    slug="member-client",
    applicant={"person_name": "高橋 わかな", "person_reading": "たかはし わかな", "phone": "03-0000-0101"},
    certificate={"person_latin": "Takahashi Wakana", "member_number": "M-000777", "email": "wakana@demo.example"},
    documents={"identity_document": False},
)
SIGNATORY = Answers(
    slug="e-contract",
    applicant={
        "person_name": "大野 つむぎ",
        "person_reading": "オオノ ツムギ",
        "title": "購買部 部長",
        "direct_phone": "03-0000-0102",
    },
    certificate={
        "department_latin": "Purchasing, Director",
        "person_latin": "Tsumugi Ono",
        "certificate_email": "tsumugi@demo.example",
    },
    documents={"seal_certificate": True, "company_register": True},
)
SIGNATORY_KNOWS = {
    "name_reading": "オオノ ツムギ",
    "contract_number": "E-40213",
    "corporate_number": "1999900000123",
}
PIN = r"(?:[2-9A-Z]{4}-){3,}[2-9A-Z]{4}"


def signed_in(visitors: Visitors, *people: Person) -> list[Visitor]:
    """Let several people sign in, each in a browser of their own."""
    entered = [visitors(person) for person in people]
    for visitor in entered:
        visitor.sign_in()
    return entered


@pytest.mark.processes
@pytest.mark.clause("O-4.2", "O-5", "O-15.1.1", "O-15.2.2", "O-16.2.2", "O-1.1")
def test_a_member_applies_uses_and_revokes_a_certificate(visitors: Visitors, tmp_path: Path) -> None:
    wakana, examiner, approver = signed_in(visitors, WAKANA, EXAMINER, APPROVER)
    key = ec.generate_private_key(ec.SECP256R1())
    receipt = acts.apply(wakana, MEMBER, acts.request_text(key))
    wakana.mail(re.escape(receipt))
    acts.examine(examiner, receipt)
    acts.approve(approver, receipt)
    file = acts.fetch(wakana, tmp_path)
    assert x509.load_pem_x509_certificate(file).public_key() == key.public_key()
    address = acts.accept(wakana)
    checker = Checker(visitors.portal, tmp_path, file)
    assert "leaf.pem: OK" in checker.verified()
    assert "leaf.pem: good" in checker.asked()
    revoke(wakana, approver, address)
    await_revoked(checker)
    wakana.go(address)
    haruka, auditor = signed_in(visitors, HARUKA, AUDITOR)
    answer = haruka.page.goto(address)
    assert answer is not None
    assert answer.status == 404
    read_story(auditor, receipt)


def revoke(holder: Visitor, approver: Visitor, address: str) -> None:
    """Ask for the revocation of one's certificate, and let the approver decide."""
    holder.go(address)
    number = re.search(r"C-?\d[\d-]+", holder.text())
    holder.follow("/revoke/")
    form = holder.page.locator("main form[method=post]").last
    form.locator("input[type=radio][value='holder:key_compromise']").check(force=True)
    assert number
    form.locator("[name=typed_number]").fill(number[0])
    form.locator("button").last.click()
    holder.page.wait_for_load_state()
    holder.look()
    decide(approver, number[0])


def decide(approver: Visitor, number: str) -> None:
    """Find the request about a certificate among those that wait, and revoke."""
    approver.go("/office/revocations/")
    approver.page.locator("main tr", has_text=number).locator("a.row-link").first.click()
    approver.page.wait_for_load_state()
    approver.look()
    approver.send("/approve/")


def take_call(agent: Visitor, receipt: str, known: dict[str, str]) -> None:
    """Find who is calling, write the call down, answer it, make sure who it is, and ask for the revocation."""
    agent.go("/desk/")
    agent.go(f"/desk/?q={receipt}")
    agent.page.locator("ul.hits a").first.click()
    agent.page.wait_for_load_state()
    agent.look()
    agent.page.locator("input[name=kind][value=defect]").check(force=True)
    agent.send("/tickets/new/", caller_name="大野 つむぎ", matter="手順どおりに操作しても取り込めません。")
    assert re.search(r"あと|残り|まで", agent.text())
    for item, answer in known.items():
        form = agent.page.locator("form[action$='/verify/']", has=agent.page.locator(f"[name=item][value={item}]"))
        form.locator("[name=answer]").fill(answer)
        form.locator("button").click()
        agent.page.wait_for_load_state()
        agent.look()
    agent.send("/answer/", text="端末を入れ替えたとのこと。失効の手続きを始めると伝えました。")
    agent.follow("/revocation/")
    agent.page.locator("input[name=ground][value='holder:no_longer_used']").check(force=True)
    agent.page.locator("main form[method=post] button").last.click()
    agent.page.wait_for_load_state()
    agent.look()


def await_revoked(checker: Checker, seconds: float = 20.0) -> None:
    """Ask list and responder until both say that the certificate is revoked."""
    deadline = time.monotonic() + seconds
    while "certificate revoked" not in checker.verified() or "leaf.pem: revoked" not in checker.asked():
        assert time.monotonic() < deadline, checker.verified() + checker.asked()
        time.sleep(0.5)


def read_story(auditor: Visitor, receipt: str) -> None:
    """Find the story by its receipt number, and see its acts."""
    auditor.go(f"/records/stories/?q={receipt}")
    auditor.page.locator("main a.row-link").first.click()
    auditor.page.wait_for_load_state()
    auditor.look()


@pytest.mark.processes
@pytest.mark.clause("J-2", "J-3.2", "J-5.2", "O-14.2", "O-8.1.2", "O-15.2.4", "O-15.3")
def test_an_authorised_person_gets_file_and_pin_by_two_mails_and_calls_about_it(
    visitors: Visitors, tmp_path: Path
) -> None:
    tsumugi, examiner, approver = signed_in(visitors, TSUMUGI, EXAMINER, APPROVER)
    tsumugi.send("/language/")
    assert "Sign out" in tsumugi.text()
    receipt = acts.apply(tsumugi, SIGNATORY)
    acts.examine(examiner, receipt)
    acts.approve(approver, receipt)
    file = acts.fetch(tsumugi, tmp_path)
    pin = tsumugi.mail(PIN)[0]
    _key, issued, _chain = pkcs12.load_key_and_certificates(file, pin.encode())
    assert issued is not None
    assert issued.subject.rfc4514_string().startswith("CN=Tsumugi Ono")
    acts.accept(tsumugi)
    number = re.search(r"C-?\d[\d-]+", tsumugi.text())
    assert number
    (agent,) = signed_in(visitors, AGENT)
    take_call(agent, receipt, SIGNATORY_KNOWS)
    decide(approver, number[0])
    await_revoked(Checker(visitors.portal, tmp_path, issued.public_bytes(Encoding.PEM)))
    tsumugi.mail(rf"{number[0]}[\s\S]*revoked|revoked[\s\S]*{number[0]}|失効")
