"""Reports by anyone, without an account: loss, leak and misuse, day and night (O-14, O-16.2.8, J-5.5)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.models import Notice
from audit.actors import Actor
from audit.refusals import RuleViolated, Throttled
from certificates.models import Certificate
from certificates.services import deliveries
from revocation import grounds
from revocation.models import RevocationRequest
from revocation.services import decisions, requests
from tests.revocation.asking import approve, own, tip, told
from tests.revocation.world import World, now
from vault.models import Purpose
from vault.services import seal


@pytest.mark.clause("O-15.3", "O-16.2.8", "J-5.5")
@pytest.mark.parametrize("kind", ["key_lost", "pin_leaked"])
def test_a_loss_or_leak_reported_by_anyone_stops_downloads_and_calls_the_approvers(world: World, kind: str) -> None:
    certificate = world.certificate()
    anyone = world.actor("stranger").anyone("192.0.2.9")
    case = requests.report(tip=tip(certificate.management_number, kind), actor=anyone, at=now())
    certificate.refresh_from_db()
    assert certificate.revocation_requested_at is not None
    assert certificate.revoked_at is None
    assert case.urgent
    assert case.ground == ""
    assert case.due_at - case.received_at == grounds.URGENT
    assert told("urgent") == {"デモ approver", "デモ other_approver"}
    assert told("received") == {"デモ holder", "デモ applicant"}


def test_a_report_about_an_unknown_certificate_is_received_alike(world: World) -> None:
    anyone = world.actor("stranger").anyone("192.0.2.9")
    known = requests.report(tip=tip(world.certificate().serial), actor=anyone, at=now())
    unknown = requests.report(tip=tip("the one of Mr. Demo"), actor=anyone, at=now())
    assert known.certificate is not None
    assert unknown.certificate is None
    assert (known.status, known.urgent) == (unknown.status, unknown.urgent)
    assert unknown.number


def test_a_second_report_joins_the_first(world: World) -> None:
    certificate = world.certificate()
    anyone = world.actor("stranger").anyone("192.0.2.9")
    first = requests.report(tip=tip(certificate.management_number), actor=anyone, at=now())
    second = requests.report(tip=tip(certificate.management_number), actor=anyone, at=now())
    assert second.joined_to == first
    assert second.number != first.number


def test_a_report_of_something_unknown_that_comes_again_joins_the_first(world: World) -> None:
    anyone = world.actor("stranger").anyone("192.0.2.9")
    first, second = (requests.report(tip=tip("C-999999"), actor=anyone, at=now()) for _ in range(2))
    assert (first.joined_to, second.joined_to) == (None, first)


def test_a_flood_of_reports_from_one_address_is_refused(world: World) -> None:
    anyone = world.actor("stranger").anyone("192.0.2.9")
    for _ in range(requests.REPORTS_AN_HOUR):
        requests.report(tip=tip("nothing"), actor=anyone, at=now())
    with pytest.raises(Throttled):
        requests.report(tip=tip("nothing"), actor=anyone, at=now())
    requests.report(tip=tip("nothing"), actor=world.actor("stranger").anyone("192.0.2.10"), at=now())


@pytest.mark.clause("O-14", "O-15.3")
def test_a_misuse_names_its_kind_is_checked_and_staff_choose_the_ground(world: World) -> None:
    certificate = world.certificate()
    anyone = world.actor("stranger").anyone("192.0.2.9")
    case = requests.report(tip=tip("unclear", "used_by_others"), actor=anyone, at=now())
    assert case.due_at - case.received_at == grounds.ORDINARY
    case = decisions.verify(case=case, note="Called back.", actor=world.actor("examiner"), at=now())
    with pytest.raises(RuleViolated):
        decisions.submit(case=case, named="C-none", ground="", note="", actor=world.actor("examiner"), at=now())
    case = decisions.submit(
        case=case,
        named=certificate.management_number,
        ground="lra:misuse",
        note="A colleague uses it.",
        actor=world.actor("examiner"),
        at=now(),
    )
    approve(world, case)
    certificate.refresh_from_db()
    assert (certificate.ground, certificate.reason_code) == ("lra:misuse", 9)
    assert case.story == certificate.story


@pytest.mark.processes
def test_reports_about_one_certificate_at_the_same_moment_are_all_received(committed_world: World) -> None:
    world = committed_world
    certificate = world.certificate()
    anyone = world.actor("stranger").anyone("192.0.2.9")

    def send(_number: int) -> str:
        try:
            return requests.report(tip=tip(certificate.management_number), actor=anyone, at=now()).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(send, range(8)))
    assert len(set(numbers)) == 8
    assert RevocationRequest.objects.filter(joined_to=None).count() == 1


@pytest.mark.clause("O-16.2.8", "J-5.5")
def test_from_the_report_on_nothing_is_handed_out_and_a_waiting_pin_does_not_leave(world: World) -> None:
    certificate = world.certificate()
    Certificate.objects.filter(pk=certificate.pk).update(
        pin=seal(purpose=Purpose.PIN, plaintext=b"DEMO-DEMO-DEMO-DEMO")
    )
    certificate.refresh_from_db()
    holder, at = world.actor("holder"), now()
    deliveries.send_again(certificate=certificate, actor=holder, at=at)
    deliveries.send_pin_again(certificate=certificate, actor=holder, at=at)
    pin = Notice.objects.get(secret=certificate.pin)
    requests.report(tip=tip(certificate.management_number), actor=Actor.anyone("192.0.2.9"), at=at)
    pin.refresh_from_db()
    assert (pin.status, pin.last_error) == ("failed", "withheld: revocation requested")
    certificate.refresh_from_db()
    for hand_out in (deliveries.send_again, deliveries.send_pin_again):
        with pytest.raises(RuleViolated) as refused:
            hand_out(certificate=certificate, actor=holder, at=at)
        assert refused.value.violations[0].code == "revocation_requested"


def test_a_holders_calm_request_does_not_calm_an_urgent_report(world: World) -> None:
    certificate = world.certificate()
    case = requests.report(tip=tip(certificate.management_number), actor=Actor.anyone("192.0.2.9"), at=now())
    assert own(world, certificate) == case
    case.refresh_from_db()
    assert case.urgent
    assert (case.status, case.ground) == ("awaiting_approval", "holder:no_longer_used")
