"""A file that the holder's browser built and nobody saved: the certificate is reissued, and the lost one goes."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from applications.models import Application
from applications.selectors.home import home_of
from applications.services import succession
from audit.refusals import RuleViolated
from certificates import invariants
from certificates.models import Certificate
from certificates.services import pickup
from tests.flows import steps
from tests.flows.steps import House
from tests.people import signed_in


def picked_up(application: Application, house: House) -> Certificate:
    """Take an application through examination and approval, and let the holder's browser make the key."""
    steps.examine(application, house.people.examiner)
    steps.approve(application, house.people.approver)
    house.jobs.drain()
    order = steps.order_of(application)
    assert order.status == "awaiting_key"
    tasks = home_of(application.applicant, timezone.now()).tasks
    assert [(task.kind, task.application.pk) for task in tasks if task.kind == "make_key"] == [
        ("make_key", application.pk)
    ]
    assert f"/certificates/pick-up/{order.pk}/" in signed_in(application.applicant).get("/home/").content.decode()
    request = steps.request_pem(ec.generate_private_key(ec.SECP256R1()))
    holder = steps.actor(application.applicant)
    pickup.give_key(order=order, request=request, turn=1, actor=holder, at=timezone.now())
    house.jobs.drain()
    return steps.certificate_of(application)


@pytest.mark.clause("O-12.2", "O-15.1.2", "O-16.2.2")
def test_a_lost_file_leads_to_another_pick_up_and_the_lost_certificate_is_revoked(house: House) -> None:
    hanako = house.people.hanako
    lost = picked_up(steps.apply(hanako, "remote-access"), house)
    said = {"reason": "file_lost", "text": ""}
    draft = succession.start_reissue(certificate=lost, **said, actor=steps.actor(hanako), at=timezone.now())
    new = picked_up(steps.hand_in(draft, hanako), house)
    assert new.order.replaces == lost
    assert new.public_key_sha256 != lost.public_key_sha256
    with pytest.raises(RuleViolated):
        steps.accept(new, hanako)
    pickup.confirm_saved(certificate=new, actor=steps.actor(hanako), at=timezone.now())
    steps.accept(new, hanako)
    house.jobs.run("revocation.sweep")
    lost.refresh_from_db()
    new.refresh_from_db()
    assert (lost.ground, lost.slot, new.slot) == ("lra:superseded", "past", "current")
    assert list(invariants.breaches()) == []
