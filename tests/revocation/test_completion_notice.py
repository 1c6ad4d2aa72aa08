"""When a revocation is complete its people can print a notice that says so, with the duty to stop using."""

import pytest
from django.urls import reverse

from revocation.models import RevocationRequest
from revocation.services import decisions, requests
from revocation.services.requests import Wish
from tests.people import People, signed_in
from tests.revocation.world import make_world, now


@pytest.mark.clause("O-16.2.6", "J-5.6")
def test_the_notice_is_there_when_it_is_complete_for_its_own_people_alone(people: People) -> None:
    certificate = make_world().certificate(holder=people.hanako)
    case = requests.request_own(
        certificate=certificate,
        wish=Wish("holder:no_longer_used"),
        typed_number=certificate.management_number,
        actor=people.hanako.actor(),
        at=now(),
    )
    client, page = signed_in(people.hanako), reverse("revocation:completion_notice", args=[case.pk])
    client.cookies["django_language"] = "en"
    assert client.get(page).status_code == 404
    decisions.approve(case=case, note="", actor=people.approver.actor(), at=now())
    RevocationRequest.objects.filter(pk=case.pk).update(status="revoked")
    assert page in client.get(reverse("revocation:status", args=[case.pk])).content.decode()
    printed = client.get(page).content.decode()
    assert certificate.management_number in printed
    assert "You have the duty to stop using it" in printed
    assert signed_in(people.outsider).get(page).status_code == 404
