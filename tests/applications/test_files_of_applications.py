"""Files of applications: checked as a whole, every fault by line and column, nothing half imported (fault 19)."""

import base64
from datetime import timedelta
from itertools import product

import pytest

from accounts.models import User
from applications.batches import Batch, BatchLine
from applications.models import Application
from applications.services import batches
from applications.worker import batches as worker
from audit.refusals import NotFound, RuleViolated, Stale
from certificates import csr
from certificates.models import BlockedKey, CertificationAuthority
from regulations.models import Contract, TargetSystem
from tests.applications import cases
from tests.applications.filing_many import (
    AT,
    DEVICE_HEADINGS,
    PEOPLE_HEADINGS,
    administer,
    device_line,
    file_of,
    found_in,
    hand_in,
    person_line,
    request_of,
    worked,
)
from tests.certificates import material
from tests.people import People

pytestmark = pytest.mark.usefixtures("wednesday")


@pytest.fixture
def contract(people: People, issuing: CertificationAuthority, demo_rules: None) -> Contract:
    return administer(people.contract_admin, "E-40213")


@pytest.fixture
def administrator(people: People) -> User:
    return people.contract_admin


def test_a_right_file_is_found_right_in_every_form(contract: Contract, administrator: User) -> None:
    for encoding, end, delimiter in product(("utf-8", "utf-8-sig", "cp932"), ("\n", "\r\n"), (",", "\t")):
        lines = [person_line(n, department="Sales").replace(",", delimiter) for n in range(3)]
        data = file_of(lines, PEOPLE_HEADINGS.replace(",", delimiter), encoding=encoding, end=end)
        batch = hand_in(contract, administrator, data)
        assert (batch.status, batch.line_count, found_in(batch)) == ("checked", 3, []), (encoding, end, delimiter)
        first = batch.lines.get(line=2)
        assert (first.email, first.name) == ("person0@demo.example", "社員 番0郎")
        assert first.values["certificate_email"] == "person0@demo.example"
    assert not Application.objects.exists()
    assert not User.objects.filter(email="person0@demo.example").exists()


def test_headings_may_be_english_or_the_names_of_the_fields(contract: Contract, administrator: User) -> None:
    headings = (
        "person.email,Authorised person,person_reading,title,direct_phone,department_latin,Name in English letters"
    )
    batch = hand_in(contract, administrator, file_of([person_line(1)], headings))
    assert batch.status == "checked"


def test_every_fault_is_told_by_line_and_column_and_nothing_is_kept_of_it(
    contract: Contract, administrator: User
) -> None:
    lines = [
        person_line(1),
        person_line(2, email="kaputt"),
        person_line(3, latin="Tarō Ōno"),
        person_line(4, reading=""),
        person_line(5, name="社員\u202e五郎"),
        "too,few",
        person_line(7, department="X" * 65),
        '"not closed',
        person_line(9, phone="12"),
    ]
    batch = hand_in(contract, administrator, file_of(lines))
    assert batch.status == "faulty"
    assert found_in(batch) == [
        (3, 1, "email"),
        (4, 7, "not_latin"),
        (5, 3, "required"),
        (6, 2, "unseen_character"),
        (7, 0, "column_count"),
        (8, 6, "too_long"),
        (9, 0, "quotation_mark"),
        (10, 5, "tel"),
    ]
    assert all(set(row.message) == {"ja", "en"} and all(row.message.values()) for row in batch.faults.all())
    with pytest.raises(Stale):
        batches.confirm(batch=batch, ticked=[], seen="", actor=administrator.actor(), at=AT)
    assert not Application.objects.exists()


def test_what_the_certificate_can_not_say_is_told_at_its_column(contract: Contract, administrator: User) -> None:
    batch = hand_in(contract, administrator, file_of([person_line(1, latin="A" * 64), person_line(2, latin="B" * 65)]))
    assert [(line, column) for line, column, _code in found_in(batch)] == [(3, 7)]


def test_a_broken_byte_of_a_shift_jis_file_is_named_and_no_other_line(contract: Contract, administrator: User) -> None:
    rows = [row.encode("cp932") for row in (PEOPLE_HEADINGS, *(person_line(n) for n in range(4)))]
    rows[3] = rows[3].replace("購買".encode("cp932"), b"\x90\xff")
    batch = hand_in(contract, administrator, b"\r\n".join(rows))
    assert batch.encoding == "cp932"
    assert found_in(batch) == [(4, 4, "encoding")]


def test_people_who_come_twice_are_told_with_the_line_where_they_stand_already(
    contract: Contract, administrator: User
) -> None:
    lines = [
        person_line(1),
        person_line(1, email="second@demo.example"),
        person_line(3, email="person1@demo.example"),
        person_line(4, email=administrator.email.upper()),
    ]
    batch = hand_in(contract, administrator, file_of(lines))
    assert found_in(batch) == [(3, 0, "line_twice"), (4, 1, "address_of_another"), (5, 1, "own_address")]
    assert "2" in batch.faults.get(code="line_twice").message["ja"]


@pytest.mark.clause("O-4.3.3")
def test_who_holds_a_valid_certificate_or_has_applied_is_told_before_anything_is_filed(
    contract: Contract, people: People
) -> None:
    open_one = cases.submitted(people.hanako)
    held = cases.submitted(people.jiro)
    cases.certificate_of_same_subject(held)
    Application.objects.filter(pk=held.pk).update(status="withdrawn")
    lines = [
        person_line(1, name=people.hanako.name, reading=people.hanako.name_reading),
        person_line(2, name=people.jiro.name, reading=people.jiro.name_reading),
        person_line(3),
    ]
    assert open_one.contract == held.contract == contract
    batch = hand_in(contract, people.contract_admin, file_of(lines))
    assert found_in(batch) == [(2, 0, "open_application"), (3, 0, "valid_certificate")]


WRONG_HEADINGS = {
    "合言葉," + PEOPLE_HEADINGS: ["unknown_column"],
    PEOPLE_HEADINGS + ",氏名（英字）": ["column_twice"],
    "本人のメールアドレス": ["column_missing"] * 6,
    PEOPLE_HEADINGS + ',"': ["quotation_mark"],
}


def test_wrong_headings_are_told_and_no_line_is_read(contract: Contract, administrator: User) -> None:
    for headings, codes in WRONG_HEADINGS.items():
        batch = hand_in(contract, administrator, file_of([person_line(1)] * 3, headings))
        assert [code for _line, _column, code in found_in(batch)] == codes
        assert batch.lines_done == 1


@pytest.mark.parametrize(
    "data",
    [b"", "本人".encode("utf-16"), b"\xff\xfe\x00\x00"],
    ids=["nothing", "another encoding", "a mark of another encoding"],
)
def test_a_file_that_can_not_be_read_is_not_kept(contract: Contract, administrator: User, data: bytes) -> None:
    with pytest.raises(RuleViolated):
        hand_in(contract, administrator, data)
    assert not Batch.objects.exists()


HOSTILE = {
    "nul": file_of([person_line(1, title="a\x00b")]),
    "only separators": file_of([",,,,,,"] * 3),
    "a very long line": file_of([person_line(1, title="あ" * 5000)]),
    "an endless line": PEOPLE_HEADINGS.encode() + b"\n" + b"x" * 200_000,
    "no end of quotation": file_of(['"' + "x" * 1000, person_line(2)]),
    "lone carriage returns": file_of([person_line(1)]).replace(b"\n", b"\r"),
    "only a mark": b"\xef\xbb\xbf",
    "only headings": PEOPLE_HEADINGS.encode(),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
    "look-alikes": file_of([person_line(1, latin="Кiko")]),
    "zero width": file_of([person_line(1, name="社\u200b員")]),
}


def test_whatever_is_handed_in_ends_with_faults_and_never_with_half_a_file(
    contract: Contract, administrator: User
) -> None:
    for name, data in HOSTILE.items():
        batch = hand_in(contract, administrator, data)
        assert batch.status == "faulty", name
        assert batch.fault_count == batch.faults.count() > 0, name
    assert not Application.objects.exists()


def test_a_workbook_is_refused_in_words_before_anything_is_stored(contract: Contract, administrator: User) -> None:
    with pytest.raises(RuleViolated) as refused:
        hand_in(contract, administrator, b"PK\x03\x04" + bytes(range(256)) * 40)
    assert [violation.code for violation in refused.value.violations] == ["workbook"]
    assert not Batch.objects.exists()


def test_a_file_has_at_most_ten_thousand_lines(
    contract: Contract, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MOST_LINES", 3)
    monkeypatch.setattr(worker, "STEP_LINES", 2)
    assert hand_in(contract, administrator, file_of(person_line(n) for n in range(3))).status == "checked"
    batch = hand_in(contract, administrator, file_of(person_line(n) for n in range(10, 15)))
    assert "too_many_lines" in [code for _line, _column, code in found_in(batch)]


def test_checking_stops_where_somebody_wants_it_and_goes_on_from_there(
    contract: Contract, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "STEP_LINES", 2)
    batch = batches.receive(
        contract=contract,
        target_system=TargetSystem.objects.get(slug="e-contract"),
        file=("a.csv", [file_of(person_line(n) for n in range(5))]),
        person=administrator,
        actor=administrator.actor(),
        at=AT,
    )
    assert worker.step(str(batch.pk), AT)
    batches.ask_stop(batch=batch, actor=administrator.actor(), at=AT)
    worker.work_on_all()
    batch.refresh_from_db()
    assert (batch.status, batch.lines_done) == ("stopped", 2)
    batches.resume(batch=batch, actor=administrator.actor(), at=AT)
    assert worked(batch).status == "checked"
    assert batch.lines.count() == 5


def test_another_administrator_and_a_contract_that_has_ended_get_nowhere(
    contract: Contract, people: People, administrator: User
) -> None:
    data = file_of([person_line(1)])
    with pytest.raises(NotFound):
        hand_in(contract, people.outsider, data)
    batch = hand_in(contract, administrator, data)
    for act in (batches.ask_stop, batches.resume, batches.discard):
        with pytest.raises(NotFound):
            act(batch=batch, actor=people.outsider.actor(), at=AT)
    Contract.objects.filter(pk=contract.pk).update(ends_at=AT - timedelta(days=1))
    with pytest.raises(RuleViolated):
        hand_in(contract, administrator, data)


def test_rules_without_files_take_none(contract: Contract, administrator: User) -> None:
    with pytest.raises(RuleViolated):
        hand_in(contract, administrator, file_of([person_line(1)]), "member-client")


def test_a_thrown_away_file_leaves_its_faults_and_nothing_about_people(contract: Contract, administrator: User) -> None:
    batch = hand_in(contract, administrator, file_of([person_line(1), person_line(2, email="kaputt")]))
    batches.discard(batch=batch, actor=administrator.actor(), at=AT)
    batch.refresh_from_db()
    assert (batch.status, batch.faults.count(), batch.parts.count()) == ("discarded", 1, 0)
    assert not BatchLine.objects.exists()


def test_devices_bring_a_key_of_their_own_each(people: People, contract: Contract) -> None:
    devices = administer(people.contract_admin, "D-20111")
    used = material.request()
    BlockedKey.objects.create(public_key_sha256=csr.read(used, key_types=["p256"]).spki_digest, blocked_at=AT)
    blocked = base64.b64encode(used).decode()
    lines = [
        device_line(1),
        device_line(2),
        device_line(3, request_of(1)),
        device_line(4, "bm90IGEgcmVxdWVzdA=="),
        device_line(5, "***"),
        device_line(6, " "),
        device_line(7, blocked),
    ]
    batch = hand_in(devices, people.contract_admin, file_of(lines, DEVICE_HEADINGS), "monitored-device")
    assert found_in(batch) == [
        (4, 8, "key_twice"),
        (5, 8, "not_pem"),
        (6, 8, "unreadable"),
        (7, 8, "required"),
        (8, 8, "key_used"),
    ]
