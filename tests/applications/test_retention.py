"""Documents are destroyed and contents erased when the days of the pinned rules have passed, and on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from applications.models import Application, IndexCard, Upload, UploadPage
from applications.services import intake, retention
from audit.actors import Actor
from audit.models import Event, LegalHold
from certificates.models import Certificate, CertificationAuthority, Order
from lra_portal.celery import app
from lra_portal.demo.regulations import LOADER
from regulations.models import TargetSystem
from regulations.services import target_systems
from tests.applications import cases
from tests.certificates import material
from tests.flows import steps
from tests.flows.steps import House
from tests.harness.jobs import Jobs
from tests.instants import MONDAY_9_00, WEDNESDAY_11_00
from tests.people import ORIGIN, People, signed_in
from vault.models import SealedBlob

KEEPER = Actor.system("test")
DAY = timedelta(days=1)
KEPT = {"documents_days": 100, "application_days": 200}


@pytest.fixture
def short_rules(issuing: CertificationAuthority, people: People, demo_rules: None) -> Iterator[People]:
    """The e-contract rules of the demo, with short times of keeping; the clock stands on Wednesday."""
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        system = TargetSystem.objects.get(slug="e-contract")
        data = {**system.version_in_force().rules, "retention": KEPT, "reopen_days": 30}
        version = target_systems.import_version(target_system=system, data=data, actor=LOADER, at=MONDAY_9_00)
        target_systems.activate(version=version, actor=LOADER, at=MONDAY_9_00)
        yield people


@pytest.fixture
def ended(short_rules: People) -> Application:
    """An application that was withdrawn on Wednesday."""
    application = cases.submitted(short_rules.hanako)
    actor = short_rules.hanako.actor(ORIGIN)
    return intake.withdraw(application=application, actor=actor, at=WEDNESDAY_11_00)


def sweep(at: datetime) -> tuple[int, int]:
    with time_machine.travel(at, tick=False):
        return (
            retention.destroy_documents(actor=KEEPER, at=timezone.now()),
            retention.erase_contents(actor=KEEPER, at=timezone.now()),
        )


@pytest.mark.clause("O-10", "J-6.2")
def test_documents_and_their_pages_are_destroyed_on_the_day_and_their_rows_say_so(ended: Application) -> None:
    fingerprints = set(ended.uploads.values_list("sha256", flat=True))
    assert sweep(WEDNESDAY_11_00 + 100 * DAY - timedelta(seconds=1)) == (0, 0)
    assert SealedBlob.objects.filter(purpose="documents").count() == 4
    assert sweep(WEDNESDAY_11_00 + 100 * DAY) == (1, 0)
    assert sweep(WEDNESDAY_11_00 + 101 * DAY) == (0, 0)
    assert not SealedBlob.objects.filter(purpose="documents").exists()
    assert not UploadPage.objects.exists()
    left = Upload.objects.all()
    assert {(row.destroyed_at, row.blob, row.file_name) for row in left} == {(WEDNESDAY_11_00 + 100 * DAY, None, "")}
    assert {row.sha256 for row in left} == fingerprints
    acts = Event.objects.filter(story=ended.story, role__startswith="system:")
    assert acts.filter(act="blob:destroy").count() == 4
    details = acts.get(act="upload:destroy").details.body
    assert (set(details["documents"]), details["days"]) == (fingerprints, 100)


@pytest.mark.clause("O-10", "J-6.2")
def test_what_was_filled_in_is_erased_while_number_digest_and_evidence_stay(ended: Application) -> None:
    number, digest, acts = ended.receipt_number, ended.digest, Event.objects.filter(story=ended.story).count()
    assert "person_name" in ended.values
    sweep(WEDNESDAY_11_00 + 199 * DAY)
    ended.refresh_from_db()
    assert ended.values
    assert sweep(WEDNESDAY_11_00 + 200 * DAY)[1] == 1
    ended.refresh_from_db()
    assert (ended.values, ended.typed, ended.csr_der, ended.sort_name, ended.printed_name) == ({}, {}, None, "", "")
    assert (ended.receipt_number, ended.digest, ended.status) == (number, digest, "withdrawn")
    assert IndexCard.objects.get(application=ended).text.strip() == str(number).replace("-", "")
    assert Event.objects.filter(story=ended.story).count() > acts
    assert Event.objects.filter(story=ended.story, act="application:erase").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=ended.pk).update(values={"person_name": "x"})
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.filter(application=ended).update(blob=None, destroyed_at=None)


@pytest.mark.clause("O-10")
def test_the_pages_of_the_case_say_that_it_is_gone_and_nothing_is_broken(ended: Application, jobs: Jobs) -> None:
    upload = ended.uploads.order_by("uploaded_at").first()
    assert upload is not None
    with time_machine.travel(WEDNESDAY_11_00 + 201 * DAY, tick=False):
        jobs.run("applications.end_retention")
        auditor = signed_in(User.objects.get(email="auditor@demo.example"))
        page = auditor.get(f"/examination/{ended.pk}/", headers={"accept-language": "en"}).content.decode()
        assert "this one was destroyed on" in page
        assert "What was filled in has been erased" in page
        assert f"/examination/documents/{upload.pk}/" not in page
        mine = signed_in(ended.applicant)
        own = mine.get(f"/applications/{ended.pk}/", headers={"accept-language": "en"}).content.decode()
        assert "What you filled in was erased on" in own
        assert mine.get(f"/applications/{ended.pk}/documents/{upload.pk}/").status_code == 404
        assert mine.get(f"/applications/{ended.pk}/contents/").status_code == 200


@pytest.mark.clause("O-10")
def test_an_open_case_is_never_touched(short_rules: People) -> None:
    cases.submitted(short_rules.hanako)
    assert sweep(WEDNESDAY_11_00 + 10_000 * DAY) == (0, 0)


def test_a_legal_hold_keeps_everything_until_it_ends(ended: Application) -> None:
    hold = LegalHold.objects.create(story=ended.story, reason="訴訟", since=WEDNESDAY_11_00)
    assert sweep(WEDNESDAY_11_00 + 500 * DAY) == (0, 0)
    LegalHold.objects.filter(pk=hold.pk).update(ended_at=WEDNESDAY_11_00 + 501 * DAY)
    assert sweep(WEDNESDAY_11_00 + 502 * DAY) == (1, 1)


def test_the_rules_pinned_to_the_case_count_not_the_newest(ended: Application) -> None:
    system = TargetSystem.objects.get(slug="e-contract")
    data: dict[str, Any] = {**system.version_in_force().rules, "retention": dict.fromkeys(KEPT, 7000)}
    version = target_systems.import_version(target_system=system, data=data, actor=LOADER, at=WEDNESDAY_11_00)
    target_systems.activate(version=version, actor=LOADER, at=WEDNESDAY_11_00)
    assert sweep(WEDNESDAY_11_00 + 100 * DAY) == (1, 0)


def test_a_case_that_another_worker_has_is_passed_over(ended: Application) -> None:
    due = retention.due(Application.objects.all(), "documents_days", WEDNESDAY_11_00 + 100 * DAY, 10)
    assert due == [(ended.pk, 100)]
    facts: dict[str, Any] = {"application_id": ended.pk, "days": 100, "actor": KEEPER, "at": WEDNESDAY_11_00}
    assert retention.destroy_documents_of(**facts)
    assert not retention.destroy_documents_of(**facts)


def test_the_sweep_stands_in_the_beat() -> None:
    assert "applications.end_retention" in {entry["task"] for entry in app.conf.beat_schedule.values()}


@pytest.mark.clause("O-10", "J-6.2")
def test_an_issued_case_ends_with_its_certificate(house: House) -> None:
    application = steps.apply(house.people.hanako, "member-client", material.p256())
    certificate = steps.issue(application, house.people, house.jobs)
    kept = timedelta(days=certificate.order.application.rules.ruleset.retention.documents_days)
    assert sweep(certificate.not_after + kept - DAY) == (0, 0)
    assert sweep(certificate.not_after + kept + DAY)[0] == 1
    revoked = steps.now() - DAY
    Certificate.objects.filter(pk=certificate.pk).update(revoked_at=revoked, ground="lra:misuse")
    Application.objects.filter(pk=application.pk).update(documents_destroyed_at=None)
    assert sweep(revoked + kept - DAY) == (0, 0)
    assert sweep(revoked + kept + DAY)[0] == 1
    assert Order.objects.get(pk=certificate.order_id).frozen["subject"]
