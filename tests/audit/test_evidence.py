"""Evidence is written once and never changed, by whoever asks the database."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Notice
from accounts.states import NOTICE
from audit.actors import Actor
from audit.acts import Act
from audit.models import Event, EventDetails, LegalHold, RetentionPeriod
from audit.refusals import NotAllowed, Stale
from audit.services import canonical, record, record_refusal, transition

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CLERK = Actor(person_id=uuid4(), roles=frozenset({"examiner"}), origin="192.0.2.7", acting_as="examiner")


def waiting_notice() -> Notice:
    return Notice.objects.create(
        kind="accounts/test",
        dedupe=uuid4().hex,
        email="someone@example.com",
        status_since=AT,
        created_at=AT,
        not_before=AT,
    )


@pytest.mark.clause("O-16.2.7")
def test_an_act_is_recorded_with_who_in_which_role_from_where_on_what_and_when() -> None:
    story = uuid4()
    event = record(act=Act.APPLICATION_CLAIM, actor=CLERK, at=AT, story=story, details={"queue": "mine"})
    stored = Event.objects.of_story(story).get()
    assert stored == event
    assert (stored.person_id, stored.role, stored.origin, stored.at) == (CLERK.person_id, "examiner", "192.0.2.7", AT)


def test_the_digest_of_an_event_is_bound_to_its_details_by_their_salt() -> None:
    event = record(act=Act.APPLICATION_CLAIM, actor=CLERK, at=AT, details={"名": "値"})
    details = EventDetails.objects.get(event=event)
    assert bytes(event.details_digest) == hashlib.sha256(bytes(details.salt) + canonical(details.body)).digest()


def test_an_act_of_nobody_is_not_recorded() -> None:
    with pytest.raises(ValueError, match="authorise"):
        record(act=Act.APPLICATION_CLAIM, actor=Actor(None, frozenset()), at=AT)


def test_a_refusal_is_on_record_with_its_code_and_place() -> None:
    refused = NotAllowed(act="application:approve")
    event = record_refusal(refused=refused, act=Act.APPLICATION_APPROVE, actor=CLERK, at=AT, where="/approve/")
    assert Event.objects.refused().get() == event
    assert event.details.body == {"code": "not_allowed", "where": "/approve/", "act": "application:approve"}


def test_a_transition_moves_the_row_and_tells_from_where_to_where() -> None:
    notice = transition(machine=NOTICE, row=waiting_notice(), act=Act.NOTICE_SEND, actor=CLERK, at=AT)
    event = Event.objects.get(subject_id=str(notice.pk))
    assert (notice.status, event.before, event.after) == ("handed_over", "waiting", "handed_over")


def test_a_transition_from_a_stale_row_changes_nothing_and_is_refused() -> None:
    seen_by_one, seen_by_another = (notice := waiting_notice()), Notice.objects.get(pk=notice.pk)
    transition(machine=NOTICE, row=seen_by_one, act=Act.NOTICE_SEND, actor=CLERK, at=AT)
    with pytest.raises(Stale):
        transition(machine=NOTICE, row=seen_by_another, act=Act.NOTICE_FAIL, actor=CLERK, at=AT)
    assert Event.objects.filter(subject_id=str(notice.pk)).count() == 1


@pytest.mark.clause("O-19", "O-20")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET role = 'auditor'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event CASCADE",
        "UPDATE audit_eventdetails SET body = '{}'",
        "DELETE FROM audit_eventdetails",
        "TRUNCATE audit_eventdetails",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
    ],
)
def test_the_runtime_role_can_not_change_evidence(statement: str) -> None:
    record(act=Act.APPLICATION_CLAIM, actor=CLERK, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def erase(event: Event) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT audit_erase_details(%s, 'retention')", [event.pk])


@pytest.mark.clause("J-6.2")
def test_details_are_erased_only_after_retention_and_leave_the_event_untouched() -> None:
    event = record(act=Act.APPLICATION_CLAIM, actor=CLERK, at=AT, details={"name": "x"})
    with pytest.raises(DatabaseError, match="within its retention"):
        erase(event)
    RetentionPeriod.objects.create(act=event.act, days=0)
    erase(event)
    assert not EventDetails.objects.filter(event=event).exists()
    assert Event.objects.filter(pk=event.pk, details_digest=event.details_digest).exists()
    assert Event.objects.filter(act=Act.EVIDENCE_ERASE, subject_id=str(event.pk)).exists()


def test_a_legal_hold_keeps_details_whose_retention_has_passed() -> None:
    story = uuid4()
    event = record(act=Act.APPLICATION_CLAIM, actor=CLERK, at=AT, story=story)
    RetentionPeriod.objects.create(act=event.act, days=0)
    LegalHold.objects.create(story=story, reason="dispute", since=AT - timedelta(days=1))
    with pytest.raises(DatabaseError, match="legal hold"):
        erase(event)
