"""Sample certificates of drafts: built and linted like real ones by the signer, wanted before rules are activated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from django.core import mail
from django.db import IntegrityError, connection, transaction

from accounts.models import Notice
from audit.models import Event
from audit.refusals import NotAllowed, RuleViolated
from certificates import reading
from certificates.models import CertificationAuthority, Intent, SampleCertificate
from certificates.services import samples
from certificates.services import target_systems as checked
from certificates.worker import keys
from certificates.worker import samples as building
from lra_portal.demo.regulations import LOADER
from regulations import ruleset_parts
from regulations.models import TargetSystem, TargetSystemVersion
from regulations.services import target_systems
from regulations.services.target_systems import Written
from tests.authorities import make_issuing
from tests.harness.jobs import Jobs
from tests.instants import WEDNESDAY_11_00
from tests.people import ORIGIN, People

AT = WEDNESDAY_11_00


pytestmark = pytest.mark.usefixtures("people", "issuing", "demo_rules")


def drafted(people: People, *, slug: str = "member-client", **changes: Any) -> TargetSystemVersion:
    system = TargetSystem.objects.get(slug=slug)
    rules = dict(system.version_in_force().rules)
    profile = {**rules["profile"], "key_types": ["p256", "p384"], **changes.pop("profile", {})}
    rules = {**rules, "promised_days": 5, **changes, "profile": profile}
    written = Written(rules, {"ja": "見直し", "en": "Looked over"})
    return checked.save_draft(target_system=system, written=written, actor=people.rules_manager.actor(ORIGIN), at=AT)


def activate(people: People, draft: TargetSystemVersion) -> TargetSystemVersion:
    actor = people.second_rules_manager.actor(ORIGIN)
    return checked.activate(version=draft, seen=draft.rules_digest, actor=actor, at=AT)


def refused(people: People, draft: TargetSystemVersion) -> str:
    with pytest.raises(RuleViolated) as error:
        activate(people, draft)
    assert [violation.code for violation in error.value.violations] == ["sample"]
    return str(error.value.message)


@pytest.mark.clause("O-1.3", "O-1.1")
def test_a_saved_draft_is_built_by_the_signer_and_can_then_be_activated(people: People, jobs: Jobs) -> None:
    draft = drafted(people)
    waiting = refused(people, draft)
    jobs.drain()
    sample = SampleCertificate.objects.get(rules_digest=draft.rules_digest)
    assert (sample.status, sample.findings) == ("clean", [])
    assert activate(people, draft).status == "in_force"
    assert waiting
    told = Event.objects.filter(subject_id=str(sample.pk)).order_by("pk").values_list("act", "role")
    assert [(act, role.split(":")[0]) for act, role in told] == [
        ("sample:ask", "rules_manager"),
        ("sample:clear", "system"),
    ]


@pytest.mark.clause("O-1.1")
def test_the_sample_is_what_a_real_certificate_would_be_but_the_ca_signed_nothing(
    people: People, issuing: CertificationAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = drafted(people)
    monkeypatch.setattr(keys, "load", lambda _reference: pytest.fail("the CA's key was opened"))
    building.build_waiting()
    sample = samples.sample_of(draft)
    assert sample is not None
    certificate = x509.load_der_x509_certificate(bytes(sample.der or b""))
    issuer = x509.load_der_x509_certificate(bytes(issuing.certificate_der))
    assert certificate.issuer == issuer.subject
    with pytest.raises(InvalidSignature):
        certificate.verify_directly_issued_by(issuer)
    assert "CN=Hanako Mihon" in certificate.subject.rfc4514_string()
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc <= timedelta(days=365)
    assert not Intent.objects.exists()


def test_the_certificate_can_be_read_in_words_and_line_by_line(people: People) -> None:
    draft = drafted(people, slug="e-contract", profile={"lra_key_type": "p256"})
    building.build_waiting()
    sample = samples.sample_of(draft)
    assert sample is not None
    certificate = x509.load_der_x509_certificate(bytes(sample.der or b""))
    words = dict(reading.facts_of(certificate))
    assert "1.3.6.1.4.1.99999.1.2" in words.values()
    text = reading.text_of(certificate)
    for line in (
        "Version: 3",
        "Subject: CN=Hanako Mihon",
        "keyUsage 2.5.29.15 (critical)",
        "digitalSignature, nonRepudiation",
        "clientAuth 1.3.6.1.5.5.7.3.2",
        "1.3.6.1.4.1.99999.1.2",
        "CA: false",
        "RFC822Name: hanako.mihon@example.jp",
        "OCSP: http://127.0.0.1:8001/",
    ):
        assert line in text
    assert f"{certificate.serial_number:040x}" in text


@pytest.mark.clause("O-1.3", "O-1.1")
def test_what_linting_finds_stops_the_rules_until_a_sample_is_clean(
    people: People, issuing: CertificationAuthority
) -> None:
    draft = drafted(people)
    with time_machine.travel(issuing.not_after + timedelta(days=1), tick=False):
        building.build_waiting()
    sample = samples.sample_of(draft)
    assert sample is not None
    assert sample.status == "findings"
    assert {line.split("[")[1] for line in sample.findings} == {"p256]", "p384]"}
    refused(people, draft)
    samples.ask(version=draft, actor=people.second_rules_manager.actor(ORIGIN), at=AT, anew=True)
    building.build_waiting()
    assert activate(people, draft).status == "in_force"


@pytest.mark.clause("O-19.2.6")
def test_every_kind_of_key_is_tried_and_a_profile_that_can_not_be_read_is_a_finding(people: People) -> None:
    every = list(ruleset_parts.KEY_TYPES)
    draft = drafted(people, profile={"key_types": every})
    broken = drafted(people, slug="monitored-device", profile={"key_usage": ["key_encipherment"]})
    building.build_waiting()
    found = {row.rules_digest: row for row in SampleCertificate.objects.all()}
    assert found[draft.rules_digest].status == "clean"
    assert found[broken.rules_digest].findings[0].startswith("lra.build: key_usage")


def test_rules_without_an_issuer_have_a_finding_and_are_built_again_when_saved_again(people: People) -> None:
    draft = drafted(people, profile={"issuer": "second"})
    building.build_waiting()
    sample = samples.sample_of(draft)
    assert sample is not None
    assert sample.findings == ["lra.issuer: there is no issuing CA “second”"]
    make_issuing("second")
    drafted(people, profile={"issuer": "second"})
    building.build_waiting()
    sample.refresh_from_db()
    assert sample.status == "clean"


def test_only_a_sample_of_exactly_these_rules_counts(people: People) -> None:
    drafted(people)
    building.build_waiting()
    assert refused(people, drafted(people, promised_days=6))


def test_a_nudge_that_got_lost_is_found_by_the_sweep(people: People, jobs: Jobs) -> None:
    draft = drafted(people)
    jobs.drop()
    jobs.run("certificates.sweep")
    sample = samples.sample_of(draft)
    assert sample is not None
    assert sample.status == "clean"


def test_a_clean_sample_is_not_built_twice_unless_it_is_wanted_anew(people: People) -> None:
    draft = drafted(people)
    building.build_waiting()
    actor = people.second_rules_manager.actor(ORIGIN)
    assert samples.ask(version=draft, actor=actor, at=AT).status == "clean"
    assert samples.ask(version=draft, actor=actor, at=AT, anew=True).status == "waiting"
    assert building.build_waiting() == 1
    with pytest.raises(NotAllowed):
        samples.ask(version=draft, actor=people.examiner.actor(ORIGIN), at=AT)


def test_the_installations_own_rules_are_in_force_at_once_and_a_finding_in_them_alarms(
    people: People, jobs: Jobs
) -> None:
    system = TargetSystem.objects.get(slug="member-client")
    rules = system.version_in_force().rules
    data = {**rules, "profile": {**rules["profile"], "issuer": "another"}}
    version = target_systems.import_version(target_system=system, data=data, actor=LOADER, at=AT)
    version = target_systems.activate(version=version, actor=LOADER, at=AT)
    assert version.status == "in_force"
    samples.ask(version=version, actor=LOADER, at=AT)
    jobs.drain()
    told = Notice.objects.filter(kind="certificates/sample_findings")
    assert {notice.recipient for notice in told} == {people.rules_manager, people.second_rules_manager}
    jobs.run("accounts.send_notices")
    assert "lra.issuer" in str(mail.outbox[-1].body)


def test_the_database_keeps_a_sample_from_being_clean_without_a_certificate(people: People) -> None:
    drafted(people)
    rows = SampleCertificate.objects.all()
    for attempt in ({"status": "clean"}, {"status": "clean", "der": b"x", "done_at": AT, "findings": ["a"]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**attempt)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO certificates_samplecertificate (id, rules_digest, rules, status, status_since, asked_at,"
            " findings) VALUES (gen_random_uuid(), 'x', '{}', 'clean', %s, %s, '[]')",
            [datetime.now(UTC), datetime.now(UTC)],
        )
