"""The auditor's room: every act of a story in order, read-only, and reading it is itself on record."""

import json
from pathlib import Path

import pytest
from django.test import Client

import audit.verifier
from applications.models import Application
from applications.rules.criteria import CRITERIA
from audit.acts import Act
from audit.models import Event
from tests.applications import cases
from tests.audit.evidence import Evidence
from tests.people import People, signed_in


@pytest.fixture
def auditor(people: People) -> Client:
    return signed_in(people.auditor)


@pytest.mark.clause("O-16.2.7", "O-19", "O-20", "J-3.1", "J-3.3")
def test_a_story_is_told_in_order_with_who_when_and_in_which_role(
    auditor: Client, application: Application, people: People
) -> None:
    cases.approved(application, people)
    answer = auditor.get(f"/records/stories/{application.pk}/")
    wanted = ["application:submit", "application:claim", "application:recommend", "order:queue", "application:approve"]
    told = [line.event.act for line in answer.context["story"].lines]
    assert [act for act in told if act in wanted] == wanted
    page = answer.content.decode()
    assert people.examiner.name in page
    assert people.approver.name in page
    assert people.hanako.name not in page


def test_a_story_is_found_by_its_receipt_number(auditor: Client, application: Application, people: People) -> None:
    cases.submitted(people.jiro)
    page = auditor.get("/records/stories/", {"q": str(application)}).content.decode()
    assert str(application.pk) in page
    assert page.count("row-link") == 1


def test_points_are_worked_out_from_the_rows(auditor: Client, application: Application, people: People) -> None:
    cases.approved(application, people)
    proofs = auditor.get(f"/records/stories/{application.pk}/").context["proofs"]
    assert len(proofs) == 2
    assert all(proof.holds for proof in proofs)


@pytest.mark.clause("O-9", "O-16.2.7")
def test_reading_the_records_is_on_record(auditor: Client, application: Application, people: People) -> None:
    auditor.get(f"/records/stories/{application.pk}/")
    auditor.get("/records/", {"person": "架空"})
    events = Event.objects.filter(act="evidence:read", person_id=people.auditor.pk)
    assert [event.details.body for event in events.order_by("pk")] == [
        {"story": str(application.pk)},
        {"person": "架空"},
    ]


def test_records_are_searched_by_act_person_and_day(auditor: Client, application: Application, people: People) -> None:
    cases.claimed(application, people)
    rows = auditor.get("/records/", {"act": "application:claim"}).context["found"].lines
    assert [row.event.person_id for row in rows] == [people.examiner.pk]
    assert not auditor.get("/records/", {"until": "2001-01-01"}).context["found"].lines
    assert auditor.get("/records/", {"before": "x", "person": "\x00"}).status_code == 200
    assert auditor.get("/records/stories/", {"q": "\x00"}).status_code == 200
    for name, typed in (("since", "yesterday"), ("until", "9999-12-31"), ("since", "0001-01-01")):
        answer = auditor.get("/records/", {name: typed})
        assert answer.status_code == 422
        assert f'value="{typed}" aria-invalid="true"' in answer.content.decode()


def test_an_auditor_changes_nothing(auditor: Client, application: Application) -> None:
    for act in ("claim/", "recommend/", "approve/", "refuse/", "note/"):
        assert auditor.post(f"/examination/{application.pk}/{act}").status_code == 404
    assert auditor.get(f"/examination/{application.pk}/").status_code == 200


def test_nobody_else_reads_the_records(application: Application, people: People) -> None:
    for person in (people.hanako, people.outsider, people.examiner, people.agent, people.administrator):
        assert signed_in(person).get(f"/records/stories/{application.pk}/").status_code == 404


def test_every_act_belongs_to_a_criterion() -> None:
    assert not [act.value for act in Act if not any(criterion.covers(act.value) for criterion in CRITERIA)]


@pytest.mark.clause("J-3.1", "J-3.3")
def test_records_are_taken_out_by_criterion_with_what_they_show_and_what_they_can_not(
    auditor: Client, application: Application, people: People
) -> None:
    cases.approved(application, people)
    page = auditor.get("/records/criteria/")
    assert [row.criterion.key for row in page.context["rows"]][:3] == ["application", "staff", "authentication"]
    assert page.context["rows"][0].records > 0
    assert all(row.criterion.lacks for row in page.context["rows"])
    answer = auditor.get("/records/criteria/application.csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "application:approve" in text
    assert people.approver.name in text
    assert people.hanako.name not in text
    taken = Event.objects.get(act="evidence:export")
    assert taken.details.body["criterion"] == "application"
    assert auditor.get("/records/criteria/none.csv").status_code == 404
    assert auditor.get("/records/criteria/", {"since": "yesterday"}).status_code == 422
    assert auditor.get("/records/criteria/staff.csv", {"since": "yesterday"}).status_code == 302


def test_records_are_found_by_number_and_by_key(auditor: Client, application: Application, people: People) -> None:
    cases.claimed(application, people)
    application.refresh_from_db()
    for about in (str(application.receipt_number), str(application.pk)):
        rows = auditor.get("/records/", {"about": about}).context["found"].lines
        assert {row.event.story for row in rows} == {application.pk}
    assert not auditor.get("/records/", {"about": "\x00 nothing"}).context["found"].lines


@pytest.mark.clause("O-20", "J-3.3")
def test_a_sealed_record_is_proved_and_one_that_waits_is_not(
    evidence: Evidence, issuing: object, demo_rules: None, people: People
) -> None:
    application = cases.submitted(people.jiro)
    auditor, event = signed_in(people.auditor), Event.objects.of_story(application.pk).latest("pk")
    assert auditor.get(f"/records/{event.pk}/proof.json").status_code == 409
    assert auditor.get(f"/records/{event.pk}/").context["seal"] is None
    evidence.seal()
    page = auditor.get(f"/records/stories/{application.pk}/")
    assert page.context["story"].untrue == 0
    assert page.context["story"].sealed_up_to == 1
    path = evidence.folder / "proof.json"
    for details in ("", "1"):
        path.write_bytes(auditor.get(f"/records/{event.pk}/proof.json", {"details": details}).content)
        assert evidence.verify(path, what="proof")[0] == 0
        assert ("details" in json.loads(path.read_text())) is bool(details)
    assert Event.objects.filter(act="evidence:prove", outcome="done").count() == 2
    path.write_bytes(b"".join(auditor.get("/records/seals/evidence.jsonl").streaming_content))  # type: ignore[attr-defined]
    assert evidence.verify(path)[0] == 0
    assert auditor.get("/records/seals/").context["newest"].number == 1
    program = b"".join(auditor.get("/records/seals/verifier.py").streaming_content)  # type: ignore[attr-defined]
    assert program == Path(audit.verifier.__file__).read_bytes()
    evidence.tamper(f"UPDATE audit_event SET role = 'approver' WHERE id = {event.pk}")  # noqa: S608 — our own number
    assert not auditor.get(f"/records/{event.pk}/").context["line"].standing.holds
    assert auditor.get(f"/records/stories/{application.pk}/").context["story"].untrue == 1
    assert auditor.get("/records/0/").status_code == 404
