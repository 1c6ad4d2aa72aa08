"""Contracts by file: checked as a whole, loaded as a whole, stopped and taken up again."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
import time_machine

from audit.models import Event
from audit.refusals import RuleViolated, Stale
from regulations.models import Contract, ContractChange, ContractFile, ContractMember, Corporation, ParentService
from regulations.periods import end_after
from regulations.services import contract_files, contracts
from regulations.worker import reading
from tests.harness.jobs import Jobs
from tests.instants import APRIL_1_MIDNIGHT, MONDAY_9_00
from tests.people import People
from vault.models import SealedBlob

HEADINGS = "契約番号,開始日,終了日,法人番号,法人名,法人名英字,権限者メール,権限者氏名"
COMPANY = "8999900000777,株式会社見本精機（デモ）,Mihon Seiki K.K."
AT = MONDAY_9_00


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def service(people: People) -> ParentService:
    return ParentService.objects.create(slug="mihon", name={"ja": "見本", "en": "Mihon"})


def hand_in(
    service: ParentService, people: People, *lines: str, encoding: str = "utf-8", end: str = "\n"
) -> ContractFile:
    data = end.join([HEADINGS, *lines, ""]).encode(encoding)
    return contract_files.receive(
        parent_service=service, name="見本.csv", chunks=[data], actor=people.rules_manager.actor(), at=AT
    )


def read(file: ContractFile) -> ContractFile:
    reading.read_waiting()
    file.refresh_from_db()
    return file


def load(file: ContractFile, people: People) -> ContractFile:
    contract_files.confirm(file=file, actor=people.rules_manager.actor(), at=AT)
    return read(file)


@pytest.mark.clause("O-18.1")
@pytest.mark.parametrize(("encoding", "end"), [("utf-8", "\n"), ("utf-8-sig", "\r\n"), ("cp932", "\r\n")])
def test_a_right_file_begins_its_contracts_once_it_is_confirmed(
    service: ParentService, people: People, encoding: str, end: str
) -> None:
    line = f"K-1,2026-04-01,2027-03-31,{COMPANY},taro@demo.example,見本 太郎"
    file = read(hand_in(service, people, line, encoding=encoding, end=end))
    assert (file.status, file.outcome["begun"]) == ("checked", 1)
    assert not Contract.objects.exists()
    assert load(file, people).status == "loaded"
    contract = Contract.objects.get(number="K-1")
    assert contract.ends_at == APRIL_1_MIDNIGHT
    assert contract.corporation is not None
    assert contract.corporation.name == "株式会社見本精機（デモ）"
    assert contract.members.get().is_authorised_person


@pytest.mark.clause("J-2")
def test_a_file_names_members_besides_the_authorised_person(service: ParentService, people: People) -> None:
    members = "見本 太郎 <taro@demo.example>；見本 次郎 <jiro@demo.example>"
    head = HEADINGS + ",構成員"
    line = f"K-1,2026-04-01,,{COMPANY},taro@demo.example,見本 太郎,{members}"
    data = f"{head}\n{line}".encode("cp932")
    actor = people.rules_manager.actor()
    file = contract_files.receive(parent_service=service, name="見本.csv", chunks=[data], actor=actor, at=AT)
    assert load(read(file), people).status == "loaded"
    named = ContractMember.objects.order_by("email").values_list(
        "email", "name", "is_authorised_person", "is_administrator"
    )
    assert list(named) == [
        ("jiro@demo.example", "見本 次郎", False, False),
        ("taro@demo.example", "見本 太郎", True, False),
    ]


def test_every_fault_is_reported_by_line_and_column_and_nothing_is_stored(
    service: ParentService, people: People
) -> None:
    good = f"K-1,2026-04-01,,{COMPANY},,"
    file = read(
        hand_in(
            service, people, good, f"K-2,2026-04-01,2026-03-31,{COMPANY},,", "K-3,2026-04-01", f"K-4,,,{COMPANY},x,"
        )
    )
    assert file.status == "faulty"
    found = [(fault.line, fault.column, fault.code) for fault in file.faults.order_by("line", "column")]
    assert found == [
        (3, 3, "ends_before_beginning"),
        (4, 0, "column_count"),
        (5, 2, "required"),
        (5, 7, "email"),
    ]
    assert not Contract.objects.exists()
    assert not Corporation.objects.exists()
    with pytest.raises(Stale):
        contract_files.confirm(file=file, actor=people.rules_manager.actor(), at=AT)


def test_a_broken_line_of_a_shift_jis_file_is_named_and_no_other(service: ParentService, people: People) -> None:
    rows = [HEADINGS, *(f"K-{n},2026-04-01,,{COMPANY},," for n in range(5))]
    encoded = [row.encode("cp932") for row in rows]
    encoded[3] = encoded[3].replace("精機".encode("cp932"), b"\x90\xff")
    file = contract_files.receive(
        parent_service=service,
        name="b.csv",
        chunks=[b"\r\n".join(encoded)],
        actor=people.rules_manager.actor(),
        at=AT,
    )
    file = read(file)
    assert file.encoding == "cp932"
    assert [(fault.line, fault.column, fault.code) for fault in file.faults.all()] == [(4, 5, "encoding")]


def test_periods_of_one_number_must_not_overlap_within_the_file(service: ParentService, people: People) -> None:
    file = read(
        hand_in(
            service,
            people,
            f"K-1,2026-04-01,2027-03-31,{COMPANY},,",
            f"K-1,2027-03-31,,{COMPANY},,",
            f"K-2,2026-04-01,2027-03-31,{COMPANY},,",
            f"K-2,2027-04-01,,{COMPANY},,",
        )
    )
    assert [(fault.line, fault.column, fault.code) for fault in file.faults.all()] == [(3, 2, "periods_overlap")]


def test_periods_must_not_overlap_what_is_in_the_register(service: ParentService, people: People) -> None:
    load(read(hand_in(service, people, f"K-1,2026-04-01,2027-03-31,{COMPANY},,")), people)
    file = read(hand_in(service, people, f"K-1,2026-10-01,,{COMPANY},,"))
    assert [(fault.line, fault.code) for fault in file.faults.all()] == [(2, "periods_overlap")]


def test_a_contract_does_not_change_hands_by_file(service: ParentService, people: People) -> None:
    load(read(hand_in(service, people, f"K-1,2026-04-01,,{COMPANY},,")), people)
    file = read(hand_in(service, people, "K-1,2026-04-01,,7999900000456,ためし建設株式会社（デモ）,Tameshi Inc.,,"))
    assert [(fault.line, fault.column, fault.code) for fault in file.faults.all()] == [(2, 4, "other_corporation")]


def test_a_corporation_with_two_names_is_a_fault(service: ParentService, people: People) -> None:
    other = COMPANY.replace("精機", "機械")
    file = read(hand_in(service, people, f"K-1,2026-04-01,,{COMPANY},,", f"K-2,2026-04-01,,{other},,"))
    assert [(fault.line, fault.code) for fault in file.faults.all()] == [(3, "two_names")]


@pytest.mark.clause("O-9")
def test_a_file_does_not_rename_a_corporation_that_another_service_relies_on(
    service: ParentService, people: People
) -> None:
    load(read(hand_in(service, people, f"K-1,2026-04-01,,{COMPANY},,")), people)
    other = ParentService.objects.create(slug="other", name={"ja": "別", "en": "Other"})
    renamed = read(hand_in(other, people, f"L-1,2026-04-01,,{COMPANY.replace('K.K.', 'Inc.')},,"))
    assert [(fault.line, fault.code) for fault in renamed.faults.all()] == [(2, "registered_otherwise")]
    own = read(hand_in(service, people, f"K-2,2026-04-01,,{COMPANY.replace('K.K.', 'Inc.')},,"))
    assert own.status == "checked"


@pytest.mark.clause("O-18.2")
def test_a_file_extends_shortens_and_ends_and_says_so_before(service: ParentService, people: People) -> None:
    first = [f"K-{n},2026-04-01,2027-03-31,{COMPANY},," for n in range(4)]
    load(read(hand_in(service, people, *first)), people)
    ends = ["2028-03-31", "2026-12-31", "2026-11-10", "2027-03-31"]
    file = read(hand_in(service, people, *(f"K-{n},2026-04-01,{end},{COMPANY},," for n, end in enumerate(ends))))
    assert file.outcome == {"lines": 4, "begun": 0, "extended": 1, "shortened": 1, "ended": 1, "unchanged": 1}
    load(file, people)
    kinds = ContractChange.objects.filter(file=file).values_list("contract__number", "kind")
    assert dict(kinds) == {"K-0": "extended", "K-1": "shortened", "K-2": "ended"}
    assert Contract.objects.get(number="K-1").ends_at == end_after(date(2026, 12, 31))
    assert not ContractChange.objects.filter(file=file, settled_at__isnull=False).exists()


def test_a_file_is_stopped_and_goes_on_where_it_stood(
    service: ParentService, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "STEP_LINES", 4)
    file = hand_in(service, people, *(f"K-{n},2026-04-01,,{COMPANY},," for n in range(10)))
    assert reading.step(str(file.pk), AT)
    assert reading.step(str(file.pk), AT)
    contract_files.ask_stop(file=file, actor=people.rules_manager.actor(), at=AT)
    file = read(file)
    assert (file.status, file.lines_done) == ("stopped", 4)
    assert file.bytes_done < file.size
    contract_files.resume(file=file, actor=people.rules_manager.actor(), at=AT)
    file = read(file)
    assert (file.status, file.outcome["begun"], file.lines_done) == ("checked", 10, 11)


def test_a_loading_that_is_stopped_leaves_nothing(
    service: ParentService, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = read(hand_in(service, people, *(f"K-{n},2026-04-01,,{COMPANY},," for n in range(3))))
    contract_files.confirm(file=file, actor=people.rules_manager.actor(), at=AT)
    contract_files.ask_stop(file=file, actor=people.rules_manager.actor(), at=AT)
    file = read(file)
    assert (file.status, Contract.objects.count(), Corporation.objects.count()) == ("checked", 0, 0)
    assert load(file, people).status == "loaded"


def test_a_contract_that_came_in_between_makes_the_file_faulty(service: ParentService, people: People) -> None:
    file = read(hand_in(service, people, f"K-1,2026-04-01,,{COMPANY},,"))
    actor = people.rules_manager.actor()
    terms = contracts.Terms("K-1", date(2026, 5, 1))
    contracts.open_contract(parent_service=service, corporation=None, terms=terms, actor=actor, at=AT)
    file = load(file, people)
    assert (file.status, file.fault_count, Contract.objects.count()) == ("faulty", 1, 1)


def test_a_loaded_file_leaves_neither_bytes_nor_lines_behind(service: ParentService, people: People) -> None:
    file = load(read(hand_in(service, people, f"K-1,2026-04-01,,{COMPANY},,")), people)
    documents = SealedBlob.objects.filter(purpose="documents")
    assert (file.parts.count(), file.lines.count(), documents.count()) == (0, 0, 0)
    assert Event.objects.filter(act="contract_file:load", subject_id=str(file.pk)).count() == 1


def test_a_thrown_away_file_is_gone_but_its_faults_stay(service: ParentService, people: People) -> None:
    file = read(hand_in(service, people, f"K-1,,,{COMPANY},,"))
    file = contract_files.discard(file=file, actor=people.rules_manager.actor(), at=AT)
    assert (file.status, file.parts.count(), file.faults.count()) == ("discarded", 0, 1)


def test_the_same_file_again_changes_nothing(service: ParentService, people: People) -> None:
    line = f"K-1,2026-04-01,2027-03-31,{COMPANY},taro@demo.example,見本 太郎"
    load(read(hand_in(service, people, line)), people)
    file = load(read(hand_in(service, people, line)), people)
    assert file.outcome == {"lines": 1, "begun": 0, "extended": 0, "shortened": 0, "ended": 0, "unchanged": 1}
    assert (Contract.objects.count(), ContractMember.objects.count(), ContractChange.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("data", [b"", "契約番号".encode("utf-16"), b"PK\x03\x04" + bytes(99), b"\xd0\xcf\x11\xe0x"])
def test_a_file_that_can_not_be_read_is_refused_at_once(service: ParentService, people: People, data: bytes) -> None:
    with pytest.raises(RuleViolated):
        contract_files.receive(
            parent_service=service, name="x", chunks=[data], actor=people.rules_manager.actor(), at=AT
        )
    assert not ContractFile.objects.exists() or ContractFile.objects.get().status == "received"


def test_a_nudge_that_got_lost_is_found_by_the_sweep(service: ParentService, people: People, jobs: Jobs) -> None:
    file = hand_in(service, people, f"K-1,2026-04-01,,{COMPANY},,")
    jobs.drop()
    jobs.run("regulations.read_contract_files")
    file.refresh_from_db()
    assert file.status == "checked"


def test_a_contract_ends_only_after_it_began(service: ParentService, people: People) -> None:
    with pytest.raises(RuleViolated) as refused:
        contracts.open_contract(
            parent_service=service,
            corporation=None,
            terms=contracts.Terms("K-1", date(2026, 4, 1), date(2026, 3, 31)),
            actor=people.rules_manager.actor(),
            at=datetime.now(tz=AT.tzinfo),
        )
    assert [violation.field for violation in refused.value.violations] == ["ends_on"]
