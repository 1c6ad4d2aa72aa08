"""Delivery to the holder alone, acceptance, and the start of use, through the pages."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12
from django.core import mail
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice
from audit.actors import Actor
from audit.acts import Act
from audit.models import Event
from audit.refusals import NotFound, Refused, RuleViolated, Stale, Throttled
from certificates import emails
from certificates.models import Certificate, CertificationAuthority, DeliveryLink
from certificates.services import acceptance, deliveries, revocations, start_notices
from certificates.worker import batch
from regulations.models import TargetSystemVersion
from tests.certificates import orders
from tests.harness.cloned import Clone
from tests.harness.jobs import Jobs
from tests.people import ORIGIN, People, signed_in
from vault.services import decrypt


@pytest.fixture
def made(people: People, version: TargetSystemVersion, issuing: CertificationAuthority) -> Certificate:
    """A PKCS#12 certificate for Hanako, issued and not fetched."""
    orders.make_desk(timezone.now())
    orders.approved(people, orders.proposed(people, orders.by_lra(version)))
    batch.run()
    return Certificate.objects.get()


def token_of(certificate: Certificate) -> str:
    notice = Notice.objects.filter(kind=emails.READY, story=certificate.story).latest("created_at")
    return str(notice.context["url"]).rstrip("/").rsplit("/", 1)[1]


@pytest.mark.clause("O-14.2", "O-14.3")
def test_the_holder_fetches_the_file_once_and_looking_consumes_nothing(made: Certificate, people: People) -> None:
    browser, token = signed_in(people.hanako), token_of(made)
    page = reverse("certificates:delivery", args=[token])
    for _ in range(3):
        assert browser.get(page).status_code == 200
    answer = browser.post(reverse("certificates:download", args=[token]))
    assert answer["Content-Disposition"].startswith("attachment")
    assert made.pin is not None
    key, certificate, _above = pkcs12.load_key_and_certificates(answer.content, decrypt(made.pin))
    assert key is not None
    assert certificate is not None
    made.refresh_from_db()
    assert made.delivery == "downloaded"
    again = browser.post(reverse("certificates:download", args=[token]), follow=True)
    assert "attachment" not in again.headers.get("Content-Disposition", "")
    assert reverse("certificates:resend", args=[made.pk]) in again.content.decode()


@pytest.mark.clause("O-14.2", "O-14.3")
@pytest.mark.parametrize(
    "who", ["outsider", "examiner", "approver", "agent", "administrator", "contract_admin", "key_officer"]
)
def test_nobody_else_receives_it_not_even_staff(made: Certificate, people: People, who: str) -> None:
    browser, token = signed_in(getattr(people, who)), token_of(made)
    for name, arguments in (
        ("delivery", [token]),
        ("detail", [made.pk]),
        ("file", [made.pk, "pem"]),
        ("accept", [made.pk]),
        ("report", [made.pk]),
        ("confirm_start", [made.pk]),
    ):
        assert browser.get(reverse(f"certificates:{name}", args=arguments)).status_code == 404, name
    assert browser.post(reverse("certificates:download", args=[token])).status_code == 404
    made.refresh_from_db()
    assert made.delivery == "undelivered"


def test_a_stranger_who_tries_five_times_closes_the_link(made: Certificate, people: People) -> None:
    token = token_of(made)
    for _ in range(6):
        with pytest.raises(NotFound):
            deliveries.download(token=token, actor=people.outsider.actor(ORIGIN), at=timezone.now())
    link = DeliveryLink.objects.get()
    assert link.failed_attempts == deliveries.MAX_ATTEMPTS
    with pytest.raises(RuleViolated):
        deliveries.download(token=token, actor=people.hanako.actor(ORIGIN), at=timezone.now())


def test_a_link_dies_after_seven_days_and_a_new_one_closes_the_old(made: Certificate, people: People) -> None:
    hanako, old = people.hanako.actor(ORIGIN), token_of(made)
    later = timezone.now() + deliveries.LIFE
    with pytest.raises(RuleViolated):
        deliveries.download(token=old, actor=hanako, at=later)
    deliveries.send_again(certificate=made, actor=hanako, at=timezone.now())
    with pytest.raises(RuleViolated):
        deliveries.download(token=old, actor=hanako, at=timezone.now())
    assert deliveries.download(token=token_of(made), actor=hanako, at=timezone.now()).name.endswith(".p12")


def test_links_are_not_sent_without_end(made: Certificate, people: People) -> None:
    hanako = people.hanako.actor(ORIGIN)
    for _ in range(deliveries.MAX_LINKS_A_DAY - 1):
        deliveries.send_again(certificate=made, actor=hanako, at=timezone.now())
    with pytest.raises(Throttled):
        deliveries.send_again(certificate=made, actor=hanako, at=timezone.now())


def test_a_revoked_certificate_is_not_handed_out(made: Certificate, people: People) -> None:
    Certificate.objects.filter(pk=made.pk).update(revoked_at=timezone.now(), ground="test", slot="past")
    with pytest.raises(RuleViolated):
        deliveries.download(token=token_of(made), actor=people.hanako.actor(ORIGIN), at=timezone.now())


@pytest.mark.clause("J-5.2")
def test_only_the_mail_holds_the_pin_and_only_its_body(made: Certificate, jobs: Jobs) -> None:
    jobs.run("accounts.send_notices")
    assert made.pin is not None
    pin = decrypt(made.pin).decode()
    with_pin = [message for message in mail.outbox if pin in str(message.body)]
    assert len(with_pin) == 1
    assert pin not in "".join(str(message.subject) for message in mail.outbox)
    assert "delivery" not in str(with_pin[0].body)
    assert Event.objects.filter(act=Act.BLOB_OPEN, role="system:mailer").count() == 1


@pytest.mark.clause("O-16.2.2")
def test_the_subscriber_checks_item_by_item_and_accepts(made: Certificate, people: People) -> None:
    browser = signed_in(people.hanako)
    accept = reverse("certificates:accept", args=[made.pk])
    assert browser.post(accept).status_code == 422
    browser.post(reverse("certificates:download", args=[token_of(made)]))
    page = browser.get(accept).content.decode()
    for part in orders.SUBJECT:
        assert part.value in page
    assert browser.post(accept)["Location"] == reverse("certificates:confirm_start", args=[made.pk])
    made.refresh_from_db()
    assert made.delivery == "accepted"
    assert made.accepted_at is not None
    assert Event.objects.filter(act=Act.CERTIFICATE_ACCEPT, outcome="done", person_id=people.hanako.pk).count() == 1
    browser.post(accept)
    assert Event.objects.filter(act=Act.CERTIFICATE_ACCEPT, outcome="done").count() == 1


@pytest.mark.clause("O-16.2.2")
def test_what_is_wrong_is_reported_and_keeps_the_certificate_from_being_accepted(
    made: Certificate, people: People
) -> None:
    browser = signed_in(people.hanako)
    browser.post(reverse("certificates:download", args=[token_of(made)]))
    report = reverse("certificates:report", args=[made.pk])
    assert browser.post(report, {"text": "  "}).status_code == 422
    assert browser.post(report, {"text": "部署が違います"}).status_code == 302
    made.refresh_from_db()
    assert (made.delivery, made.reported_text) == ("reported", "部署が違います")
    assert browser.post(reverse("certificates:accept", args=[made.pk])).status_code == 409


@pytest.mark.clause("O-5", "O-8.2", "O-17.2")
def test_use_begins_when_the_notice_has_reached_the_subscriber_not_when_it_is_handed_over(
    made: Certificate, people: People, jobs: Jobs
) -> None:
    hanako = people.hanako.actor(ORIGIN)
    deliveries.download(token=token_of(made), actor=hanako, at=timezone.now())
    with pytest.raises(RuleViolated):
        acceptance.reach(certificate=made, how=acceptance.OPENED, actor=hanako, at=timezone.now())
    acceptance.accept(certificate=made, actor=hanako, at=timezone.now())
    jobs.run("accounts.send_notices")
    body = str(mail.outbox[-1].body)
    for told in ("03-0000-0000", "東京都千代田区デモ町1-1", "9:00", "18:00"):
        assert told in body
    made.subscription.refresh_from_db()
    assert made.subscription.status == "applied"
    page = signed_in(people.hanako).get(reverse("certificates:confirm_start", args=[made.pk]))
    assert "03-0000-0000" in page.content.decode()
    made.subscription.refresh_from_db()
    assert made.subscription.status == "in_use"
    first = made.subscription.started_at
    assert acceptance.reached_at(made) == first
    later = timezone.now() + timedelta(hours=1)
    assert acceptance.reach(certificate=made, how=acceptance.OPENED, actor=hanako, at=later) == first


@pytest.mark.clause("O-5")
def test_staff_may_record_a_telephone_confirmation_instead(made: Certificate, people: People) -> None:
    hanako, agent = people.hanako.actor(ORIGIN), people.agent.actor(ORIGIN)
    deliveries.download(token=token_of(made), actor=hanako, at=timezone.now())
    acceptance.accept(certificate=made, actor=hanako, at=timezone.now())
    acceptance.reach(certificate=made, how=acceptance.TELEPHONE, actor=agent, at=timezone.now())
    event = Event.objects.get(act=Act.SERVICE_NOTICE_REACH)
    assert (event.person_id, event.role) == (people.agent.pk, "agent")


@pytest.mark.clause("O-5")
def test_no_use_begins_of_a_certificate_that_was_revoked_before_the_notice_reached_anybody(
    made: Certificate, people: People
) -> None:
    hanako, agent = people.hanako.actor(ORIGIN), people.agent.actor(ORIGIN)
    deliveries.download(token=token_of(made), actor=hanako, at=timezone.now())
    acceptance.accept(certificate=made, actor=hanako, at=timezone.now())
    revocations.mark_revoked(
        certificate=made, ground="subscriber", reason_code=None, invalidity_date=None, actor=Actor.system("test"),
        at=timezone.now(),
    )  # fmt: skip
    browser = signed_in(people.hanako)
    assert browser.get(reverse("certificates:confirm_start", args=[made.pk])).status_code == 302
    with pytest.raises(RuleViolated):
        acceptance.reach(certificate=made, how=acceptance.TELEPHONE, actor=agent, at=timezone.now())
    Notice.objects.filter(kind=emails.START_OF_SERVICE).update(status="bounced")
    with pytest.raises(RuleViolated):
        start_notices.send_again(certificate=made, email="", actor=agent, at=timezone.now())
    page = signed_in(people.agent).get(reverse("certificates:start_notices")).content.decode()
    assert made.management_number not in page, "nobody has anything to do there"
    made.subscription.refresh_from_db()
    assert (made.subscription.status, acceptance.reached_at(made)) == ("applied", None)


@pytest.mark.clause("O-16.2.2")
def test_what_has_ended_is_not_accepted_any_more(made: Certificate, people: People) -> None:
    hanako = people.hanako.actor(ORIGIN)
    deliveries.download(token=token_of(made), actor=hanako, at=timezone.now())
    with pytest.raises(Stale):
        acceptance.accept(certificate=made, actor=hanako, at=made.not_after + timedelta(seconds=1))
    receipt, browser = reverse("certificates:accept", args=[made.pk]), signed_in(people.hanako)
    offered = 'class="btn btn-primary"'
    assert offered in browser.get(receipt).content.decode()
    Certificate.objects.filter(pk=made.pk).update(revoked_at=timezone.now(), ground="test", slot="past")
    assert offered not in browser.get(receipt).content.decode(), "nothing is offered that would be refused"


@pytest.mark.clause("J-5.2")
def test_without_an_agreed_backup_file_and_pin_are_destroyed_at_acceptance(
    people: People, issuing: CertificationAuthority
) -> None:
    orders.approved(people, orders.proposed(people, orders.by_lra(orders.make_version(backup=False))))
    batch.run()
    made, hanako = Certificate.objects.get(), people.hanako.actor(ORIGIN)
    deliveries.download(token=token_of(made), actor=hanako, at=timezone.now())
    made = acceptance.accept(certificate=made, actor=hanako, at=timezone.now())
    assert (made.pkcs12, made.pin) == (None, None)
    assert Event.objects.filter(act=Act.BLOB_DESTROY).count() == 2


def test_a_successor_becomes_current_when_it_is_accepted(made: Certificate, people: People) -> None:
    version = TargetSystemVersion.objects.get()
    orders.approved(people, orders.proposed(people, orders.by_lra(version), subscription=made.subscription))
    batch.run()
    successor = Certificate.objects.get(slot="successor")
    hanako = people.hanako.actor(ORIGIN)
    deliveries.download(token=token_of(successor), actor=hanako, at=timezone.now())
    acceptance.accept(certificate=successor, actor=hanako, at=timezone.now())
    successor.refresh_from_db()
    made.refresh_from_db()
    assert (successor.slot, made.slot) == ("current", "past")


def test_every_page_of_the_holder_and_the_office_opens(made: Certificate, people: People) -> None:
    browser = signed_in(people.hanako)
    for name, arguments in (("list", []), ("detail", [made.pk]), ("accept", [made.pk]), ("report", [made.pk])):
        for language in ("ja", "en"):
            answer = browser.get(reverse(f"certificates:{name}", args=arguments), headers={"accept-language": language})
            assert answer.status_code == 200, name
            assert made.common_name in answer.content.decode() or name == "report"
    parsed = x509.load_pem_x509_certificates(browser.get(reverse("certificates:file", args=[made.pk, "pem"])).content)
    assert len(parsed) == 2
    assert browser.get(reverse("certificates:file", args=[made.pk, "p7x"])).status_code == 404
    assert signed_in(people.approver).get(reverse("certificates:orders")).status_code == 200
    assert signed_in(people.hanako).get(reverse("certificates:orders")).status_code == 404


def test_the_addresses_in_mails_are_those_of_the_pages(made: Certificate) -> None:
    token = token_of(made)
    assert emails.ready(made, token)["url"].endswith(reverse("certificates:delivery", args=[token]))
    start = reverse("certificates:confirm_start", args=[made.pk])
    assert emails.start_of_service(made, None)["url"].endswith(start)


def test_of_ten_downloads_at_once_one_succeeds(clone: Clone, made: Certificate, people: People) -> None:
    token, hanako = token_of(made), people.hanako.actor(ORIGIN)

    def attempt(_number: int) -> bool:
        try:
            deliveries.download(token=token, actor=hanako, at=timezone.now())
        except Refused:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(attempt, range(10))) == 1
