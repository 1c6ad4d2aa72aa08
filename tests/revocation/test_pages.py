"""The pages of revocation in the browser's words: forms, consequences, refusals, other people's addresses."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from certificates.models import Certificate, SignerHeartbeat
from regulations.models import Suspension
from revocation import pages
from revocation.models import RevocationRequest
from revocation.services import requests, telling
from revocation.services.requests import Wish
from tests.people import People, signed_in
from tests.revocation.world import World, make_world, now


@pytest.fixture
def world(people: People) -> World:
    return make_world()


@pytest.fixture
def certificate(world: World, people: People) -> Certificate:
    return world.certificate(holder=people.hanako)


def english(person: User) -> Client:
    client = signed_in(person)
    client.cookies["django_language"] = "en"
    return client


def ask(client: Client, certificate: Certificate, **changes: str) -> object:
    typed = {"ground": "holder:no_longer_used", "typed_number": certificate.management_number, "statement": ""}
    return client.post(reverse("revocation:request", args=[certificate.pk]), {**typed, **changes})


def waiting(certificate: Certificate, people: People) -> RevocationRequest:
    return requests.request_own(
        certificate=certificate,
        wish=Wish("holder:no_longer_used"),
        typed_number=certificate.management_number,
        actor=people.hanako.actor(),
        at=now(),
    )


def test_the_request_page_states_the_consequences_and_asks_for_the_number(
    certificate: Certificate, people: People
) -> None:
    page = english(people.hanako).get(reverse("revocation:request", args=[certificate.pk])).content.decode()
    for consequence in pages.CONSEQUENCES:
        assert str(consequence).replace("'", "&#x27;") in page
    assert 'name="typed_number"' in page
    assert certificate.management_number in page


def test_a_holder_asks_and_follows_the_request(certificate: Certificate, people: People) -> None:
    client = english(people.hanako)
    answer = ask(client, certificate)
    case = RevocationRequest.objects.get()
    assert answer.headers["Location"] == telling.status_path(case)  # type: ignore[attr-defined]
    page = client.get(telling.status_path(case)).content.decode()
    assert case.number in page
    assert "Please stop using this certificate now" in page


def test_a_wrong_number_is_said_at_its_field_and_nothing_typed_is_lost(
    certificate: Certificate, people: People
) -> None:
    answer = ask(english(people.hanako), certificate, typed_number="C-1", statement="Words of mine")
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "This is not the management number" in page
    assert "Words of mine" in page
    assert not RevocationRequest.objects.exists()


def test_the_number_may_be_typed_in_full_width(certificate: Certificate, people: People) -> None:
    wide = certificate.management_number.translate({ord(a): ord(a) + 0xFEE0 for a in "C-0123456789"}).lower()
    assert ask(english(people.hanako), certificate, typed_number=wide).status_code == 302  # type: ignore[attr-defined]


def test_a_page_that_is_sent_twice_makes_one_request(certificate: Certificate, people: People) -> None:
    client = english(people.hanako)
    first, second = ask(client, certificate), ask(client, certificate)
    assert first.headers["Location"] == second.headers["Location"]  # type: ignore[attr-defined]


def test_other_peoples_pages_do_not_exist(certificate: Certificate, people: People) -> None:
    case = waiting(certificate, people)
    outsider = signed_in(people.outsider)
    assert outsider.get(reverse("revocation:request", args=[certificate.pk])).status_code == 404
    assert ask(outsider, certificate).status_code == 404  # type: ignore[attr-defined]
    assert outsider.get(reverse("revocation:status", args=[case.pk])).status_code == 404
    assert outsider.get(reverse("revocation:case", args=[case.pk])).status_code == 404
    assert outsider.get(reverse("revocation:queue")).status_code == 404
    assert outsider.get(reverse("revocation:status", args=[uuid4()])).status_code == 404


def test_an_approver_decides_on_the_page_of_the_case(certificate: Certificate, people: People) -> None:
    case = waiting(certificate, people)
    client = english(people.approver)
    assert case.number in client.get(reverse("revocation:queue")).content.decode()
    page = client.get(telling.case_path(case)).content.decode()
    assert "The certificate is revoked now and for good." in page
    answer = client.post(reverse("revocation:approve", args=[case.pk]), {"approve-note": ""})
    assert answer.status_code == 302
    certificate.refresh_from_db()
    assert certificate.revoked_at is not None
    again = client.post(reverse("revocation:approve", args=[case.pk]), {"approve-note": ""})
    assert again.status_code == 409


def test_a_refusal_without_a_reason_is_said_at_its_field(certificate: Certificate, people: People) -> None:
    case = waiting(certificate, people)
    client = english(people.approver)
    answer = client.post(reverse("revocation:deny", args=[case.pk]), {"deny-note": ""})
    assert answer.status_code == 422
    assert "Please write down the reason" in answer.content.decode()
    case.refresh_from_db()
    assert case.status == "awaiting_approval"


def test_the_page_says_who_decides_to_somebody_who_may_not(certificate: Certificate, people: People) -> None:
    case = requests.request_by_staff(
        certificate=certificate, wish=Wish("lra:misuse", "Seen."), actor=people.approver.actor(), at=now()
    )
    page = english(people.approver).get(telling.case_path(case)).content.decode()
    assert "Another approver decides this" in page
    assert reverse("revocation:approve", args=[case.pk]) not in page


def test_the_office_asks_on_its_own_grounds(certificate: Certificate, people: People) -> None:
    client = english(people.examiner)
    typed = {"named": certificate.management_number, "ground": "lra:reasonable_doubt", "statement": "Doubt."}
    assert client.post(reverse("revocation:staff_request"), {**typed, "named": "C-none"}).status_code == 422
    answer = client.post(reverse("revocation:staff_request"), typed)
    assert answer.status_code == 302
    assert client.get(answer.headers["Location"]).status_code == 200


@pytest.mark.clause("O-16.2.8", "J-5.5")
def test_anyone_reports_a_loss_without_signing_in_and_gets_a_receipt_at_once(
    certificate: Certificate, client: Client
) -> None:
    client.cookies["django_language"] = "en"
    assert client.get(reverse("revocation:urgent")).status_code == 200
    typed = {
        "report": "key_lost",
        "named": certificate.management_number,
        "name": "Demo Finder",
        "contact": "090-0000-0000",
        "relation": "holder",
    }
    answers = [client.post(reverse("revocation:urgent"), {**typed, "named": named}) for named in (typed["named"], "?")]
    receipts = [client.get(answer.headers["Location"]).content.decode() for answer in answers]
    numbers = list(RevocationRequest.objects.order_by("number").values_list("number", flat=True))
    assert all(number in receipt for number, receipt in zip(numbers, receipts, strict=True))
    bare = [
        re.sub(
            r'name="csrf\w+" value="\w+"|[0-9a-f-]{36}/proof|R\d{4}-\d+|value="[^"]*"|\d\d:\d\d:\d\d', "", page
        ).replace(named, "")
        for page, named in zip(receipts, (typed["named"], "?"), strict=True)
    ]
    assert bare[0].replace("?", "") == bare[1].replace("?", "")


def test_an_incomplete_report_says_what_is_missing(db: None, client: Client) -> None:
    client.cookies["django_language"] = "en"
    answer = client.post(reverse("revocation:urgent"), {"report": "nonsense", "named": "x\u202ey"})
    assert answer.status_code == 422
    assert not RevocationRequest.objects.exists()


def test_an_agent_reads_the_queue_and_does_not_decide(certificate: Certificate, people: People) -> None:
    case = waiting(certificate, people)
    client = english(people.agent)
    assert client.get(reverse("revocation:queue")).status_code == 200
    assert client.get(telling.case_path(case)).status_code == 200
    assert client.post(reverse("revocation:approve", args=[case.pk]), {"approve-note": ""}).status_code == 404


def test_the_addresses_written_into_mails_are_those_of_the_pages(certificate: Certificate, people: People) -> None:
    case = waiting(certificate, people)
    assert telling.status_path(case) == reverse("revocation:status", args=[case.pk])
    assert telling.case_path(case) == reverse("revocation:case", args=[case.pk])
    assert telling.certificate_path(certificate) == f"/certificates/{certificate.pk}/"


@pytest.mark.clause("O-6")
def test_reports_requests_and_lists_stay_up_while_the_service_is_suspended(
    certificate: Certificate, people: People, client: Client
) -> None:
    Suspension.objects.create(
        begins_at=now() - timedelta(hours=1), ends_at=now() + timedelta(hours=1), reason={"ja": "点検", "en": "Check"}
    )
    typed = {"report": "pin_leaked", "named": "?", "name": "Demo", "contact": "090-0000-0000", "relation": "other"}
    assert client.post(reverse("revocation:urgent"), typed).status_code == 302
    assert ask(english(people.hanako), certificate).status_code == 302  # type: ignore[attr-defined]
    assert client.get(f"/crl/{certificate.authority.issuer.name}.crl").status_code == 200  # type: ignore[union-attr]
    assert client.get(f"/ca/{certificate.authority.name}.cer").status_code == 200


def test_staff_see_that_the_publisher_is_silent_or_reports_a_fault(people: People) -> None:
    client = english(people.approver)
    assert "has not been heard of" in client.get(reverse("revocation:queue")).content.decode()
    SignerHeartbeat.objects.create(name="publisher", seen_at=now(), refuses="publish: KeyUnavailableError")
    assert "publish: KeyUnavailableError" in client.get(reverse("revocation:queue")).content.decode()


@pytest.mark.django_db
@pytest.mark.clause("O-16.2.8")
@pytest.mark.parametrize("day", [("1", "1", "1"), ("9999", "12", "31"), ("2026", "2", "30"), ("x", "y", "z")])
def test_a_day_that_can_not_be_is_said_and_what_was_reported_stays(client: Client, day: tuple[str, str, str]) -> None:
    typed = {"report": "pin_leaked", "named": "機械の鍵", "name": "Demo", "contact": "090", "relation": "other"}
    typed |= {f"happened_at_{part}": value for part, value in zip("ymd", day, strict=True)}
    answer = client.post(reverse("revocation:urgent"), typed)
    assert (answer.status_code, "機械の鍵" in answer.content.decode()) == (422, True)
    assert not RevocationRequest.objects.exists()
