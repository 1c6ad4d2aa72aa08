"""A reissue from the holder's certificate page to the end of the old one."""

from datetime import timedelta

import pytest
from cryptography import x509
from django.utils import timezone

from accounts.models import Notice
from applications.models import Application
from applications.services import intake, succession
from certificates.models import Certificate
from certificates.selectors import own
from revocation.models import CrlEntry
from revocation.services import completion
from revocation.worker.tasks import PUBLISHER
from tests.certificates import material
from tests.flows import steps
from tests.flows.steps import House
from tests.people import signed_in


def reissue(old: Certificate, house: House, key: steps.Key | None = None, **why: str) -> Certificate:
    """Apply for a reissue and take it to the new certificate."""
    said = {"reason": "new_device", "text": "", **why}
    draft = succession.start_reissue(certificate=old, **said, actor=steps.actor(old.holder), at=timezone.now())
    if key is not None:
        request = steps.request_pem(key)
        actor = steps.actor(old.holder)
        assert intake.save_request(application=draft, data=request, actor=actor, at=timezone.now()) == []
    steps.add_documents(draft, old.holder)
    return steps.issue(steps.hand_in(draft, old.holder), house.people, house.jobs)


@pytest.mark.clause("O-12.2", "O-15.1.2")
def test_the_old_certificate_goes_when_the_new_one_was_accepted(house: House) -> None:
    hanako = house.people.hanako
    old = steps.issue(steps.apply(hanako, "member-client", material.p256()), house.people, house.jobs)
    steps.fetch(old, hanako)
    steps.accept(old, hanako)
    new = reissue(old, house, material.rsa_key())
    assert (new.order.replaces, new.subscription, new.slot) == (old, old.subscription, "successor")
    assert new.subject_text == old.subject_text
    assert str(old.management_number) in str(steps.mails_to(hanako)[-1].body)
    file = steps.fetch(new, hanako)
    assert x509.load_pem_x509_certificate(file.content).public_key() == material.rsa_key().public_key()
    assert completion.revoke_superseded(actor=PUBLISHER, at=timezone.now()) == 0
    steps.accept(new, hanako)
    house.jobs.run("revocation.sweep")
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.ground, old.slot, new.slot) == ("lra:superseded", "past", "current")
    assert CrlEntry.objects.filter(certificate=old).exists()
    assert Notice.objects.filter(kind="revocation/completed", recipient=hanako, story=old.story).count() == 1
    page = signed_in(hanako).get(f"/certificates/{old.pk}/").content.decode()
    assert "使用をやめてください" in page
    assert own(hanako, new.pk).revoked_at is None


@pytest.mark.clause("O-15.1.2")
def test_the_old_certificate_goes_at_the_latest_when_the_time_of_the_rules_is_over(house: House) -> None:
    jiro = house.people.jiro
    old = steps.issue(steps.apply(jiro, "e-contract"), house.people, house.jobs)
    steps.fetch(old, jiro)
    steps.accept(old, jiro)
    new = reissue(old, house)
    assert new.public_key_sha256 != old.public_key_sha256
    late = new.issued_at + timedelta(days=14)
    assert completion.revoke_superseded(actor=PUBLISHER, at=late - timedelta(seconds=1)) == 0
    assert completion.revoke_superseded(actor=PUBLISHER, at=late) == 1
    new.refresh_from_db()
    assert (new.slot, new.revoked_at) == ("current", None)


@pytest.mark.clause("O-12.2")
def test_wrong_contents_are_put_right_for_the_same_holder(house: House) -> None:
    jiro = house.people.jiro
    old = steps.issue(steps.apply(jiro, "e-contract"), house.people, house.jobs)
    steps.fetch(old, jiro)
    steps.accept(old, jiro)
    why = {"reason": "wrong_contents", "text": "Sales が正しい部署です"}
    draft = succession.start_reissue(certificate=old, **why, actor=steps.actor(jiro), at=timezone.now())
    typed = {**steps.ANSWERS["e-contract"], "department_latin": "Sales, Director"}
    saved = intake.save_step(
        application=draft, step="certificate", typed=typed, actor=steps.actor(jiro), at=timezone.now()
    )
    assert saved == []
    steps.add_documents(draft, jiro)
    new = steps.issue(steps.hand_in(draft, jiro), house.people, house.jobs)
    assert "Sales, Director" in new.subject_text
    assert Application.objects.get(order=new.order).values["person_name"] == "見本 次郎"
