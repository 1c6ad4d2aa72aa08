"""A compromise is revoked by one approver and countersigned by another; everything else takes two people."""

from datetime import timedelta

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Event
from audit.refusals import NotAllowed, RuleViolated, Stale
from revocation import invariants, selectors
from revocation.models import RevocationRequest
from revocation.services import completion, countersigning, requests
from revocation.services.requests import Wish
from tests.people import People, signed_in
from tests.revocation.asking import STOLEN, own, tip, told
from tests.revocation.world import World, make_world, now


def at_once(world: World, case: RevocationRequest, by: str = "approver", named: str = "") -> RevocationRequest:
    return countersigning.revoke_at_once(
        case=case, named=named, note="Found on a public page.", actor=world.actor(by), at=now()
    )


def leaked(world: World, by: str = "approver") -> RevocationRequest:
    """A request of the office for a key that is known elsewhere."""
    wish = Wish("lra:key_compromise", "Found on a public page.")
    return requests.request_by_staff(certificate=world.certificate(), wish=wish, actor=world.actor(by), at=now())


@pytest.mark.clause("O-15.1.4")
def test_one_approver_revokes_for_a_compromise_and_another_one_countersigns(world: World) -> None:
    case = at_once(world, leaked(world))
    assert case.certificate is not None
    assert (case.status, case.certificate.reason_code) == ("processing", 1)
    assert list(selectors.awaiting_countersignature()) == [case]
    assert {"デモ approver", "デモ other_approver"} <= told("countersign")
    case = countersigning.countersign(case=case, note="Right.", actor=world.actor("other_approver"), at=now())
    assert not selectors.awaiting_countersignature().exists()
    assert case.countersigned_by == world.people["other_approver"]
    assert Event.objects.filter(act="revocation:countersign", subject_id=str(case.pk)).exists()


def test_an_urgent_report_is_revoked_at_once_by_the_approver_who_finds_the_certificate(world: World) -> None:
    certificate = world.certificate()
    case = requests.report(tip=tip("Hanako of Demo Seiki"), actor=world.actor("stranger"), at=now())
    with pytest.raises(RuleViolated):
        at_once(world, case, named="C-none")
    assert at_once(world, case, named=certificate.management_number).certificate == certificate


def test_without_a_compromise_two_people_are_needed(world: World) -> None:
    wish = Wish("lra:misuse", "Seen.")
    case = requests.request_by_staff(
        certificate=world.certificate(), wish=wish, actor=world.actor("approver"), at=now()
    )
    with pytest.raises(RuleViolated) as refused:
        at_once(world, case)
    assert refused.value.violations[0].code == "two_people"
    with pytest.raises(IntegrityError, match="revocation_at_once_is_compromise"), transaction.atomic():
        RevocationRequest.objects.filter(pk=case.pk).update(countersign_due_at=now())


def test_nobody_else_but_an_approver_and_none_on_the_holders_side_acts_alone(world: World) -> None:
    case = leaked(world)
    for name in ("examiner", "agent", "auditor", "holder"):
        with pytest.raises(NotAllowed):
            at_once(world, case, name)
    own_one = world.certificate(holder=world.people["approver"])
    case = requests.request_by_staff(
        certificate=own_one, wish=Wish("lra:key_compromise", "Seen."), actor=world.actor("approver"), at=now()
    )
    with pytest.raises(RuleViolated) as refused:
        at_once(world, case)
    assert refused.value.violations[0].code == "four_eyes"


def test_whoever_took_part_does_not_countersign_and_the_database_says_so_too(world: World) -> None:
    case = at_once(world, leaked(world))
    with pytest.raises(RuleViolated):
        countersigning.countersign(case=case, note="", actor=world.actor("approver"), at=now())
    rows = RevocationRequest.objects.filter(pk=case.pk)
    with pytest.raises(IntegrityError, match="revocation_countersigned"), transaction.atomic():
        rows.update(countersigned_by=world.people["approver"], countersigned_at=now())


def test_an_objection_undoes_nothing_and_is_alarmed(world: World) -> None:
    case = at_once(world, own(world, world.certificate(), STOLEN))
    with pytest.raises(RuleViolated):
        countersigning.object_to(case=case, note=" ", actor=world.actor("other_approver"), at=now())
    case = countersigning.object_to(
        case=case, note="The holder says otherwise.", actor=world.actor("other_approver"), at=now()
    )
    assert case.objected
    assert case.certificate is not None
    assert case.certificate.revoked_at is not None
    assert selectors.objections() == [case]
    assert {"デモ auditor", "デモ approver"} <= told("objected")
    with pytest.raises(Stale):
        countersigning.countersign(case=case, note="", actor=world.actor("other_approver"), at=now())
    with pytest.raises(IntegrityError), transaction.atomic():
        RevocationRequest.objects.filter(pk=case.pk).update(countersigned_at=now() + timedelta(hours=1))


def test_what_nobody_countersigned_in_time_is_alarmed_once(world: World) -> None:
    case = at_once(world, leaked(world))
    assert case.countersign_due_at == case.decided_at + timedelta(hours=24)  # type: ignore[operator]
    assert countersigning.alarm_uncountersigned(at=now() + timedelta(hours=23)) == 0
    for _ in range(2):
        assert countersigning.alarm_uncountersigned(at=now() + timedelta(hours=25)) == 1
    assert {"デモ approver", "デモ other_approver"} == told("countersign_late")


def test_the_check_and_the_queue_say_what_is_late_and_the_check_fails_when_nobody_was_alarmed(people: People) -> None:
    world = make_world()
    begun = now() + timedelta(hours=1)
    with time_machine.travel(begun, tick=False):
        case = at_once(world, leaked(world))
    with time_machine.travel(begun + timedelta(hours=23), tick=False):
        assert list(invariants.remarks()) == []
    with time_machine.travel(begun + timedelta(hours=25), tick=False):
        assert [breach for breach in invariants.breaches() if case.number in breach] != []
        countersigning.alarm_uncountersigned(at=now())
        assert [breach for breach in invariants.breaches() if case.number in breach] == []
        assert [case.number in remark for remark in invariants.remarks()] == [True]
        approver = signed_in(people.approver)
        approver.cookies["django_language"] = "en"
        assert "Not countersigned in time" in approver.get(reverse("revocation:queue")).content.decode()
        countersigning.countersign(case=case, note="", actor=world.actor("other_approver"), at=now())
        assert list(invariants.remarks()) == []


def test_a_request_that_is_late_without_an_alarm_is_a_breach(world: World) -> None:
    case = own(world, world.certificate())
    with time_machine.travel(case.received_at + timedelta(hours=13), tick=False):
        assert [case.number in breach for breach in invariants.breaches()] == [True]
        completion.alarm_half_time(at=now())
        assert list(invariants.breaches()) == []


def test_certificates_over_a_compromised_key_fall_with_one_act(world: World) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    first, *others = (world.certificate(key=key) for _ in range(3))
    case = requests.request_by_staff(
        certificate=first, wish=Wish("lra:key_compromise", "Seen."), actor=world.actor("examiner"), at=now()
    )
    act = {"note": "The same key.", "actor": world.actor("approver"), "at": now()}
    with pytest.raises(RuleViolated):
        countersigning.revoke_siblings(case=case, **act)  # type: ignore[arg-type]
    case = at_once(world, case)
    made = countersigning.revoke_siblings(case=case, **act)  # type: ignore[arg-type]
    assert {one.certificate for one in made} == set(others)
    for other in others:
        other.refresh_from_db()
        assert other.reason_code == 1
    assert selectors.awaiting_countersignature().count() == 3
    assert countersigning.revoke_siblings(case=case, **act) == []  # type: ignore[arg-type]


def test_the_pages_show_what_waits_and_let_the_other_approver_sign_or_object(people: People) -> None:
    world = make_world()
    wish, examines = Wish("lra:key_compromise", "Known."), people.examiner.actor()
    case, other = (
        requests.request_by_staff(certificate=world.certificate(), wish=wish, actor=examines, at=now())
        for _ in range(2)
    )
    one, two = signed_in(people.approver), signed_in(people.second_approver)
    examiner = signed_in(people.examiner)
    for client in (one, two, examiner):
        client.cookies["django_language"] = "en"
    page = reverse("revocation:case", args=[case.pk])
    act = reverse("revocation:revoke_at_once", args=[case.pk])
    assert act not in examiner.get(page).content.decode()
    assert one.post(act, {"at_once-note": ""}).status_code == 422
    for row in (case, other):
        address = reverse("revocation:revoke_at_once", args=[row.pk])
        assert one.post(address, {"at_once-note": "Known."}).headers["Location"]
    assert "Another approver countersigns this" in one.get(page).content.decode()
    assert "Awaiting a second signature" in two.get(reverse("revocation:queue")).content.decode()
    assert two.post(reverse("revocation:countersign", args=[case.pk]), {"countersign-note": ""}).status_code == 302
    objecting = reverse("revocation:object", args=[other.pk])
    assert "Please write down why" in two.post(objecting, {"object-note": ""}).content.decode()
    assert two.post(objecting, {"object-note": "A mistake."}).status_code == 302
    assert "The second approver objects" in two.get(reverse("revocation:case", args=[other.pk])).content.decode()
    assert "A mistake." in two.get(reverse("revocation:queue")).content.decode()
