"""From a request to revoke, by the subscriber or over the telephone, to the list that relying parties fetch."""

import pytest
from cryptography import x509

from audit.models import Event
from audit.refusals import Refused
from certificates.models import Certificate
from revocation.models import Crl, RevocationRequest
from revocation.services import decisions, requests
from revocation.services.requests import Caller, Wish
from tests.certificates import material
from tests.flows import steps
from tests.flows.steps import House

LOST_KEY = Wish(ground="holder:key_compromise", statement="端末を紛失しました。")


def issued(house: House) -> Certificate:
    application = steps.apply(house.people.hanako, "member-client", material.p256())
    certificate = steps.issue(application, house.people, house.jobs)
    steps.fetch(certificate, house.people.hanako)
    return steps.accept(certificate, house.people.hanako)


def listed_serials() -> set[int]:
    newest = Crl.objects.order_by("-number").first()
    assert newest is not None
    body = b"".join(bytes(chunk.body) for chunk in newest.chunks.order_by("position"))
    return {entry.serial_number for entry in x509.load_der_x509_crl(body)}


def ask(certificate: Certificate, house: House) -> RevocationRequest:
    return requests.request_own(
        certificate=certificate,
        wish=LOST_KEY,
        typed_number=certificate.management_number,
        actor=steps.actor(house.people.hanako),
        at=steps.now(),
    )


def decide(case: RevocationRequest, house: House) -> RevocationRequest:
    approved = decisions.approve(case=case, note="", actor=steps.actor(house.people.approver), at=steps.now())
    house.jobs.drain()
    house.jobs.run("revocation.sweep")
    steps.send_mail(house.jobs)
    approved.refresh_from_db()
    return approved


@pytest.mark.clause("O-15.1.1", "O-15.2.2", "O-16.2.6")
def test_the_subscriber_asks_and_the_list_says_so_a_moment_later(house: House) -> None:
    certificate = issued(house)
    house.jobs.run("revocation.sweep")
    assert int(certificate.serial, 16) not in listed_serials()
    told_before = len(steps.mails_to(house.people.hanako))
    case = decide(ask(certificate, house), house)
    certificate.refresh_from_db()
    assert certificate.revoked_at is not None
    assert int(certificate.serial, 16) in listed_serials()
    assert case.status in {"revoked", "notified"}
    assert len(steps.mails_to(house.people.hanako)) > told_before


@pytest.mark.clause("O-15.3")
def test_the_agent_asks_for_a_caller_who_is_known_and_never_decides(house: House) -> None:
    certificate = issued(house)
    agent = steps.actor(house.people.agent)
    stranger = Caller(name="知らない人", call_back="03-0000-0000", items=("name",))
    with pytest.raises(Refused):
        requests.request_for_caller(
            certificate=certificate, caller=stranger, wish=LOST_KEY, actor=agent, at=steps.now()
        )
    caller = Caller(name="架空 花子", call_back="03-0000-0000", items=("name", "phone", "email"))
    case = requests.request_for_caller(
        certificate=certificate, caller=caller, wish=LOST_KEY, actor=agent, at=steps.now()
    )
    with pytest.raises(Refused):
        decisions.approve(case=case, note="", actor=agent, at=steps.now())
    decide(case, house)
    assert int(certificate.serial, 16) in listed_serials()


@pytest.mark.clause("O-16.2.7", "O-20")
def test_the_whole_story_stands_in_the_evidence_in_order(house: House) -> None:
    certificate = issued(house)
    decide(ask(certificate, house), house)
    acts = list(
        Event.objects.filter(story=certificate.story, outcome="done").order_by("pk").values_list("act", flat=True)
    )
    wanted = [
        "application:start",
        "application:submit",
        "application:claim",
        "application:recommend",
        "application:approve",
        "certificate:issue",
        "certificate:download",
        "certificate:accept",
        "revocation:request",
        "revocation:approve",
        "certificate:revoke",
    ]
    places = [acts.index(act) for act in wanted]
    assert places == sorted(places)
