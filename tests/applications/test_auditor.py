"""The auditor's room: every act of a story in order, read-only, and reading it is itself on record."""

import pytest
from django.test import Client

from applications.models import Application
from audit.models import Event
from tests.applications import cases
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
