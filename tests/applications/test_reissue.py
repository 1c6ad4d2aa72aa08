"""Reissue: another certificate for the same holder and nobody else, and what becomes of the old one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from applications.models import Application
from applications.selectors.intake import contents_digest
from applications.services import intake, succession
from audit.refusals import NotFound, Refused, RuleViolated
from certificates.models import Certificate, Order
from lra_portal.demo.regulations import LOADER
from regulations.models import TargetSystem
from regulations.services import target_systems
from tests.certificates import material
from tests.flows import steps
from tests.flows.steps import House
from tests.harness.cloned import Clone
from tests.people import ORIGIN, signed_in

Outcome = TypeVar("Outcome")
WHY = {"reason": "pin_forgotten", "text": ""}


@pytest.fixture
def certificate(house: House) -> Certificate:
    """Hanako's certificate for the member service, in use, made for a key of her own."""
    application = steps.apply(house.people.hanako, "member-client", material.p256())
    issued = steps.issue(application, house.people, house.jobs)
    steps.fetch(issued, house.people.hanako)
    return steps.accept(issued, house.people.hanako)


def started(certificate: Certificate, house: House, **why: str) -> Application:
    """A draft of Hanako's reissue."""
    return succession.start_reissue(
        certificate=certificate, **{**WHY, **why}, actor=house.people.hanako.actor(ORIGIN), at=timezone.now()
    )


def completed(draft: Application, house: House, key: steps.Key | None = None) -> Application:
    """The draft with a new key and its document, not handed in yet."""
    hanako = house.people.hanako
    request = steps.request_pem(key or material.rsa_key())
    assert intake.save_request(application=draft, data=request, actor=hanako.actor(ORIGIN), at=timezone.now()) == []
    steps.add_documents(draft, hanako)
    return draft


def codes(refused: pytest.ExceptionInfo[RuleViolated]) -> list[str]:
    return [row.code for row in refused.value.violations]


@pytest.mark.clause("O-12.2")
def test_a_reissue_begins_filled_in_with_what_was_answered_before(certificate: Certificate, house: House) -> None:
    draft = started(certificate, house)
    assert (draft.kind, draft.previous, draft.reason) == ("reissue", certificate, "pin_forgotten")
    assert draft.values == steps.ANSWERS["member-client"]
    assert started(certificate, house) == draft


@pytest.mark.clause("O-12.2")
def test_the_holder_cannot_be_changed_in_a_reissue(certificate: Certificate, house: House) -> None:
    draft = started(certificate, house, reason="wrong_contents", text="綴りが違います")
    browser = signed_in(house.people.hanako)
    form = f"/applications/{draft.pk}/form"
    page = browser.get(f"{form}/applicant/").content.decode()
    assert 'name="person_name"' not in page
    assert "架空 花子" in page
    sent = {"person_name": "見本 次郎", "person_reading": "ミホン ジロウ", "phone": "03-0000-0000", "go": "next"}
    answer = browser.post(f"{form}/applicant/", sent)
    assert answer.status_code == 422
    assert "新しく申請してください" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.values["person_name"] == "架空 花子"
    typed = {"member_number": "M-999999", "person_latin": "Hanako KAKU", "email": "hanako@demo.example"}
    wrong = intake.save_step(
        application=draft,
        step="certificate",
        typed=typed,
        actor=house.people.hanako.actor(ORIGIN),
        at=timezone.now(),
    )
    assert [(row.field, row.code) for row in wrong] == [("member_number", "holder_changed")]
    draft.refresh_from_db()
    assert (draft.values["member_number"], draft.values["person_latin"]) == ("M-000123", "Hanako KAKU")


def test_what_is_printed_changes_only_where_it_is_wrong(certificate: Certificate, house: House) -> None:
    draft = started(certificate, house)
    hanako = house.people.hanako.actor(ORIGIN)
    typed = {"person_latin": "Somebody Else", "email": "hanako@demo.example"}
    wrong = intake.save_step(application=draft, step="certificate", typed=typed, actor=hanako, at=timezone.now())
    assert [(row.field, row.code) for row in wrong] == [("person_latin", "printed_stays")]
    Application.objects.filter(pk=draft.pk).update(values={**draft.values, "person_latin": "Somebody Else"})
    draft.refresh_from_db()
    with pytest.raises(RuleViolated) as refused:
        steps.hand_in(completed(draft, house), house.people.hanako)
    assert "printed_stays" in codes(refused)


@pytest.mark.clause("O-12.1")
def test_the_manual_of_reissues_is_named_before_it_begins_and_before_it_is_submitted(
    certificate: Certificate, house: House
) -> None:
    browser, manual = signed_in(house.people.hanako), 'href="/documents/manual/'
    assert manual in browser.get(f"/certificates/{certificate.pk}/reissue/").content.decode().split("<footer")[0]
    draft = started(certificate, house)
    page = browser.get(f"/applications/{draft.pk}/form/confirm/").content.decode()
    assert manual in page[page.index("/submit/") :]


@pytest.mark.clause("O-12.2")
def test_nobody_elses_certificate_can_be_reissued(certificate: Certificate, house: House) -> None:
    for person in (house.people.outsider, house.people.jiro, house.people.examiner):
        assert signed_in(person).get(f"/certificates/{certificate.pk}/reissue/").status_code == 404
        with pytest.raises(NotFound):
            succession.start_reissue(certificate=certificate, **WHY, actor=person.actor(ORIGIN), at=timezone.now())


@pytest.mark.clause("O-12.2")
def test_the_database_lets_no_order_replace_somebody_elses_certificate(certificate: Certificate, house: House) -> None:
    order = Order.objects.get(pk=certificate.order_id)
    with pytest.raises(IntegrityError, match="same holder"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(replaces=certificate, holder=house.people.outsider)


def test_the_key_of_an_earlier_certificate_is_refused(certificate: Certificate, house: House) -> None:
    draft = started(certificate, house)
    hanako = house.people.hanako.actor(ORIGIN)
    request = steps.request_pem(material.p256())
    wrong = intake.save_request(application=draft, data=request, actor=hanako, at=timezone.now())
    assert [row.code for row in wrong] == ["key_used"]


@pytest.mark.parametrize(("reason", "text", "field"), [("", "", "reason"), ("wrong_contents", " ", "reason_text")])
def test_a_reissue_needs_its_reason_and_what_was_written_stays(
    certificate: Certificate, house: House, reason: str, text: str, field: str
) -> None:
    browser = signed_in(house.people.hanako)
    sent = {"reason": reason, "reason_text": text or "端末を替えました"}
    if reason:
        sent["reason_text"] = text
    answer = browser.post(f"/certificates/{certificate.pk}/reissue/", sent)
    assert answer.status_code == 422
    assert f'id="id_{field}' in answer.content.decode()
    assert sent["reason_text"] in answer.content.decode()
    assert not Application.objects.filter(kind="reissue").exists()


def test_what_is_revoked_or_about_to_be_is_not_reissued(certificate: Certificate, house: House) -> None:
    Certificate.objects.filter(pk=certificate.pk).update(revocation_requested_at=timezone.now())
    with pytest.raises(RuleViolated) as refused:
        started(certificate, house)
    assert codes(refused) == ["revocation_requested"]
    page = signed_in(house.people.hanako).get(f"/certificates/{certificate.pk}/reissue/").content.decode()
    assert "失効の手続き中" in page
    assert 'name="reason"' not in page


def test_where_the_rules_know_no_reissue_the_page_says_the_way_to_go(certificate: Certificate, house: House) -> None:
    system = TargetSystem.objects.get(slug="member-client")
    rules = {**system.version_in_force().rules, "reissue": {"allowed": False, "old_ends_days": 7}}
    at = timezone.now()
    version = target_systems.import_version(target_system=system, data=rules, actor=LOADER, at=at)
    target_systems.activate(version=version, actor=LOADER, at=at)
    with pytest.raises(RuleViolated) as refused:
        started(certificate, house)
    assert codes(refused) == ["not_offered"]


def test_a_new_application_for_the_same_holder_is_led_to_reissue_and_renewal(
    certificate: Certificate, house: House
) -> None:
    with pytest.raises(RuleViolated) as refused:
        steps.apply(house.people.hanako, "member-client", material.rsa_key())
    assert codes(refused) == ["valid_certificate"]
    page = signed_in(house.people.hanako).get("/applications/new/").content.decode()
    assert f"/certificates/{certificate.pk}/reissue/" in page
    assert f"/certificates/{certificate.pk}/renewal/" in page


@pytest.mark.clause("O-12.2")
def test_a_reissue_submitted_at_once_from_many_windows_is_one(
    clone: Clone, certificate: Certificate, house: House
) -> None:
    with ThreadPoolExecutor(4) as pool:
        drafts = set(pool.map(lambda _n: in_thread(lambda: started(certificate, house).pk), range(8)))
    assert len(drafts) == 1
    draft = completed(Application.objects.get(pk=drafts.pop()), house)
    copies = [Application.objects.get(pk=draft.pk) for _number in range(8)]
    hanako = house.people.hanako
    with ThreadPoolExecutor(4) as pool:
        receipts = set(pool.map(lambda copy: in_thread(lambda: steps.hand_in(copy, hanako).receipt_number), copies))
    assert len(receipts) == 1
    assert Order.objects.filter(replaces=certificate).count() == 1


def in_thread(act: Callable[[], Outcome]) -> Outcome:
    """Do something in a thread of its own and leave its connection behind."""
    try:
        return act()
    finally:
        connections.close_all()


@pytest.mark.clause("O-4.3.3")
def test_a_second_reissue_waits_for_the_first(certificate: Certificate, house: House) -> None:
    first = steps.hand_in(completed(started(certificate, house), house), house.people.hanako)
    with pytest.raises(RuleViolated) as refused:
        started(certificate, house)
    assert codes(refused) == ["open_application"]
    assert str(first.receipt_number) in str(refused.value.message)


@pytest.mark.clause("O-4.2")
def test_the_examiner_sees_what_was_found_last_time_and_judges_anew(certificate: Certificate, house: House) -> None:
    application = steps.hand_in(completed(started(certificate, house), house), house.people.hanako)
    page = signed_in(house.people.examiner).get(f"/examination/{application.pk}/").content.decode()
    assert certificate.management_number in page
    assert "PIN やファイルのパスワードを忘れた" in page
    assert "前回（2026-000001" in page
    assert not application.items.exists()
    steps.examine(application, house.people.examiner)


def test_contents_bind_kind_and_reason(certificate: Certificate, house: House) -> None:
    draft = started(certificate, house)
    before = contents_digest(draft)
    again = started(certificate, house, reason="new_device")
    assert (again.pk, contents_digest(again) == before) == (draft.pk, False)


def test_a_reissue_of_what_was_revoked_meanwhile_is_not_received(certificate: Certificate, house: House) -> None:
    draft = completed(started(certificate, house), house)
    Certificate.objects.filter(pk=certificate.pk).update(
        revoked_at=timezone.now() - timedelta(minutes=1), revocation_xid=1, ground="lra:misuse", slot="past"
    )
    with pytest.raises(Refused) as refused:
        steps.hand_in(draft, house.people.hanako)
    assert refused.value.details["codes"] == ["certificate_over"]
