"""A backed-up key comes back to its holder through two key officers, and through nobody else (J-5.2)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice
from audit.acts import Act
from audit.models import Event
from audit.refusals import NotAllowed, RuleViolated, Stale
from certificates import emails
from certificates.models import Certificate, CertificationAuthority, Recovery
from certificates.services import acceptance, deliveries, recoveries
from certificates.worker import batch
from regulations.models import TargetSystemVersion
from tests.certificates import orders
from tests.certificates.test_delivery import token_of
from tests.people import ORIGIN, People, signed_in


@pytest.fixture
def accepted(people: People, version: TargetSystemVersion, issuing: CertificationAuthority) -> Certificate:
    """A PKCS#12 certificate that Hanako has fetched and accepted."""
    orders.approved(people, orders.proposed(people, orders.by_lra(version)))
    batch.run()
    made, hanako = Certificate.objects.get(), people.hanako.actor(ORIGIN)
    deliveries.download(token=token_of(made), actor=hanako, at=timezone.now())
    return acceptance.accept(certificate=made, actor=hanako, at=timezone.now())


@pytest.mark.clause("J-5.2")
def test_one_officer_asks_another_releases_and_the_holder_alone_receives(accepted: Certificate, people: People) -> None:
    first, second = signed_in(people.key_officer), signed_in(people.second_key_officer)
    page = reverse("certificates:recoveries")
    asked = {"management_number": accepted.management_number.lower(), "reason": "The holder's disk broke."}
    assert first.post(page, asked).status_code == 302
    recovery = Recovery.objects.get()
    release = reverse("certificates:release", args=[recovery.pk])
    assert first.post(release).status_code == 422
    assert release not in first.get(page).content.decode()
    assert release in second.get(page).content.decode()
    assert second.post(release).status_code == 302
    assert second.post(release).status_code == 409
    letters = Notice.objects.filter(kind__in=[emails.READY, emails.PIN]).order_by("-created_at")[:2]
    assert {letter.recipient for letter in letters} == {people.hanako}
    hanako = people.hanako.actor(ORIGIN)
    assert deliveries.download(token=token_of(accepted), actor=hanako, at=timezone.now()).name.endswith(".p12")
    acts = Event.objects.filter(act__startswith="recovery:", outcome="done").order_by("pk")
    assert list(acts.values_list("act", "person_id")) == [
        (Act.RECOVERY_ASK, people.key_officer.pk),
        (Act.RECOVERY_RELEASE, people.second_key_officer.pk),
    ]


@pytest.mark.clause("J-5.2")
def test_the_holder_alone_gets_an_accepted_key_neither_again_nor_its_pin(accepted: Certificate, people: People) -> None:
    hanako = people.hanako.actor(ORIGIN)
    for again in (deliveries.send_again, deliveries.send_pin_again):
        with pytest.raises(RuleViolated, match="rule_violated"):
            again(certificate=accepted, actor=hanako, at=timezone.now())


def ask(accepted: Certificate, people: People) -> Recovery:
    return recoveries.ask(
        management_number=accepted.management_number,
        reason="lost",
        actor=people.key_officer.actor(ORIGIN),
        at=timezone.now(),
    )


def test_a_request_waits_one_day(accepted: Certificate, people: People) -> None:
    recovery = ask(accepted, people)
    with pytest.raises(Stale):
        recoveries.release(
            recovery=recovery,
            actor=people.second_key_officer.actor(ORIGIN),
            at=timezone.now() + recoveries.LIFE + timedelta(seconds=1),
        )


def test_the_database_wants_two_people(accepted: Certificate, people: People) -> None:
    recovery = ask(accepted, people)
    with pytest.raises(IntegrityError), transaction.atomic():
        Recovery.objects.filter(pk=recovery.pk).update(released_by=people.key_officer, released_at=timezone.now())


@pytest.mark.parametrize("who", ["approver", "examiner", "agent", "administrator", "hanako"])
def test_no_other_role_has_to_do_with_it(accepted: Certificate, people: People, who: str) -> None:
    person = getattr(people, who)
    assert signed_in(person).get(reverse("certificates:recoveries")).status_code == 404
    with pytest.raises(NotAllowed):
        recoveries.release(recovery=ask(accepted, people), actor=person.actor(ORIGIN), at=timezone.now())


@pytest.mark.parametrize(("number", "reason"), [("C-999999", "lost"), ("", ""), ("C-000001", "  ")])
def test_what_is_missing_is_said_at_its_field(accepted: Certificate, people: People, number: str, reason: str) -> None:
    answer = signed_in(people.key_officer).post(
        reverse("certificates:recoveries"), {"management_number": number, "reason": reason}
    )
    assert answer.status_code == 422
    assert not Recovery.objects.exists()


def test_a_second_request_while_one_waits_is_refused(accepted: Certificate, people: People) -> None:
    ask(accepted, people)
    with pytest.raises(RuleViolated):
        ask(accepted, people)
