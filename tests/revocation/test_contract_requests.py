"""A contract's administrator asks for certificates of the contract's people, and of nobody else's (O-15.3)."""

import pytest
from django.urls import reverse

from audit.refusals import NotFound
from certificates.models import Certificate
from regulations.models import Contract, ContractMember, Subscription
from revocation.models import RevocationRequest
from revocation.services import requests
from tests.people import People, signed_in
from tests.revocation.asking import GONE
from tests.revocation.world import make_world, now


@pytest.fixture
def certificate(people: People) -> Certificate:
    """A certificate of Hanako under a contract that the contract administrator administers."""
    world = make_world()
    made = world.certificate(holder=people.hanako)
    contract = Contract.objects.create(parent_service=world.system.parent_service, number="K-2026-1", begins_at=now())
    ContractMember.objects.create(
        contract=contract,
        person=people.contract_admin,
        email=people.contract_admin.email,
        name="Demo",
        is_administrator=True,
    )
    Subscription.objects.filter(pk=made.subscription_id).update(contract=contract)
    made.refresh_from_db()
    return made


@pytest.mark.clause("O-15.3")
def test_the_administrator_asks_follows_and_the_holder_is_told(certificate: Certificate, people: People) -> None:
    client = signed_in(people.contract_admin)
    client.cookies["django_language"] = "en"
    page = reverse("revocation:request_for_contract", args=[certificate.pk])
    contract = reverse("applications:own_contract", args=[certificate.subscription.contract_id])
    assert page in client.get(contract).content.decode()
    assert people.hanako.name in client.get(page).content.decode()
    typed = {"ground": "holder:no_longer_used", "typed_number": certificate.management_number, "statement": "Left."}
    assert client.post(page, {**typed, "typed_number": "C-0"}).status_code == 422
    answer = client.post(page, typed)
    case = RevocationRequest.objects.get()
    assert (case.status, case.channel, case.relation) == ("awaiting_approval", "contract", "company")
    status = client.get(answer.headers["Location"]).content.decode()
    assert "Left." in status
    assert "Left." not in signed_in(people.hanako).get(answer.headers["Location"]).content.decode()


@pytest.mark.clause("O-15.3")
def test_somebody_elses_contract_does_not_exist(certificate: Certificate, people: People) -> None:
    page = reverse("revocation:request_for_contract", args=[certificate.pk])
    for person in (people.outsider, people.hanako, people.approver):
        assert signed_in(person).get(page).status_code in (302, 404)
        with pytest.raises(NotFound):
            requests.request_for_contract(
                certificate=certificate,
                wish=GONE,
                typed_number=certificate.management_number,
                actor=person.actor(),
                at=now(),
            )
    assert not RevocationRequest.objects.exists()
