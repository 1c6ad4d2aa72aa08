"""Notices of change: received with old beside new, examined, decided, and each of the ends that they may have."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Notice, RoleGrant, User
from accounts.roles import Role
from applications.models import ChangeNotice
from applications.selectors.changes import said_now
from applications.services import changing, retention, succession
from applications.services.changing import Proposal, Said
from audit.actors import Actor
from audit.models import Event, LegalHold
from audit.refusals import NotAllowed, NotFound, RuleViolated
from certificates.models import Certificate
from regulations.selectors import business_calendar
from revocation.models import RevocationRequest
from revocation.services import decisions, requests
from tests.applications.test_every_move import consenting, waiting_consent
from tests.flows import steps
from tests.flows.steps import House
from tests.people import ORIGIN, signed_in


@pytest.fixture
def certificate(house: House) -> Certificate:
    """Jiro's certificate for electronic contracts, in use."""
    jiro = house.people.jiro
    issued = steps.issue(steps.apply(jiro, "e-contract"), house.people, house.jobs)
    steps.fetch(issued, jiro)
    return steps.accept(issued, jiro)


def now() -> datetime:
    return timezone.now()


def yesterday() -> date:
    return timezone.localdate() - timedelta(days=1)


def noticed(certificate: Certificate, house: House, kind: str = "changed", **typed: str) -> ChangeNotice:
    """A notice of Jiro's, as the form sends it: every field, with what is new in some."""
    said = Said({**said_now(certificate), **typed}, kind, yesterday() if kind == "changed" else None, "")
    return changing.submit(certificate=certificate, said=said, actor=house.people.jiro.actor(ORIGIN), at=now())


def settled(notice: ChangeNotice, outcome: str, house: House) -> ChangeNotice:
    """The notice examined and decided."""
    examiner, approver = house.people.examiner.actor(ORIGIN), house.people.approver.actor(ORIGIN)
    changing.claim(notice=notice, actor=examiner, at=now())
    proposal = Proposal(outcome, "登記と合っています", "ご届出のとおりに扱います。")
    proposed = changing.propose(notice=notice, proposal=proposal, actor=examiner, at=now())
    return changing.settle(notice=notice, seen=proposed.seen, actor=approver, at=now())


def codes(error: pytest.ExceptionInfo[RuleViolated]) -> list[str]:
    return [row.code for row in error.value.violations]


def form_of(certificate: Certificate, **changed: str) -> dict[str, Any]:
    day = yesterday()
    sent = {key: value for key, value in said_now(certificate).items() if key != "appointed_on"}
    return sent | {"kind": "changed", "since_y": day.year, "since_m": day.month, "since_d": day.day} | changed


@pytest.mark.clause("O-13", "J-5.4")
def test_a_change_of_what_is_printed_is_received_as_urgent_with_old_beside_new(
    certificate: Certificate, house: House
) -> None:
    browser = signed_in(house.people.jiro)
    address = f"/certificates/{certificate.pk}/change/"
    assert "Purchasing, Director" in browser.get(address).content.decode()
    answer = browser.post(address, form_of(certificate, department_latin="Sales, Director"))
    assert answer.status_code == 302, answer.content.decode()
    notice = ChangeNotice.objects.get()
    (change,) = notice.changes
    assert (change["key"], change["old"], change["new"]) == (
        "department_latin",
        "Purchasing, Director",
        "Sales, Director",
    )
    assert (notice.urgent, notice.status, notice.since) == (True, "received", yesterday())
    assert notice.due_at == business_calendar().due(notice.received_at, business_days=1)
    assert notice.receipt_number.startswith("H")
    assert Notice.objects.filter(kind="applications/change_received", recipient=house.people.jiro).exists()
    page = browser.get(f"/changes/{notice.pk}/").content.decode()
    assert "Purchasing, Director" in page
    assert "Sales, Director" in page


@pytest.mark.clause("O-13")
def test_the_written_notice_is_printed_as_pdf_and_as_a_page(certificate: Certificate, house: House) -> None:
    notice = noticed(certificate, house, title="営業部 #link(部長)[x]")
    browser = signed_in(house.people.jiro)
    paper = browser.get(f"/changes/{notice.pk}/notice.pdf")
    assert paper.status_code in (200, 302)
    if paper.status_code == 200:
        assert paper.content.startswith(b"%PDF-")
        assert "attachment" in paper["Content-Disposition"]
    page = browser.get(f"/changes/{notice.pk}/print/").content.decode()
    assert notice.receipt_number in page
    assert signed_in(house.people.outsider).get(f"/changes/{notice.pk}/notice.pdf").status_code == 404


@pytest.mark.clause("O-13", "O-12.2")
def test_it_leads_to_a_reissue_with_the_new_contents(certificate: Certificate, house: House) -> None:
    notice = settled(noticed(certificate, house, department_latin="Sales, Director"), "reissue", house)
    page = signed_in(house.people.jiro).get(f"/changes/{notice.pk}/").content.decode()
    assert f"/certificates/{certificate.pk}/reissue/" in page
    draft = succession.start_reissue(
        certificate=certificate,
        reason="wrong_contents",
        text="部署が変わりました",
        actor=house.people.jiro.actor(ORIGIN),
        at=now(),
    )
    assert draft.values["department_latin"] == "Sales, Director"
    steps.add_documents(draft, house.people.jiro)
    new = steps.issue(steps.hand_in(draft, house.people.jiro), house.people, house.jobs)
    assert "Sales, Director" in new.subject_text


@pytest.mark.clause("O-16.2.5")
def test_it_leads_to_a_request_to_revoke_that_an_approver_decides(certificate: Certificate, house: House) -> None:
    notice = settled(noticed(certificate, house, department_latin="Sales, Director"), "revocation", house)
    case = RevocationRequest.objects.get(certificate=certificate)
    assert (notice.revocation_number, case.ground) == (case.number, "lra:information_changed")
    certificate.refresh_from_db()
    assert certificate.revocation_requested_at is not None
    decisions.approve(case=case, note="", actor=house.people.approver.actor(ORIGIN), at=now())
    certificate.refresh_from_db()
    assert (certificate.ground, certificate.reason_code) == ("lra:information_changed", 3)


@pytest.mark.clause("O-13")
def test_what_is_not_printed_is_corrected_and_the_old_value_stays_on_record(
    certificate: Certificate, house: House
) -> None:
    notice = settled(noticed(certificate, house, "wrong", direct_phone="06-0000-0123"), "correction", house)
    assert not notice.urgent
    assert said_now(certificate)["direct_phone"] == "06-0000-0123"
    application = certificate.order.application
    assert application.values["direct_phone"] == "03-0000-0009"
    written = Event.objects.get(act="change:settle").details.body
    assert written["changes"][0]["old"] == "03-0000-0009"
    told = Notice.objects.get(kind="applications/change_settled")
    assert "ご届出のとおり" in told.context["answer"]


@pytest.mark.clause("O-13")
def test_after_a_correction_the_office_finds_it_by_what_holds_now_and_by_what_was_said(
    certificate: Certificate, house: House
) -> None:
    notice = settled(noticed(certificate, house, "wrong", title="海外営業部 部長"), "correction", house)
    assert notice.status == "settled"
    for words in ("海外営業部", "購買部"):
        found = signed_in(house.people.examiner).get("/examination/", {"q": words, "scope": "all"}).content.decode()
        assert str(certificate.order.application.receipt_number) in found, words


@pytest.mark.clause("O-10", "J-6.2")
def test_what_a_notice_said_is_erased_with_the_contents_of_its_application(
    certificate: Certificate, house: House
) -> None:
    notice = settled(noticed(certificate, house, "wrong", title="海外営業部 部長"), "correction", house)
    keeper, later = Actor.system("test"), certificate.not_after + timedelta(days=3651)
    assert retention.erase_notices(actor=keeper, at=later) == 0
    assert retention.erase_contents(actor=keeper, at=later) == 1
    hold = LegalHold.objects.create(story=certificate.story, reason="訴訟", since=now())
    assert retention.erase_notices(actor=keeper, at=later) == 0
    LegalHold.objects.filter(pk=hold.pk).update(ended_at=now())
    assert retention.erase_notices(actor=keeper, at=later) == 1
    assert retention.erase_notices(actor=keeper, at=later) == 0
    notice.refresh_from_db()
    assert (notice.changes, notice.text, notice.findings, notice.answer) == ([], "", "", "")
    assert (notice.status, notice.outcome, notice.contents_erased_at) == ("settled", "correction", later)
    assert Event.objects.filter(act="change:erase", story=certificate.story).count() == 1
    page = signed_in(house.people.auditor).get(f"/office/changes/{notice.pk}/").content.decode()
    assert "消去" in page
    holder = signed_in(house.people.jiro)
    assert "notice.pdf" not in holder.get(f"/changes/{notice.pk}/").content.decode()
    for paper in ("print/", "notice.pdf"):
        assert holder.get(f"/changes/{notice.pk}/{paper}").status_code == 404
    assert "海外営業部" not in page


def test_nothing_said_is_erased_before_its_time_or_without_saying_when(certificate: Certificate, house: House) -> None:
    notice = ChangeNotice.objects.filter(pk=noticed(certificate, house, title="海外営業部 部長").pk)
    empty: dict[str, Any] = {"changes": [], "text": "", "findings": "", "answer": "", "return_note": ""}
    tries: list[dict[str, Any]] = [
        {"changes": []},
        {"text": "x"},
        {**empty, "contents_erased_at": now()},
        {"contents_erased_at": now()},
    ]
    for change in tries:
        with pytest.raises(IntegrityError), transaction.atomic():
            notice.update(**change)
    assert notice.get().changes


@pytest.mark.clause("O-13")
def test_what_the_certificate_prints_is_never_only_corrected(certificate: Certificate, house: House) -> None:
    notice = noticed(certificate, house, department_latin="Sales, Director")
    with pytest.raises(RuleViolated) as error:
        settled(notice, "correction", house)
    assert codes(error) == ["outcome"]


@pytest.mark.clause("O-12.2")
def test_another_holder_is_no_reissue(certificate: Certificate, house: House) -> None:
    notice = noticed(certificate, house, person_name="見本 四郎", person_reading="ミホン シロウ")
    with pytest.raises(RuleViolated) as error:
        settled(notice, "reissue", house)
    assert codes(error) == ["outcome"]


def test_who_examined_does_not_decide_and_nobody_handles_their_own(certificate: Certificate, house: House) -> None:
    notice = noticed(certificate, house, direct_phone="06-0000-0123")
    examiner = house.people.examiner
    changing.claim(notice=notice, actor=examiner.actor(ORIGIN), at=now())
    proposal = Proposal("correction", "", "直しました。")
    proposed = changing.propose(notice=notice, proposal=proposal, actor=examiner.actor(ORIGIN), at=now())
    with pytest.raises(NotAllowed):
        changing.settle(notice=notice, seen=proposed.seen, actor=examiner.actor(ORIGIN), at=now())
    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeNotice.objects.filter(pk=notice.pk).update(decided_by=examiner)
    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeNotice.objects.filter(pk=notice.pk).update(decided_by=house.people.jiro)


def test_what_was_said_stays_as_it_was_said(certificate: Certificate, house: House) -> None:
    notice = noticed(certificate, house, direct_phone="06-0000-0123")
    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeNotice.objects.filter(pk=notice.pk).update(changes=[])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, "記録の内容と同じです"),
        ({"direct_phone": "06-0000-0123", "kind": "nonsense"}, "選んでください"),
        ({"direct_phone": "06-0000-0123", "since_y": "2999"}, "id_since"),
        ({"direct_phone": ""}, "id_direct_phone_error"),
        ({"department_latin": "営業部"}, "id_department_latin_error"),
        ({"title": "部長\x00"}, "id_title_error"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    certificate: Certificate, house: House, changed: dict[str, str], code: str
) -> None:
    browser = signed_in(house.people.jiro)
    sent = form_of(certificate, **changed) | {"text": "総務からの連絡です"}
    answer = browser.post(f"/certificates/{certificate.pk}/change/", sent)
    assert answer.status_code == 422
    assert code in answer.content.decode()
    assert "総務からの連絡です" in answer.content.decode()
    assert not ChangeNotice.objects.exists()


def test_one_notice_is_open_at_a_time_and_it_can_be_withdrawn(certificate: Certificate, house: House) -> None:
    notice = noticed(certificate, house, direct_phone="06-0000-0123")
    with pytest.raises(RuleViolated) as error:
        noticed(certificate, house, direct_phone="06-0000-0456")
    assert codes(error) == ["open_notice"]
    assert signed_in(house.people.jiro).post(f"/changes/{notice.pk}/withdraw/").status_code == 302
    noticed(certificate, house, direct_phone="06-0000-0456")


def test_nobody_else_reports_about_it(certificate: Certificate, house: House) -> None:
    for person in (house.people.outsider, house.people.examiner):
        assert signed_in(person).get(f"/certificates/{certificate.pk}/change/").status_code == 404
        said = Said({"direct_phone": "1"}, "wrong", None, "")
        with pytest.raises(NotFound):
            changing.submit(certificate=certificate, said=said, actor=person.actor(ORIGIN), at=now())


def page_of(person: User, notice: ChangeNotice) -> tuple[Client, str]:
    return signed_in(person), f"/office/changes/{notice.pk}/"


def test_the_office_works_it_off_through_its_pages(certificate: Certificate, house: House) -> None:
    notice = noticed(certificate, house, direct_phone="06-0000-0123")
    examiner, address = page_of(house.people.examiner, notice)
    approver, _same = page_of(house.people.approver, notice)
    assert notice.receipt_number in examiner.get("/office/changes/").content.decode()
    assert examiner.post(f"{address}claim/").status_code == 302
    assert examiner.post(f"{address}propose/", {"outcome": "correction", "answer": ""}).status_code == 422
    assert 'name="answer"' in examiner.get(address).content.decode()
    sent = {"outcome": "correction", "answer": "直しました。", "findings": "電話で確認"}
    assert examiner.post(f"{address}propose/", sent).status_code == 302
    assert approver.post(f"{address}return/", {"note": ""}).status_code == 422
    assert approver.post(f"{address}return/", {"note": "番号をもう一度"}).status_code == 302
    assert "番号をもう一度" in examiner.get(address).content.decode()
    assert examiner.post(f"{address}propose/", sent).status_code == 302
    shown = approver.get(address).context["notice"].seen
    assert shown in approver.get(address).content.decode()
    assert approver.post(f"{address}settle/", {"outcome": "correction"}).status_code == 409
    assert approver.post(f"{address}return/", {"note": "言葉を直してください"}).status_code == 302
    assert examiner.post(f"{address}propose/", {**sent, "answer": "別の言葉です。"}).status_code == 302
    assert approver.post(f"{address}settle/", {"seen": shown}).status_code == 409
    shown = approver.get(address).context["notice"].seen
    assert approver.post(f"{address}settle/", {"seen": shown}).status_code == 302
    assert approver.post(f"{address}settle/", {"seen": shown}).status_code == 409
    notice.refresh_from_db()
    assert (notice.status, notice.outcome) == ("settled", "correction")
    assert signed_in(house.people.auditor).get(address).status_code == 200


@pytest.mark.clause("O-13", "O-12.2")
def test_the_holder_finds_a_notice_in_the_portal_and_is_asked_to_apply_for_what_follows(
    certificate: Certificate, house: House
) -> None:
    browser, examiner = signed_in(house.people.jiro), signed_in(house.people.examiner)
    notice = noticed(certificate, house, department_latin="Sales, Director")
    pages = ("/home/", f"/certificates/{certificate.pk}/")
    for page in pages:
        text = browser.get(page).content.decode()
        assert notice.receipt_number in text, page
        assert f"/changes/{notice.pk}/" in text, page
    assert notice.receipt_number in examiner.get(f"/examination/certificates/{certificate.pk}/").content.decode()
    assert examiner.get("/examination/").context["counted"].notices.number == 1
    reissue = f"/certificates/{certificate.pk}/reissue/"
    assert reissue not in browser.get("/home/").content.decode()
    settled(notice, "reissue", house)
    assert examiner.get("/examination/").context["counted"].notices.number == 0
    home = browser.get("/home/").content.decode()
    assert reissue in home
    assert "再発行を申請してください" in home
    succession.start_reissue(
        certificate=certificate,
        reason="wrong_contents",
        text="部署が変わりました",
        actor=house.people.jiro.actor(ORIGIN),
        at=now(),
    )
    assert reissue not in browser.get("/home/").content.decode()
    assert notice.receipt_number not in signed_in(house.people.outsider).get("/home/").content.decode()


def test_the_same_form_sent_twice_is_one_notice(certificate: Certificate, house: House) -> None:
    browser, address = signed_in(house.people.jiro), f"/certificates/{certificate.pk}/change/"
    sent = form_of(certificate, direct_phone="06-0000-0123")
    first, second = browser.post(address, sent), browser.post(address, sent)
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert ChangeNotice.objects.count() == 1
    assert browser.post(address, sent | {"text": "追記"}).status_code == 422


@pytest.mark.clause("O-12.2")
def test_a_certificate_that_is_over_meanwhile_is_neither_reissued_nor_revoked(
    certificate: Certificate, house: House
) -> None:
    notice = noticed(certificate, house, department_latin="Sales, Director")
    examiner, approver = signed_in(house.people.examiner), signed_in(house.people.approver)
    address = f"/office/changes/{notice.pk}/"
    examiner.post(f"{address}claim/")
    sent = {"outcome": "reissue", "answer": "再発行します。"}
    assert examiner.post(f"{address}propose/", sent).status_code == 302
    seen = approver.get(address).context["notice"].seen
    case = requests.request_by_staff(
        certificate=certificate,
        wish=requests.Wish("lra:information_changed", "届出による"),
        actor=house.people.examiner.actor(ORIGIN),
        at=now(),
    )
    decisions.approve(case=case, note="", actor=house.people.approver.actor(ORIGIN), at=now())
    refused = approver.post(f"{address}settle/", {"seen": seen})
    assert refused.status_code == 422
    assert "差し戻してください" in refused.content.decode()
    assert approver.post(f"{address}return/", {"note": "失効しました"}).status_code == 302
    assert 'value="reissue"' not in examiner.get(address).content.decode()
    assert examiner.post(f"{address}propose/", sent).status_code == 422
    assert examiner.post(f"{address}propose/", sent | {"outcome": "none"}).status_code == 302


def test_who_applied_for_somebody_handles_no_notice_about_their_certificate(house: House) -> None:
    people, application = house.people, waiting_consent(house)
    sent = consenting(application)
    assert signed_in(people.jiro).post(f"/applications/{application.pk}/confirm/", sent).status_code == 302
    issued = steps.issue(application, people, house.jobs)
    steps.fetch(issued, people.jiro)
    notice = noticed(steps.accept(issued, people.jiro), house, direct_phone="06-0000-0123")
    assert application.filed_by == people.hanako
    RoleGrant.objects.create(user=people.hanako, role=Role.EXAMINER, granted_at=now())
    with pytest.raises(NotAllowed):
        changing.claim(notice=notice, actor=people.hanako.actor(ORIGIN), at=now())
    assert changing.claim(notice=notice, actor=people.examiner.actor(ORIGIN), at=now()).status == "examining"
