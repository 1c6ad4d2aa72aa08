"""The administrator's pages of files of applications: hand in, read faults, confirm, follow, download."""

import csv
import io
import re

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from applications.batches import Batch
from applications.models import Application
from certificates.models import CertificationAuthority
from regulations.models import Contract
from regulations.services import consents
from tests.applications.applying import file as sent_file
from tests.applications.applying import pdf
from tests.applications.filing_many import (
    AT,
    DEVICE_HEADINGS,
    add_documents,
    administer,
    device_line,
    file_of,
    hand_in,
    person_line,
    worked,
)
from tests.people import People, signed_in

pytestmark = pytest.mark.usefixtures("wednesday")


@pytest.fixture
def contract(people: People, issuing: CertificationAuthority, demo_rules: None) -> Contract:
    return administer(people.contract_admin, "E-40213")


@pytest.fixture
def browser(people: People) -> Client:
    return signed_in(people.contract_admin)


def upload(browser: Client, contract: Contract, data: bytes, slug: str = "e-contract") -> Batch:
    answer = browser.post(
        f"/own-contracts/{contract.pk}/files/", {"target_system": slug, "file": sent_file(data, "社員.csv")}
    )
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return worked(Batch.objects.get(pk=answer["Location"].split("/")[4]))


def at(batch: Batch, page: str = "") -> str:
    return f"/own-contracts/{batch.contract_id}/files/{batch.pk}/{page}"


def rows_in(answer: object) -> list[list[str]]:
    assert isinstance(answer, StreamingHttpResponse)
    text = b"".join(answer.streaming_content).decode()  # type: ignore[arg-type]
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_file_is_handed_in_its_faults_read_mended_and_confirmed(contract: Contract, browser: Client) -> None:
    page = browser.get(f"/own-contracts/{contract.pk}/files/").content.decode()
    assert "本人のメールアドレス" in page
    assert "氏名（英字）" in page
    batch = upload(browser, contract, file_of([person_line(1), person_line(2, email="kaputt")], encoding="cp932"))
    page = browser.get(at(batch)).content.decode()
    assert "本人のメールアドレス" in page
    assert "これはメールアドレスではありません" in page or "メールアドレス" in page
    faults = rows_in(browser.get(at(batch, "faults/")))
    assert [row[:3] for row in faults[1:]] == [["3", "1", "本人のメールアドレス"]]
    assert browser.post(at(batch, "act/"), {"act": "discard"}).status_code == 302

    batch = upload(browser, contract, file_of([person_line(1), person_line(2)], encoding="cp932"))
    page = browser.get(at(batch)).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    answer = browser.post(at(batch, "confirm/"), {"seen": seen[1]})
    assert answer.status_code == 422
    assert "印鑑証明書" in answer.content.decode()
    for key in ("seal_certificate", "company_register"):
        day = {f"{key}-issued_on_y": "2026", f"{key}-issued_on_m": "11", f"{key}-issued_on_d": "2"}
        sent = {"document": key, f"{key}-file": sent_file(pdf()), **day}
        assert browser.post(at(batch, "documents/"), sent).status_code == 302
    seen = re.search(r'name="seen" value="(\w+)"', browser.get(at(batch)).content.decode())
    assert seen is not None
    assert browser.post(at(batch, "confirm/"), {"seen": seen[1]}).status_code == 302
    batch = worked(batch)
    assert batch.status == "filed"
    page = browser.get(at(batch)).content.decode()
    assert "本人の同意待ち" in page
    results = rows_in(browser.get(at(batch, "results/")))
    assert [row[:3] for row in results[1:]] == [
        ["2", "person1@demo.example", "社員 番1郎"],
        ["3", "person2@demo.example", "社員 番2郎"],
    ]


def test_the_administrator_ticks_each_consent_where_theirs_is_asked(people: People, contract: Contract) -> None:
    devices, browser = administer(people.contract_admin, "D-20111"), signed_in(people.contract_admin)
    batch = upload(browser, devices, file_of([device_line(1)], DEVICE_HEADINGS), "monitored-device")
    add_documents(batch, people.contract_admin, "device_register")
    page = browser.get(at(batch)).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    asked = [item.key for item in consents.asked_for(ruleset=batch.rules.ruleset, at=AT)]
    answer = browser.post(at(batch, "confirm/"), {"seen": seen[1], "consent": asked[:1]})
    assert answer.status_code == 422
    assert re.search(rf'value="{re.escape(asked[0])}"\s+checked', answer.content.decode())
    assert browser.post(at(batch, "confirm/"), {"seen": seen[1], "consent": asked}).status_code == 302
    assert worked(batch).status == "filed"
    assert Application.objects.get(batch=batch).status == "submitted"


def test_nothing_in_a_file_that_goes_out_is_calculated_by_a_spreadsheet(contract: Contract, browser: Client) -> None:
    name = "=HYPERLINK(1)"
    batch = upload(browser, contract, file_of([person_line(1, name=name), person_line(2, email="=1+1@x")]))
    assert batch.status == "faulty"
    assert all(not cell.startswith("=") for row in rows_in(browser.get(at(batch, "faults/"))) for cell in row)
    batch = upload(browser, contract, file_of([person_line(1, name=name)]))
    rows = rows_in(browser.get(at(batch, "results/")))
    assert rows[1][2] == f"'{name}"


def test_the_sample_is_a_file_that_is_found_right(contract: Contract, browser: Client, people: People) -> None:
    rows = rows_in(browser.get(f"/own-contracts/{contract.pk}/files/sample/e-contract/"))
    data = "\n".join(",".join(row) for row in rows).encode("utf-8-sig")
    assert hand_in(contract, people.contract_admin, data).status == "checked"
    assert browser.get(f"/own-contracts/{contract.pk}/files/sample/member-client/").status_code == 404


@pytest.mark.parametrize("visitor", ["outsider", "hanako", "examiner", "rules_manager"])
def test_nobody_else_finds_the_pages_of_a_file(people: People, contract: Contract, visitor: str) -> None:
    batch = hand_in(contract, people.contract_admin, file_of([person_line(1)]))
    stranger = signed_in(getattr(people, visitor))
    for page in ("", "faults/", "results/"):
        assert stranger.get(at(batch, page)).status_code == 404
    for page in ("act/", "confirm/", "documents/"):
        assert stranger.post(at(batch, page), {"act": "discard", "document": "seal_certificate"}).status_code == 404
    assert stranger.get(f"/own-contracts/{contract.pk}/files/").status_code == 404
    batch.refresh_from_db()
    assert batch.status == "checked"


def test_what_can_not_be_used_is_said_on_the_page_and_stored_nowhere(contract: Contract, browser: Client) -> None:
    address = f"/own-contracts/{contract.pk}/files/"
    for sent in ({}, {"target_system": "nothing"}, {"target_system": "member-client"}, {"target_system": "e-contract"}):
        assert browser.post(address, sent).status_code == 422
    unreadable = sent_file("本人".encode("utf-16"), "a.csv")
    assert browser.post(address, {"target_system": "e-contract", "file": unreadable}).status_code == 422
    assert not Batch.objects.exists()


def test_pages_of_many_lines_turn_by_line(contract: Contract, browser: Client, people: People) -> None:
    batch = hand_in(contract, people.contract_admin, file_of(person_line(n) for n in range(60)))
    add_documents(batch, people.contract_admin, "seal_certificate", "company_register")
    Batch.objects.filter(pk=batch.pk).update(confirmed_by=people.contract_admin, confirmed_at=AT)
    Batch.objects.filter(pk=batch.pk).update(status="filing")
    batch = worked(batch)
    page = browser.get(at(batch)).content.decode()
    assert "?after=51" in page
    second = browser.get(at(batch, "?after=51")).content.decode()
    assert "person50@demo.example" in second
    assert "person49@demo.example" not in second
    for junk in ("x", "-1", "9" * 40):
        assert browser.get(at(batch, f"?after={junk}")).status_code == 200
