"""The service behind a certificate is suspended while a name is in dispute, visibly, and resumed again (O-11.1)."""

from uuid import uuid4

import pytest
from django.urls import reverse

from applications.rules.kinds import RENEWAL
from applications.selectors import succession
from audit.models import Event
from audit.refusals import NotAllowed, RuleViolated, Stale
from certificates.models import Certificate
from certificates.services.deliveries import refuse_dead
from regulations.models import Subscription
from revocation.services import suspending
from tests.people import People, signed_in
from tests.revocation.asking import told
from tests.revocation.world import make_world, now

REASON = "Another company claims the name."


@pytest.fixture
def certificate(people: People) -> Certificate:
    made = make_world().certificate(
        holder=people.hanako, frozen={"rules_version": str(uuid4()), "target_system": "demo"}
    )
    Subscription.objects.filter(pk=made.subscription_id).update(status="in_use")
    Certificate.objects.filter(pk=made.pk).update(slot="current")
    made.refresh_from_db()
    return made


@pytest.mark.clause("O-11.1")
def test_while_suspended_nothing_is_handed_out_renewed_or_reissued_until_it_is_resumed(
    certificate: Certificate, people: People
) -> None:
    approver = people.approver.actor()
    suspending.suspend(certificate=certificate, reason=REASON, actor=approver, at=now())
    with pytest.raises(RuleViolated) as refused:
        refuse_dead(certificate, now())
    assert refused.value.violations[0].code == "suspended"
    assert [found.code for found in succession.refusals(RENEWAL, certificate, now())] == ["suspended"]
    assert told("suspended") == {people.hanako.name}
    with pytest.raises(Stale):
        suspending.suspend(certificate=certificate, reason=REASON, actor=approver, at=now())
    suspending.resume(certificate=certificate, reason="Settled.", actor=approver, at=now())
    refuse_dead(certificate, now())
    assert "suspended" not in [found.code for found in succession.refusals(RENEWAL, certificate, now())]
    assert told("resumed") == {people.hanako.name}
    assert certificate.revoked_at is None
    events = Event.objects.filter(subject_id=str(certificate.subscription_id)).order_by("pk")
    assert [event.act for event in events] == ["subscription:suspend", "subscription:resume"]


def test_only_an_approver_suspends_and_not_their_own(certificate: Certificate, people: People) -> None:
    for person in (people.examiner, people.agent, people.hanako, people.rules_manager):
        with pytest.raises(NotAllowed):
            suspending.suspend(certificate=certificate, reason=REASON, actor=person.actor(), at=now())
    Subscription.objects.filter(pk=certificate.subscription_id).update(holder=people.approver)
    certificate.refresh_from_db()
    with pytest.raises(RuleViolated):
        suspending.suspend(certificate=certificate, reason=REASON, actor=people.approver.actor(), at=now())


@pytest.mark.clause("O-11.1")
def test_holder_and_office_see_it_and_why(certificate: Certificate, people: People) -> None:
    approver, holder, examiner = (signed_in(one) for one in (people.approver, people.hanako, people.examiner))
    page = reverse("revocation:suspension", args=[certificate.pk])
    assert examiner.get(page).status_code == 404
    assert approver.get(page).status_code == 200
    assert approver.post(page, {"act": "suspend", "reason": " "}).status_code == 422
    assert approver.post(page, {"act": "suspend", "reason": REASON}).status_code == 302
    assert REASON in approver.get(page).content.decode()
    assert REASON in holder.get(reverse("certificates:detail", args=[certificate.pk])).content.decode()
    assert REASON in examiner.get(reverse("revocation:queue")).content.decode()
    assert approver.post(page, {"act": "resume", "reason": "Settled."}).status_code == 302
    assert REASON not in holder.get(reverse("certificates:detail", args=[certificate.pk])).content.decode()
