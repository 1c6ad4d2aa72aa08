"""A confirmed file becomes applications: each person asked by a mail, or the administrator's word for all."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts.models import User
from accounts.waiting import waits
from applications.batches import Batch, BatchLine
from applications.models import Application
from applications.selectors.batches import seen_of, tally_of
from applications.services import batches, filing, intake, retention
from applications.worker import batch_checking, batch_filing, deadlines
from applications.worker import batches as worker
from audit.actors import Actor
from audit.models import Event
from audit.refusals import RuleViolated
from certificates.models import CertificationAuthority
from regulations.models import Consent, Contract
from regulations.services import consents
from tests.applications import cases
from tests.applications.filing_many import (
    AT,
    DEVICE_HEADINGS,
    add_documents,
    administer,
    confirm,
    device_line,
    file_of,
    found_in,
    hand_in,
    person_line,
    worked,
)
from tests.harness.jobs import Jobs
from tests.instants import MONDAY_9_00
from tests.people import People, signed_in
from vault.models import SealedBlob

pytestmark = pytest.mark.usefixtures("wednesday")

COMMON = ("seal_certificate", "company_register")


@pytest.fixture
def contract(people: People, issuing: CertificationAuthority, demo_rules: None) -> Contract:
    return administer(people.contract_admin, "E-40213")


@pytest.fixture
def administrator(people: People) -> User:
    return people.contract_admin


def filed(contract: Contract, administrator: User, count: int = 3) -> Batch:
    batch = hand_in(contract, administrator, file_of(person_line(n) for n in range(count)))
    add_documents(batch, administrator, *COMMON)
    return confirm(batch, administrator)


def devices(people: People, *numbers: int) -> Batch:
    contract = administer(people.contract_admin, "D-20111")
    data = file_of((device_line(n) for n in numbers), DEVICE_HEADINGS)
    batch = hand_in(contract, people.contract_admin, data, "monitored-device")
    add_documents(batch, people.contract_admin, "device_register")
    return batch


@pytest.mark.clause("O-4.1", "J-5", "O-4.2")
def test_each_person_is_asked_by_one_mail_and_it_is_received_when_they_agreed(
    contract: Contract, administrator: User, jobs: Jobs
) -> None:
    batch = filed(contract, administrator)
    assert (batch.status, batch.confirmed_by, batch.parts.count()) == ("filed", administrator, 0)
    made = list(Application.objects.filter(batch=batch).order_by("batch_line__line"))
    assert [row.status for row in made] == ["waiting_consent"] * 3
    assert {row.filed_by for row in made} == {administrator}
    assert all(waits(row.applicant) for row in made)
    assert [[upload.key for upload in row.uploads.order_by("uploaded_at", "key")] for row in made] == [
        ["company_register", "seal_certificate"]
    ] * 3
    assert not Consent.objects.exists()
    jobs.run("accounts.send_notices")
    assert sorted(row.to[0] for row in mail.outbox) == [f"person{n}@demo.example" for n in range(3)]

    link = re.search(r"(/applications/for-me/[\w-]+/)", str(mail.outbox[0].body))
    assert link is not None
    browser = Client()
    password = {"password1": "Himitsu-2026-x", "password2": "Himitsu-2026-x"}
    there = browser.post(link[1], {"name": "社員 番郎", **password})["Location"]
    page = browser.get(there).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    asked = consents.asked_for(ruleset=batch.rules.ruleset, at=AT)
    assert browser.post(there, {"consent": [item.key for item in asked], "seen": seen[1]}).status_code == 302
    application = Application.objects.get(pk=there.split("/")[2])
    assert application.status == "submitted"
    assert {row.person for row in Consent.objects.filter(story=application.story)} == {application.applicant}
    assert application.order is not None
    sides = set(application.order.approvals.filter(role="applicant").values_list("person_id", flat=True))
    assert sides == {application.applicant_id, administrator.pk}
    tally = tally_of(batch)
    assert (tally.lines, tally.waiting, tally.open) == (3, 2, 1)


@pytest.mark.clause("O-14.2", "O-14.3")
def test_the_person_holds_it_and_the_administrator_gets_no_mail_and_no_way_to_it(
    people: People, contract: Contract, jobs: Jobs
) -> None:
    devices_batch = confirm(devices(people, 1, 2), people.contract_admin)
    jobs.run("accounts.send_notices")
    assert {row.to[0] for row in mail.outbox} == {"custodian@demo.example"}
    for application in Application.objects.filter(batch=devices_batch):
        assert application.order is not None
        assert application.order.holder == application.applicant
        assert application.order.holder.email == "custodian@demo.example"


@pytest.mark.clause("J-5")
def test_where_the_rules_say_so_the_administrator_agrees_for_the_filing_and_all_is_received(
    people: People, contract: Contract, jobs: Jobs
) -> None:
    batch = devices(people, 1, 2)
    with pytest.raises(RuleViolated):
        batches.confirm(batch=batch, ticked=[], seen=seen_of(batch), actor=people.contract_admin.actor(), at=AT)
    batch = confirm(batch, people.contract_admin)
    made = list(Application.objects.filter(batch=batch))
    assert [row.status for row in made] == ["submitted"] * 2
    assert len({row.receipt_number for row in made}) == 2
    given = Consent.objects.filter(story=batch.story)
    assert {row.person for row in given} == {people.contract_admin}
    assert given.count() == len(consents.asked_for(ruleset=batch.rules.ruleset, at=AT))
    jobs.run("accounts.send_notices")
    assert len(mail.outbox) == 2
    link = re.search(r"(/applications/for-me/[\w-]+/)", str(mail.outbox[0].body))
    assert link is not None
    browser = Client()
    password = {"password1": "Himitsu-2026-x", "password2": "Himitsu-2026-x"}
    there = browser.post(link[1], {"name": "装置 管理", **password})["Location"]
    page = browser.get(there, follow=True).content.decode()
    assert str(made[0].receipt_number) in page or str(made[1].receipt_number) in page
    contents = browser.get(f"/applications/{made[0].pk}/contents/").content.decode()
    assert given[0].sha256 in contents


def test_a_line_that_can_not_be_received_is_left_out_with_the_reason_in_both_languages(
    people: People, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = devices(people, 1, 2)
    other = devices(people, 1)
    monkeypatch.setattr(batch_checking, "look_at_whole", lambda *_arguments: 0)
    confirm(other, people.contract_admin)
    batch = confirm(batch, people.contract_admin)
    left = batch.lines.exclude(left_out={}).get()
    assert (batch.status, left.line, left.application) == ("filed", 2, None)
    assert set(left.left_out) == {"ja", "en"}
    assert left.left_out["ja"] != left.left_out["en"]
    assert Application.objects.filter(batch=batch).count() == 1


def test_what_changed_since_the_check_stops_the_file_before_its_first_line(contract: Contract, people: People) -> None:
    batch = hand_in(contract, people.contract_admin, file_of([person_line(1)]))
    add_documents(batch, people.contract_admin, *COMMON)
    cases.submitted(people.hanako, person_name="社員 番1郎", person_reading="シャイン バンロウ")
    batch = confirm(batch, people.contract_admin)
    assert (batch.status, found_in(batch)) == ("faulty", [(2, 0, "open_application")])
    assert not Application.objects.filter(batch=batch).exists()


def test_filing_is_taken_up_where_it_was_lost_and_nothing_is_filed_twice(
    contract: Contract, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_filing, "ASKED_AT_ONCE", 2)
    batch = hand_in(contract, administrator, file_of(person_line(n) for n in range(5)))
    add_documents(batch, administrator, *COMMON)
    batches.confirm(batch=batch, ticked=[], seen=seen_of(batch), actor=administrator.actor(), at=AT)
    assert worker.step(str(batch.pk), AT)
    assert Application.objects.filter(batch=batch).count() == 2
    batches.ask_stop(batch=batch, actor=administrator.actor(), at=AT)
    worker.work_on_all()
    batch.refresh_from_db()
    assert batch.status == "halted"
    batches.resume(batch=batch, actor=administrator.actor(), at=AT)
    batch = worked(batch)
    worker.work_on_all()
    assert (batch.status, Application.objects.filter(batch=batch).count()) == ("filed", 5)
    assert Event.objects.filter(act="application:present").count() == 5


def test_the_second_click_changes_nothing(contract: Contract, administrator: User) -> None:
    batch = filed(contract, administrator, 1)
    again = batches.confirm(batch=batch, ticked=[], seen=seen_of(batch), actor=administrator.actor(), at=AT)
    assert again.status == "filed"
    worked(batch)
    assert Application.objects.filter(batch=batch).count() == 1


def test_what_is_missing_or_has_changed_is_told_and_nothing_is_filed(contract: Contract, administrator: User) -> None:
    batch = hand_in(contract, administrator, file_of([person_line(1)]))
    add_documents(batch, administrator, "seal_certificate")
    with pytest.raises(RuleViolated) as refused:
        batches.confirm(batch=batch, ticked=[], seen="old", actor=administrator.actor(), at=AT)
    assert {row.code for row in refused.value.violations} == {"document_missing", "contents_changed"}
    with pytest.raises(RuleViolated) as old:
        add_documents(batch, administrator, "company_register", day=MONDAY_9_00 - timedelta(days=100))
    assert [row.code for row in old.value.violations] == ["too_old"]
    with pytest.raises(RuleViolated):
        add_documents(batch, administrator, "letter_of_proxy")


def test_a_contract_that_ends_or_another_administrator_halts_the_filing(
    contract: Contract, administrator: User
) -> None:
    batch = hand_in(contract, administrator, file_of([person_line(1)]))
    add_documents(batch, administrator, *COMMON)
    batches.confirm(batch=batch, ticked=[], seen=seen_of(batch), actor=administrator.actor(), at=AT)
    contract.members.filter(email=administrator.email).update(is_administrator=False)
    assert worked(batch).status == "halted"
    assert not Application.objects.exists()


def test_filing_waits_until_the_common_documents_are_drawn_and_draws_them_once(
    contract: Contract, administrator: User
) -> None:
    batch = hand_in(contract, administrator, file_of(person_line(n) for n in range(2)))
    for document in add_documents(batch, administrator, *COMMON):
        type(document).objects.filter(pk=document.pk).update(render_status="waiting")
    batches.confirm(batch=batch, ticked=[], seen=seen_of(batch), actor=administrator.actor(), at=AT)
    worker.work_on_all()
    assert not Application.objects.exists()
    assert worked(batch).status == "filed"
    uploads = [upload for row in Application.objects.all() for upload in row.uploads.all()]
    assert {upload.render_status for upload in uploads} == {"done"}
    assert len({upload.blob_id for upload in uploads}) == 2
    assert len({page.blob_id for upload in uploads for page in upload.pages.all()}) == 2


def test_an_agent_may_still_apply_for_others_beside_the_lines_of_a_file(
    contract: Contract, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filing, "MOST_FOR_OTHERS", 1)
    filed(contract, administrator)
    home = signed_in(administrator).get("/applications/").content.decode()
    line = Application.objects.filter(batch__isnull=False).first()
    assert line is not None
    assert str(line.pk) not in home
    assert signed_in(administrator).get(f"/applications/{line.pk}/").status_code == 200


def test_lines_are_reminded_and_lapse_without_a_mail_to_the_administrator(
    contract: Contract, administrator: User, jobs: Jobs
) -> None:
    batch = filed(contract, administrator, 2)
    jobs.run("accounts.send_notices")
    mail.outbox.clear()
    for days in (10, 15):
        with time_machine.travel(AT + timedelta(days=days), tick=False):
            deadlines.sweep()
            jobs.run("accounts.send_notices")
    assert {row.to[0] for row in mail.outbox} == {"person0@demo.example", "person1@demo.example"}
    assert tally_of(batch).ended == 2


def test_what_the_lines_said_is_kept_once_in_the_applications(contract: Contract, administrator: User) -> None:
    batch = filed(contract, administrator, 1)
    line = BatchLine.objects.get(batch=batch)
    assert (line.values, line.csr_der) == ({}, None)
    assert line.application is not None
    assert line.application.values["person_latin"] == "Banro 0 Shain"
    assert line.application.values["corporation_latin"]


@pytest.mark.clause("O-10")
def test_common_documents_are_destroyed_with_the_last_case_that_needs_them(
    contract: Contract, administrator: User
) -> None:
    batch = filed(contract, administrator, 2)
    first, second = Application.objects.filter(batch=batch).order_by("batch_line__line")
    sealed = set(batch.documents.values_list("blob_id", flat=True))
    keeper, days = Actor.system("test"), first.rules.ruleset.retention.documents_days
    intake.withdraw(application=first, actor=administrator.actor(), at=AT)
    late = AT + timedelta(days=days + 1)
    assert retention.destroy_documents(actor=keeper, at=late) == 1
    assert set(SealedBlob.objects.filter(pk__in=sealed).values_list("pk", flat=True)) == sealed
    assert first.uploads.filter(blob__isnull=False).count() == 0
    intake.withdraw(application=second, actor=administrator.actor(), at=AT)
    assert retention.destroy_documents(actor=keeper, at=late) == 1
    assert not SealedBlob.objects.filter(pk__in=sealed).exists()
    assert batch.documents.filter(blob=None, destroyed_at=late).count() == 2


@pytest.mark.clause("O-10")
def test_a_file_that_nobody_confirms_is_forgotten_after_thirty_days(contract: Contract, administrator: User) -> None:
    batch = hand_in(contract, administrator, file_of([person_line(1)]))
    add_documents(batch, administrator, *COMMON)
    with time_machine.travel(AT + timedelta(days=29), tick=False):
        deadlines.sweep()
    assert batch.lines.count() == 1
    with time_machine.travel(AT + timedelta(days=31), tick=False):
        deadlines.sweep()
    batch.refresh_from_db()
    assert (batch.status, batch.lines.count(), batch.parts.count()) == ("discarded", 0, 0)
    assert batch.documents.filter(blob__isnull=False).count() == 0


def test_a_common_document_is_taken_out_again_before_the_file_is_confirmed(
    contract: Contract, administrator: User
) -> None:
    batch = hand_in(contract, administrator, file_of([person_line(1)]))
    document = add_documents(batch, administrator, "seal_certificate")[0]
    seen = seen_of(batch)
    batches.remove_document(document=document, actor=administrator.actor(), at=AT)
    assert batch.documents.filter(removed_at=None).count() == 0
    assert seen_of(batch) != seen
