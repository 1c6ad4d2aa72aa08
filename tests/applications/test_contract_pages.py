"""The pages of contracts: search, move an end after seeing what follows, load files, keep keys, one's own contract."""

import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from applications.models import Application
from applications.rules.uploads import MAX_BYTES
from audit.models import Event
from lra_portal.demo.regulations import LOADER
from regulations.calendar import tokyo
from regulations.models import (
    Announcement,
    ApiToken,
    Closure,
    Contract,
    ContractFile,
    ParentService,
    Subscription,
    Suspension,
)
from regulations.periods import last_day_of
from regulations.ruleset import LocalText
from regulations.services import contracts, suspensions
from regulations.worker import reading
from tests.applications import cases
from tests.authorities import make_issuing
from tests.people import People, signed_in
from tests.revocation.world import make_certificate, make_world

EN = {"accept-language": "en"}


@pytest.fixture
def office(people: People, demo_rules: None) -> Client:
    return signed_in(people.rules_manager)


@pytest.fixture
def contract(office: Client) -> Contract:
    return Contract.objects.get(number="E-40213")


def certificate_under(contract: Contract) -> Subscription:
    assert contract.ends_at is not None
    certificate = make_certificate(make_world(), not_after=contract.ends_at - timedelta(seconds=1))
    Subscription.objects.filter(pk=certificate.subscription_id).update(contract=contract)
    return certificate.subscription


def day(name: str, when: date) -> dict[str, str]:
    return {f"{name}_y": str(when.year), f"{name}_m": str(when.month), f"{name}_d": str(when.day)}


def test_the_register_is_searched_by_number_company_and_corporate_number(office: Client, contract: Contract) -> None:
    for text in ("E-402", "e-40213", "見本", "１９９９９０００００１２３"):
        assert contract.number in office.get("/contracts/", {"q": text}).content.decode()
    assert contract.number not in office.get("/contracts/", {"q": "ためし"}).content.decode()
    assert office.get("/contracts/", {"q": "\x00", "state": "x", "after": "~"}).status_code == 200


def test_pages_of_the_register_follow_each_other_by_key(office: Client) -> None:
    service = ParentService.objects.get(slug="e-contract-service")
    for number in range(60):
        terms = contracts.Terms(f"Z-{number:03d}", date(2026, 4, 1))
        contracts.open_contract(parent_service=service, corporation=None, terms=terms, actor=LOADER, at=timezone.now())
    first = office.get("/contracts/").content.decode()
    following = re.search(r'href="(\?[^"]*after=[^"]+)" rel="next"', first)
    assert following is not None
    second = office.get("/contracts/" + following[1].replace("&amp;", "&")).content.decode()
    pages = [re.findall(r">(Z-\d{3})</a>", page) for page in (first, second)]
    assert pages[0] + pages[1] == [f"Z-{number:03d}" for number in range(60)]


@pytest.mark.clause("J-2")
def test_a_contract_is_entered_with_its_corporation(office: Client) -> None:
    service = ParentService.objects.get(slug="e-contract-service")
    typed = {
        "parent_service": str(service.pk),
        "number": "N-1",
        **day("begins_on", date(2026, 4, 1)),
        **day("ends_on", date(2026, 3, 31)),
        "corporate_number": "1999900000123",
        "name": "株式会社見本精機（デモ）",
        "name_latin": "Mihon Seiki K.K.",
    }
    wrong = office.post("/contracts/new/", typed)
    assert wrong.status_code == 422
    assert "id_ends_on" in wrong.content.decode()
    assert office.post("/contracts/new/", typed | day("ends_on", date(2027, 3, 31))).status_code == 302
    assert Contract.objects.get(number="N-1").last_day == date(2027, 3, 31)


@pytest.mark.clause("O-18.1")
def test_what_follows_is_shown_before_an_end_is_moved(office: Client, contract: Contract) -> None:
    certificate_under(contract)
    address = f"/contracts/{contract.pk}/period/"
    page = office.get(address).content.decode()
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert seen is not None
    typed = {"seen": seen[1], **day("last_day", date(2027, 12, 31)), "reason": "解約"}
    preview = office.post(address, {**typed, "act": "preview"}, headers=EN).content.decode()
    assert "1 Jan 2028" in preview
    assert "Shorten the contract" in preview
    contract.refresh_from_db()
    assert contract.last_day == date(2028, 3, 31)
    assert office.post(address, {**typed, "act": "move"}).status_code == 302
    contract.refresh_from_db()
    assert contract.last_day == date(2027, 12, 31)
    assert office.post(address, {**typed, "act": "move"}).status_code in (302, 409)
    stale = {**typed, **day("last_day", date(2029, 12, 31)), "act": "move"}
    assert office.post(address, stale).status_code == 409


def test_people_are_named_and_taken_off(office: Client, contract: Contract) -> None:
    named = {"name": "架空 花子", "email": "Hanako@demo.example", "authorised_person": "on"}
    assert office.post(f"/contracts/{contract.pk}/people/", named).status_code == 302
    member = contract.members.get(email="hanako@demo.example")
    assert office.post(f"/contracts/{contract.pk}/people/", {"name": "", "email": "x"}).status_code == 422
    assert office.post(f"/contracts/{contract.pk}/people/{member.pk}/end/").status_code == 302
    assert not contract.members.filter(pk=member.pk).exists()


def test_a_file_is_handed_in_watched_and_loaded(office: Client) -> None:
    service = ParentService.objects.get(slug="e-contract-service")
    text = "契約番号,開始日,終了日,法人番号,法人名,法人名英字\nF-1,2026-04-01,,8999900000777,見本,Mihon\n"
    sent = {"parent_service": str(service.pk), "file": SimpleUploadedFile("contracts.csv", text.encode("cp932"))}
    assert office.post("/contracts/files/", sent).status_code == 302
    file = ContractFile.objects.get()
    address = f"/contracts/files/{file.pk}/"
    assert "hx-get" in office.get(address).content.decode()
    reading.read_waiting()
    page = office.get(address, headers=EN).content.decode()
    assert "Load the contracts" in page
    assert office.post(f"{address}act/", {"act": "confirm"}).status_code == 302
    reading.read_waiting()
    assert Contract.objects.filter(number="F-1").exists()
    assert office.post(f"{address}act/", {"act": "confirm"}).status_code == 409
    assert office.post(f"{address}act/", {"act": "delete"}).status_code == 404


def test_a_file_of_contracts_may_be_larger_than_a_document_of_an_application(office: Client) -> None:
    service = ParentService.objects.get(slug="e-contract-service")
    heading = "契約番号,開始日,終了日,法人番号,法人名,法人名英字\n".encode()
    data = heading + b"F-1,2026-04-01,,8999900000777,Mihon,Mihon\n" * (MAX_BYTES // 40)
    assert len(data) > MAX_BYTES
    sent = {"parent_service": str(service.pk), "file": SimpleUploadedFile("large.csv", data)}
    assert office.post("/contracts/files/", sent).status_code == 302
    assert ContractFile.objects.get().size == len(data)


def test_faults_are_read_on_the_page_and_sent_as_a_harmless_file(office: Client) -> None:
    service = ParentService.objects.get(slug="e-contract-service")
    text = "契約番号,開始日,法人番号,法人名,法人名英字\n=1+1,2026-04-31,1,\x01,みほん\n"
    sent = {"parent_service": str(service.pk), "file": SimpleUploadedFile("=x.csv", text.encode())}
    office.post("/contracts/files/", sent)
    reading.read_waiting()
    file = ContractFile.objects.get()
    assert "Nothing was loaded" in office.get(f"/contracts/files/{file.pk}/", headers=EN).content.decode()
    answer = office.get(f"/contracts/files/{file.pk}/faults.csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert [line.split(",")[:2] for line in lines[1:]] == [["2", "2"], ["2", "3"], ["2", "4"], ["2", "5"]]
    assert not [cell for line in lines for cell in line.lstrip("\ufeff").split(",") if cell[:1] in "=+-@"[:4] and cell]


def test_a_key_is_shown_once_and_kept_as_a_hash(office: Client) -> None:
    service = ParentService.objects.get(slug="e-contract-service")
    address = f"/parent-services/{service.pk}/"
    page = office.post(address, {"name": "基幹システム", "scopes": ["contracts:read"]}).content.decode()
    key = re.search(r"lra_[\w-]{43}", page)
    assert key is not None
    token = ApiToken.objects.get()
    assert key[0] not in office.get(address).content.decode()
    assert key[0].encode() not in bytes(token.digest)
    assert office.post(f"{address}keys/{token.pk}/end/").status_code == 302
    token.refresh_from_db()
    assert token.ended_at is not None


@pytest.mark.clause("O-7.1", "O-7.2")
def test_a_parent_service_says_whether_its_fee_contains_the_certificates(office: Client) -> None:
    typed = {"slug": "new-service", "name_ja": "新しいサービス", "name_en": "New service", "charges_users": ""}
    assert office.post("/parent-services/", typed).status_code == 302
    for slug in ("New_service", "-x", "x--y", "日本"):
        assert office.post("/parent-services/", typed | {"slug": slug}).status_code == 422
    page = office.get("/parent-services/", headers=EN).content.decode()
    assert "None: the service charges nothing" in page
    assert "Contained in the service&#x27;s fee" in page.replace("'", "&#x27;")


@pytest.mark.clause("O-1.7")
def test_the_calendar_shows_each_closed_day_with_its_reason(office: Client) -> None:
    page = office.get("/calendar/", {"year": "2026"}).content.decode()
    for words in ("勤労感謝の日", "年末年始", "5月1日", "国民の休日"):
        assert words in page
    assert office.get("/calendar/", {"year": "99999"}).status_code == 200
    assert office.get("/calendar/", {"year": "²²²²"}).status_code == 200


@pytest.mark.clause("O-1.7", "O-8.3")
def test_a_closed_day_moves_what_is_due_and_opening_it_moves_it_back(office: Client, people: People) -> None:
    make_issuing()
    application = cases.submitted(people.hanako)
    due_at = application.due_at
    assert due_at is not None
    closed = {
        **day("day", last_day_of(due_at + timedelta(seconds=1)) or date.max),
        "reason_ja": "停電",
        "reason_en": "Power",
    }
    assert "1 application is due later" in office.post("/calendar/close/", closed, headers=EN).content.decode()
    assert Application.objects.get(pk=application.pk).due_at == due_at
    assert office.post("/calendar/close/", {**closed, "act": "close"}).status_code == 302
    later = Application.objects.get(pk=application.pk).due_at
    assert later is not None
    assert later > due_at
    assert office.post(f"/calendar/{Closure.objects.get(reason__ja='停電').pk}/open/").status_code == 302
    assert Application.objects.get(pk=application.pk).due_at == due_at


@pytest.mark.clause("O-6")
def test_a_suspension_is_announced_with_a_notice_on_the_site_and_can_be_ended(office: Client, people: People) -> None:
    tomorrow = (timezone.now() + timedelta(days=2)).date()
    typed = {
        **day("begins_on", tomorrow),
        "begins_time": "22:00",
        **day("ends_on", tomorrow),
        "ends_time": "23:30",
        "reason_ja": "機器の交換",
        "reason_en": "Replacing a machine",
    }
    assert "nothing can be submitted" in office.post("/suspensions/", typed, headers=EN).content.decode()
    assert office.post("/suspensions/", {**typed, "act": "announce"}).status_code == 302
    assert "Replacing a machine" in Client().get("/announcements/", headers=EN).content.decode()
    assert office.post("/suspensions/", {**typed, "act": "announce"}).status_code == 422
    assert office.post("/suspensions/", {**typed, "ends_time": "21:00", "act": "announce"}).status_code == 422
    suspension = Suspension.objects.get()
    assert office.post(f"/suspensions/{suspension.pk}/end/").status_code == 302
    assert not Suspension.objects.exists()
    assert signed_in(people.agent).get("/suspensions/").status_code == 404


@pytest.mark.clause("J-2")
def test_an_administrator_sees_their_own_contract_and_no_other(
    office: Client, contract: Contract, people: People
) -> None:
    contracts.name_member(
        contract=contract, email=people.hanako.email, name="花子", administrator=True, actor=LOADER, at=timezone.now()
    )
    subscription = certificate_under(contract)
    hanako = signed_in(people.hanako)
    assert contract.number in hanako.get("/own-contracts/").content.decode()
    page = hanako.get(f"/own-contracts/{contract.pk}/").content.decode()
    assert subscription.holder.name in page
    other = Contract.objects.get(number="E-40388")
    assert hanako.get(f"/own-contracts/{other.pk}/").status_code == 404
    assert signed_in(people.jiro).get(f"/own-contracts/{contract.pk}/").status_code == 404
    assert contract.number not in signed_in(people.jiro).get("/own-contracts/").content.decode()


def test_only_the_rules_manager_may_change_the_register(office: Client, contract: Contract, people: People) -> None:
    for person in (people.examiner, people.auditor):
        reader = signed_in(person)
        assert reader.get(f"/contracts/{contract.pk}/").status_code == 200
        assert reader.get(f"/contracts/{contract.pk}/period/").status_code == 404
    for person in (people.hanako, people.agent, people.key_officer):
        assert signed_in(person).get("/contracts/").status_code == 404
    assert signed_in(people.administrator).get("/parent-services/").status_code == 200


@pytest.mark.parametrize("last_day", [date(2020, 1, 1), date(9999, 12, 31), date(1, 1, 1), date(2190, 1, 1)])
def test_an_end_that_can_not_be_gets_no_preview(office: Client, contract: Contract, last_day: date) -> None:
    assert contract.ends_at is not None
    if last_day.year == 2190:  # reaches into the next period of the number
        Contract.objects.create(
            number=contract.number,
            parent_service=contract.parent_service,
            begins_at=contract.ends_at + timedelta(days=400),
        )
    typed = {**day("last_day", last_day), "seen": contract.ends_at.isoformat()}
    answer = office.post(f"/contracts/{contract.pk}/period/", typed)
    assert (answer.status_code, "consequences" in answer.content.decode()) == (422, False)
    assert 'id="id_last_day_0_error"' in answer.content.decode() or "id_last_day_error" in answer.content.decode()


@pytest.mark.clause("O-1.7")
@pytest.mark.parametrize("act", ["", "close"])
@pytest.mark.parametrize("when", [date(2020, 1, 1), date(2150, 1, 5), date(9999, 12, 31), date(2027, 5, 3)])
def test_a_day_that_can_not_be_closed_gets_no_preview(office: Client, when: date, act: str) -> None:
    typed = {**day("day", when), "reason_ja": "停電", "reason_en": "Power cut", "act": act}
    answer = office.post("/calendar/close/", typed)
    assert (answer.status_code, "consequences" in answer.content.decode()) == (422, False)
    assert not Closure.objects.filter(day=when).exists()


@pytest.mark.clause("O-6")
@pytest.mark.parametrize("act", ["", "announce"])
@pytest.mark.parametrize(("ahead", "length"), [(-3, 1), (2, -1), (400, 1), (2, 40)])
def test_a_suspension_that_can_not_be_gets_no_preview(office: Client, ahead: int, length: int, act: str) -> None:
    begins = timezone.localdate() + timedelta(days=ahead)
    typed = {
        **day("begins_on", begins),
        **day("ends_on", begins + timedelta(days=length)),
        "begins_time": "01:00",
        "ends_time": "05:00",
        "reason_ja": "点検",
        "reason_en": "Check",
        "act": act,
    }
    answer = office.post("/suspensions/", typed)
    assert (answer.status_code, "consequences" in answer.content.decode()) == (422, False)
    assert not Suspension.objects.exists()


@pytest.mark.clause("O-6")
def test_whoever_read_of_a_suspension_reads_that_it_was_called_off_or_is_over(office: Client) -> None:
    at = timezone.now()
    reason = LocalText(ja="点検", en="Check")
    for begins, told in ((at + timedelta(days=1), "was called off"), (at - timedelta(hours=1), "has ended")):
        made = suspensions.announce(
            begins_at=begins, ends_at=begins + timedelta(hours=3), reason=reason, actor=LOADER, at=at
        )
        office.post(f"/suspensions/{made.pk}/end/")
        assert told in Client().get("/announcements/", headers=EN).content.decode()
        assert f"{tokyo(begins):%Y年}" in Announcement.objects.latest("posted_at").title["ja"]
        told_of = Announcement.objects.count()
        office.post(f"/suspensions/{made.pk}/end/")
        assert Announcement.objects.count() == told_of
    assert Event.objects.filter(act="suspension:announce", details__body__has_key="ended_early").count() == 2
