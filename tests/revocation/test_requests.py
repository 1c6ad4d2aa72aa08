"""How requests come in and are decided: who may, what stops at once, who is told, and what ends the story."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction

from accounts.models import Notice
from audit.models import Event
from audit.refusals import NotAllowed, NotFound, RuleViolated, Stale
from certificates.models import BlockedKey, SignerHeartbeat
from revocation import grounds
from revocation.models import RevocationRequest
from revocation.services import completion, decisions, requests
from revocation.services.requests import Caller, Wish
from revocation.worker import tasks
from tests.revocation.asking import GONE, STOLEN, approve, own, told
from tests.revocation.world import PUBLISHER, World, now, person


@pytest.mark.clause("O-15.2.4", "O-15.1.1")
def test_a_holders_request_goes_to_an_approver_who_revokes_on_the_ground_that_the_holder_named(world: World) -> None:
    certificate = world.certificate()
    case = own(world, certificate)
    assert case.status == "awaiting_approval"
    case = approve(world, case)
    certificate.refresh_from_db()
    assert case.status == "processing"
    assert (certificate.ground, certificate.reason_code) == ("holder:no_longer_used", 5)
    details = Event.objects.get(act="revocation:approve").details.body
    assert details["basis"] == "lra:accepted_request"


@pytest.mark.parametrize(
    ("ground", "reason"),
    [
        pytest.param("holder:information_changed", 3, marks=pytest.mark.clause("O-15.2.1")),
        pytest.param("holder:key_compromise", 1, marks=pytest.mark.clause("O-15.2.2")),
        pytest.param("holder:contents_wrong", None, marks=pytest.mark.clause("O-15.2.3")),
    ],
)
def test_the_ground_of_the_subscriber_becomes_the_reason_code(world: World, ground: str, reason: int | None) -> None:
    certificate = world.certificate()
    approve(world, own(world, certificate, Wish(ground, "It is so.")))
    certificate.refresh_from_db()
    assert (certificate.ground, certificate.reason_code) == (ground, reason)
    assert certificate.revoked_at is not None


@pytest.mark.parametrize(
    ("ground", "reason"),
    [
        pytest.param("lra:wrong_contents", 9, marks=pytest.mark.clause("O-15.1.3")),
        pytest.param("lra:key_compromise", 1, marks=pytest.mark.clause("O-15.1.4")),
        pytest.param("lra:misuse", 9, marks=pytest.mark.clause("O-15.1.5")),
        pytest.param("lra:service_ended", 5, marks=pytest.mark.clause("O-15.1.6")),
        pytest.param("lra:information_changed", 3, marks=pytest.mark.clause("O-15.1.7")),
        pytest.param("lra:reasonable_doubt", None, marks=pytest.mark.clause("O-15.1.8")),
        pytest.param("lra:disputed_name", 9, marks=pytest.mark.clause("O-11.2")),
        pytest.param("lra:authority_decision", None, marks=pytest.mark.clause("J-5.3")),
    ],
)
def test_the_office_revokes_on_its_grounds_with_two_people(world: World, ground: str, reason: int | None) -> None:
    certificate = world.certificate()
    case = requests.request_by_staff(
        certificate=certificate, wish=Wish(ground, "Found by the office."), actor=world.actor("examiner"), at=now()
    )
    approve(world, case)
    certificate.refresh_from_db()
    assert (certificate.ground, certificate.reason_code) == (ground, reason)


def test_whoever_asked_does_not_decide(world: World) -> None:
    wish = Wish("lra:misuse", "Seen.")
    case = requests.request_by_staff(
        certificate=world.certificate(), wish=wish, actor=world.actor("approver"), at=now()
    )
    with pytest.raises(RuleViolated):
        approve(world, case)
    decisions.approve(case=case, note="", actor=world.actor("other_approver"), at=now())


def test_the_database_refuses_that_one_person_asks_and_decides(world: World) -> None:
    case = own(world, world.certificate())
    with pytest.raises(IntegrityError), transaction.atomic():
        RevocationRequest.objects.filter(pk=case.pk).update(decided_by=world.holder)


def test_an_approver_does_not_decide_about_their_own_certificate(world: World) -> None:
    certificate = world.certificate(holder=world.people["approver"])
    wish = Wish("lra:misuse", "Seen.")
    case = requests.request_by_staff(certificate=certificate, wish=wish, actor=world.actor("examiner"), at=now())
    with pytest.raises(RuleViolated):
        approve(world, case)


def test_two_approvers_make_one_decision(world: World) -> None:
    case = own(world, world.certificate())
    seen_by_the_other = RevocationRequest.objects.get(pk=case.pk)
    approve(world, case)
    with pytest.raises(Stale):
        decisions.deny(case=seen_by_the_other, note="no", actor=world.actor("other_approver"), at=now())


def test_agents_and_examiners_do_not_decide(world: World) -> None:
    case = own(world, world.certificate())
    for name in ("agent", "examiner", "auditor", "holder"):
        with pytest.raises(NotAllowed):
            decisions.approve(case=case, note="", actor=world.actor(name), at=now())


def test_somebody_elses_certificate_does_not_exist_for_a_stranger(world: World) -> None:
    certificate = world.certificate()
    with pytest.raises(NotFound):
        requests.request_own(
            certificate=certificate,
            wish=GONE,
            typed_number=certificate.management_number,
            actor=world.actor("stranger"),
            at=now(),
        )


def test_a_wrong_number_a_foreign_ground_and_a_time_to_come_are_named_together(world: World) -> None:
    wish = Wish("lra:misuse", "", now() + timedelta(days=1))
    with pytest.raises(RuleViolated) as refused:
        requests.request_own(
            certificate=world.certificate(), wish=wish, typed_number="C-1", actor=world.actor("holder"), at=now()
        )
    assert {violation.field for violation in refused.value.violations} == {"typed_number", "ground", "invalid_since"}
    assert not RevocationRequest.objects.exists()


def test_asking_twice_gives_the_same_request(world: World) -> None:
    certificate = world.certificate()
    assert own(world, certificate) == own(world, certificate)
    assert RevocationRequest.objects.count() == 1


def test_a_theft_noticed_after_the_request_makes_it_urgent(world: World) -> None:
    certificate = world.certificate()
    own(world, certificate)
    case = own(world, certificate, STOLEN)
    case.refresh_from_db()
    assert case.urgent
    assert case.ground == "holder:key_compromise"
    approve(world, case)
    assert BlockedKey.objects.count() == 1


def test_a_revoked_certificate_is_revoked_again_only_for_a_compromise(world: World) -> None:
    certificate = world.certificate()
    approve(world, own(world, certificate))
    RevocationRequest.objects.update(status="revoked")
    certificate.refresh_from_db()
    first = certificate.revoked_at
    with pytest.raises(RuleViolated):
        own(world, certificate, Wish("holder:information_changed"))
    approve(world, own(world, certificate, STOLEN))
    certificate.refresh_from_db()
    assert (certificate.revoked_at, certificate.reason_code) == (first, 1)


@pytest.mark.clause("O-15.3")
def test_nothing_is_started_for_a_caller_before_three_items_match(world: World) -> None:
    certificate = world.certificate()

    def call(*items: str) -> RevocationRequest:
        caller = Caller("Demo Caller", "03-0000-0000", items)
        return requests.request_for_caller(
            certificate=certificate, caller=caller, wish=GONE, actor=world.actor("agent"), at=now()
        )

    with pytest.raises(RuleViolated):
        call("name", "contract", "name")
    assert not RevocationRequest.objects.exists()
    case = call("name", "contract", "call back")
    assert case.status == "awaiting_approval"
    assert case.recorded_by == world.people["agent"]
    with pytest.raises(NotAllowed):
        requests.request_for_caller(
            certificate=certificate,
            caller=Caller("x", "y", ("a", "b", "c")),
            wish=GONE,
            actor=world.actor("holder"),
            at=now(),
        )


def test_a_request_that_is_turned_down_says_why_and_lets_downloads_go_on(world: World) -> None:
    certificate = world.certificate()
    case = own(world, certificate)
    with pytest.raises(RuleViolated):
        decisions.deny(case=case, note=" ", actor=world.actor("approver"), at=now())
    case = decisions.deny(case=case, note="Withdrawn on the telephone.", actor=world.actor("approver"), at=now())
    certificate.refresh_from_db()
    assert case.status == "denied"
    assert certificate.revocation_requested_at is None
    notice = Notice.objects.filter(kind="revocation/denied", recipient=world.holder).get()
    assert notice.context["note"] == "Withdrawn on the telephone."


@pytest.mark.clause("O-16.2.6", "J-5.6")
def test_holder_and_applicant_are_told_at_receipt_decision_and_completion(committed_world: World) -> None:
    world = committed_world
    case = approve(world, own(world, world.certificate()))
    tasks.publish()
    case.refresh_from_db()
    assert case.status == "revoked"
    for step in ("received", "completed"):  # the mail about the decision says that it is complete, too
        assert told(step) == {"デモ holder", "デモ applicant"}
    tasks.publish()
    assert Notice.objects.filter(kind="revocation/completed").count() == 2
    completion.note_told(actor=PUBLISHER, at=now())
    case.refresh_from_db()
    assert case.status == "revoked"
    Notice.objects.update(handed_over_at=now())
    tasks.sweep()
    case.refresh_from_db()
    assert case.status == "notified"


def test_the_sweep_finds_what_a_lost_nudge_left_and_shows_that_it_is_well(committed_world: World) -> None:
    world = committed_world
    case = approve(world, own(world, world.certificate()))
    tasks.sweep()
    case.refresh_from_db()
    assert case.status == "revoked"
    assert SignerHeartbeat.objects.get(name="publisher").refuses == ""


def test_a_key_that_is_missing_shows_in_the_heartbeat_and_undoes_no_revocation(
    committed_world: World, settings: LazySettings, tmp_path: Path
) -> None:
    world = committed_world
    certificate = world.certificate()
    approve(world, own(world, certificate))
    settings.CA_KEY_DIR = str(tmp_path)
    tasks.publish()
    certificate.refresh_from_db()
    assert certificate.revoked_at is not None
    assert "KeyUnavailable" in SignerHeartbeat.objects.get(name="publisher").refuses


def test_approvers_are_told_once_when_half_of_the_time_is_gone(world: World) -> None:
    case = own(world, world.certificate())
    middle = grounds.half_time(case.received_at, case.due_at)
    assert completion.alarm_half_time(at=middle - timedelta(seconds=1)) == 0
    for _ in range(2):
        assert completion.alarm_half_time(at=middle) == 1
    assert Notice.objects.filter(kind="revocation/half_time").count() == 2


def test_certificates_over_the_same_key_are_named_to_the_approver(world: World) -> None:
    first, second = world.certificate(), world.certificate(holder=person("twin"))
    approve(world, own(world, first, STOLEN))
    assert Event.objects.get(act="revocation:approve").details.body["same_key"] == [second.management_number]


def test_every_step_of_the_story_is_on_record_with_its_actor(world: World) -> None:
    certificate = world.certificate()
    approve(world, own(world, certificate))
    acts = list(Event.objects.of_story(certificate.story).values_list("act", "role"))
    assert acts == [
        ("revocation:request", "applicant"),
        ("revocation:submit", "applicant"),
        ("revocation:approve", "approver"),
        ("certificate:revoke", "approver"),
    ]


@pytest.mark.clause("O-15.1.6", "O-18.3")
def test_what_is_left_of_a_subscription_that_has_ended_is_revoked(world: World) -> None:
    certificate, other = world.certificate(), world.certificate()
    type(other.subscription).objects.filter(pk=certificate.subscription_id).update(status="in_use")
    type(other.subscription).objects.filter(pk=certificate.subscription_id).update(status="ended", ended_at=now())
    assert completion.revoke_ended(actor=PUBLISHER, at=now()) == 1
    certificate.refresh_from_db()
    other.refresh_from_db()
    assert (certificate.ground, certificate.reason_code) == ("lra:service_ended", 5)
    assert other.revoked_at is None
    assert told("completed") == {"デモ holder", "デモ applicant"}
