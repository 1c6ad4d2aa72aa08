"""The service behind a certificate is suspended while a name is in dispute, visibly, and resumed again (O-11.1)."""

from uuid import uuid4

import pytest
from django.urls import reverse

from applications.models import Application
from applications.rules.kinds import RENEWAL
from applications.selectors import progress, succession
from audit.models import Event
from audit.refusals import NotAllowed, RuleViolated, Stale
from certificates.models import Certificate, CertificationAuthority, Intent, Order
from certificates.services.deliveries import refuse_dead
from certificates.worker import batch, crash
from regulations.models import Subscription
from revocation.services import suspending
from tests.certificates import orders
from tests.harness.jobs import Jobs
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


@pytest.fixture
def in_use(people: People, issuing: CertificationAuthority) -> Certificate:
    """A certificate that the signer has made, in use."""
    orders.queued(people, orders.make_version())
    assert batch.run() == 1
    made = Certificate.objects.get()
    Subscription.objects.filter(pk=made.subscription_id).update(status="in_use")
    made.refresh_from_db()
    return made


def approved_renewal(people: People, certificate: Certificate) -> Order:
    """An order for the next certificate of the same subscription, approved by everybody."""
    wanted = orders.by_lra(orders.make_version())
    return orders.approved(people, orders.proposed(people, wanted, subscription=certificate.subscription))


@pytest.mark.clause("O-11.1", "O-11.2")
def test_an_approved_order_waits_while_suspended_visibly_and_is_signed_after_it_was_resumed(
    in_use: Certificate, people: People, jobs: Jobs
) -> None:
    order, approver = approved_renewal(people, in_use), people.approver.actor()
    suspending.suspend(certificate=in_use, reason=REASON, actor=approver, at=now())
    jobs.drop()
    assert batch.run() == 0
    order.refresh_from_db()
    assert (order.status, order.attempts, Intent.objects.filter(order=order).count()) == ("queued", 0, 0)
    office = signed_in(people.approver)
    assert "停止中" in office.get(reverse("certificates:orders")).content.decode()
    assert "承認済みの発行" in office.get(reverse("revocation:queue")).content.decode()
    assert "承認済みの発行" in office.get(reverse("revocation:suspension", args=[in_use.pk])).content.decode()
    suspending.resume(certificate=in_use, reason="Settled.", actor=approver, at=now())
    assert "certificates.sign_batch" in {job.name for job in jobs.drain()}
    order.refresh_from_db()
    assert order.status == "issued"
    assert in_use.subscription.certificates.count() == 2


@pytest.mark.clause("O-11.1")
def test_a_suspension_that_comes_between_claim_and_signature_still_stops_the_signature(
    in_use: Certificate, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, approver = approved_renewal(people, in_use), people.approver.actor()

    def suspend_now(name: str) -> None:
        if name == "before_signing":
            suspending.suspend(certificate=in_use, reason=REASON, actor=approver, at=now())

    with monkeypatch.context() as in_the_middle:
        in_the_middle.setattr(crash, "point", suspend_now)
        batch.run()
    order.refresh_from_db()
    assert (order.status, in_use.subscription.certificates.count()) == ("queued", 1)
    assert batch.run() == 0
    suspending.resume(certificate=in_use, reason="Settled.", actor=approver, at=now())
    assert batch.run() == 1
    order.refresh_from_db()
    assert order.status == "issued"


@pytest.mark.clause("O-11.1")
def test_the_applicant_reads_that_the_certificate_waits(in_use: Certificate, people: People) -> None:
    order = approved_renewal(people, in_use)
    application = Application(status="approved", order=order, status_since=now())
    assert progress.code_of(application, None)[0] == "issuing"
    suspending.suspend(certificate=in_use, reason=REASON, actor=people.approver.actor(), at=now())
    order.subscription.refresh_from_db()
    assert progress.code_of(application, None)[0] == "on_hold"
