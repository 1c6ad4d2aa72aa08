"""A mail server that refuses, answers 4xx or hangs: one message in the end, and nothing said that is secret (fault 14).

Eight workers at once send each notice once, too (fault 4).
"""

import asyncio
import email
import logging
import re
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import LazySettings
from django.db import connections
from django.urls import reverse
from django.utils import timezone
from structlog.testing import capture_logs

from accounts.models import Notice
from accounts.worker.mailing import PATIENCE, send_waiting
from audit.acts import Act
from audit.models import Event
from certificates import emails
from certificates.models import Certificate, CertificationAuthority
from certificates.services import acceptance, deliveries, start_notices
from certificates.worker import batch
from regulations.models import TargetSystemVersion
from tests.certificates import orders
from tests.faults.state import all_is_well
from tests.harness.cloned import Clone
from tests.harness.jobs import Jobs
from tests.harness.processes import free_port
from tests.people import ORIGIN, People, signed_in
from vault.services import decrypt

HANGS, BUSY, TAKES = "hangs", "451 4.3.0 come back later", "250 OK"
GONE, REFUSED = "550 5.1.1 no such user hanako", "554 5.7.1 this mail is refused"
WORKERS = 8


class Server:
    """A mail server that answers as it is told, and keeps what it took."""

    def __init__(self) -> None:
        self.answer, self.took, self.asked = TAKES, list[Envelope](), 0
        self.unknown = set[str]()
        self.let_go = threading.Event()

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.unknown:
            return GONE
        envelope.rcpt_tos.append(address)
        return TAKES

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.asked += 1
        if self.answer == HANGS:
            await asyncio.to_thread(self.let_go.wait)
            return BUSY
        if self.answer == TAKES:
            self.took.append(envelope)
        return self.answer

    def texts(self) -> list[str]:
        return [envelope.content.decode() for envelope in self.took if isinstance(envelope.content, bytes)]


@pytest.fixture
def server(settings: LazySettings) -> Iterator[Server]:
    """The mail server that this process's settings name."""
    made = Server()
    controller = Controller(made, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", controller.port, 1
    yield made
    made.let_go.set()
    controller.stop()


@pytest.fixture
def made(
    request: pytest.FixtureRequest, people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> Certificate:
    """A certificate whose file and PIN the LRA made; link and PIN wait for the mail server."""
    orders.approved(people, orders.proposed(people, orders.by_lra(version)))
    batch.run()
    return Certificate.objects.get()


def of_kind(kind: str) -> Notice:
    return Notice.objects.get(kind=kind)


def body_of(text: str) -> str:
    """Return the letters of a mail, whatever way they were encoded."""
    payload = email.message_from_string(text).get_payload(decode=True)
    return payload.decode() if isinstance(payload, bytes) else ""


@pytest.mark.clause("J-5.2", "O-17.2")
def test_one_message_goes_out_in_the_end_and_no_pin_stands_in_subjects_or_logs(
    made: Certificate, server: Server, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    assert made.pin is not None
    pin, port = decrypt(made.pin).decode(), settings.EMAIL_PORT
    waiting = Notice.objects.filter(status="waiting").count()
    caplog.set_level(logging.DEBUG)
    with time_machine.travel(timezone.now(), tick=False) as clock, capture_logs() as logs:
        for number, (server.answer, settings.EMAIL_PORT) in enumerate(
            ((BUSY, port), (HANGS, port), (TAKES, free_port()), ("421 4.3.2 closing", port))
        ):
            assert send_waiting() == 0
            assert set(Notice.objects.values_list("status", "attempts")) == {("waiting", number + 1)}
            clock.shift(timedelta(minutes=PATIENCE[number]))
        server.answer, settings.EMAIL_PORT = TAKES, port
        server.let_go.set()
        assert send_waiting() == waiting
        clock.shift(timedelta(days=1))
        assert send_waiting() == 0
    assert len(server.took) == waiting
    with_pin = [text for text in server.texts() if pin in body_of(text)]
    assert len(with_pin) == 1
    subjects = [re.search(r"^Subject: (.*)$", text, re.MULTILINE) for text in server.texts()]
    assert all(found and pin not in found[1] for found in subjects)
    assert pin not in str(logs)
    # The test's own mail server writes down what it reads; ours must not.
    assert pin not in "".join(record.getMessage() for record in caplog.records if record.name != "mail.log")
    assert Event.objects.filter(act=Act.NOTICE_SEND).count() == waiting
    all_is_well(1)


@pytest.mark.clause("O-5", "O-8.2")
def test_use_does_not_begin_while_the_notice_about_it_is_refused(
    made: Certificate, server: Server, people: People, jobs: Jobs
) -> None:
    orders.make_desk(timezone.now())
    hanako, token = people.hanako.actor(ORIGIN), str(of_kind(emails.READY).context["url"]).rstrip("/").split("/")[-1]
    deliveries.download(token=token, actor=hanako, at=timezone.now())
    acceptance.accept(certificate=made, actor=hanako, at=timezone.now())
    server.answer = BUSY
    jobs.run("accounts.send_notices")
    notice = of_kind(emails.START_OF_SERVICE)
    assert (notice.status, notice.handed_over_at) == ("waiting", None)
    made.subscription.refresh_from_db()
    assert (made.subscription.status, made.subscription.started_at) == ("applied", None)
    assert acceptance.reached_at(made) is None
    all_is_well(1)


def accepted(made: Certificate, people: People) -> Certificate:
    """The certificate, accepted, so that its start-of-service notice waits."""
    orders.make_desk(timezone.now())
    hanako, token = people.hanako.actor(ORIGIN), str(of_kind(emails.READY).context["url"]).rstrip("/").split("/")[-1]
    deliveries.download(token=token, actor=hanako, at=timezone.now())
    return acceptance.accept(certificate=made, actor=hanako, at=timezone.now())


@pytest.mark.clause("O-5", "O-8.2")
def test_a_notice_refused_for_good_bounces_and_is_not_tried_again(
    made: Certificate, server: Server, people: People, jobs: Jobs
) -> None:
    accepted(made, people)
    server.unknown = {people.hanako.email}
    with time_machine.travel(timezone.now(), tick=False) as clock:
        jobs.run("accounts.send_notices")
        clock.shift(timedelta(days=3))
        jobs.run("accounts.send_notices")
    notice = of_kind(emails.START_OF_SERVICE)
    assert (notice.status, notice.attempts, notice.last_error) == ("bounced", 1, "550 5.1.1")
    assert (server.asked, server.took) == (0, [])
    assert Event.objects.filter(act=Act.NOTICE_BOUNCE, subject_id=str(notice.pk)).count() == 1
    made.subscription.refresh_from_db()
    assert made.subscription.status == "applied"
    all_is_well(1)


def test_a_mail_refused_at_its_end_bounces_and_one_to_come_back_for_does_not(
    made: Certificate, server: Server, people: People, jobs: Jobs
) -> None:
    accepted(made, people)
    server.answer = BUSY
    jobs.run("accounts.send_notices")
    assert of_kind(emails.START_OF_SERVICE).status == "waiting"
    server.answer = REFUSED
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        jobs.run("accounts.send_notices")
    notice = of_kind(emails.START_OF_SERVICE)
    assert (notice.status, notice.last_error) == ("bounced", "554 5.7.1")


@pytest.mark.clause("O-5", "O-8.2")
@pytest.mark.parametrize("who", ["examiner", "approver", "agent"])
def test_staff_see_what_came_back_mend_the_address_and_send_it_again(
    made: Certificate, server: Server, people: People, jobs: Jobs, who: str
) -> None:
    accepted(made, people)
    server.unknown = {people.hanako.email}
    jobs.run("accounts.send_notices")
    browser, page = signed_in(getattr(people, who)), reverse("certificates:start_notices")
    shown = browser.get(page).content.decode()
    assert made.management_number in shown
    assert "550 5.1.1" in shown
    assert people.hanako.email not in shown
    again = reverse("certificates:start_notice_again", args=[made.pk])
    wrong = browser.post(again, {"email": "hanako at demo"})
    assert wrong.status_code == 422
    assert 'value="hanako at demo"' in wrong.content.decode()
    assert browser.post(again, {"email": "Hanako.Kaku@demo.example"}).status_code == 302
    assert browser.post(again, {"email": ""}).status_code == 422
    jobs.drain()
    notice = of_kind(emails.START_OF_SERVICE)
    assert (notice.status, notice.email) == ("handed_over", "hanako.kaku@demo.example")
    assert [envelope.rcpt_tos for envelope in server.took] == [["hanako.kaku@demo.example"]]
    people.hanako.refresh_from_db()
    assert people.hanako.email != notice.email
    event = Event.objects.get(act=Act.SERVICE_NOTICE_RESEND)
    assert (event.person_id, event.details.body["address"]) == (getattr(people, who).pk, "changed")
    assert made.management_number not in browser.get(page).content.decode()
    assert signed_in(people.hanako).get(reverse("certificates:confirm_start", args=[made.pk])).status_code == 200
    assert "利用者に到達" in browser.get(page, {"number": made.management_number}).content.decode()


@pytest.mark.clause("O-5")
def test_the_desk_sees_it_at_the_person_and_writes_down_a_confirmation_by_telephone(
    made: Certificate, server: Server, people: People, jobs: Jobs
) -> None:
    accepted(made, people)
    server.unknown = {people.hanako.email}
    jobs.run("accounts.send_notices")
    agent = signed_in(people.agent)
    assert "?number=" + made.management_number in agent.get(f"/desk/people/{people.hanako.pk}/").content.decode()
    reached = reverse("certificates:start_notice_reached", args=[made.pk])
    assert signed_in(people.auditor).post(reached).status_code == 404
    assert agent.post(reached).status_code == 302
    made.subscription.refresh_from_db()
    assert made.subscription.status == "in_use"
    assert not start_notices.unsent().exists()
    assert agent.post(reverse("certificates:start_notice_again", args=[made.pk]), {}).status_code == 422


def test_without_a_notice_nothing_is_sent_or_begun(made: Certificate, people: People) -> None:
    browser = signed_in(people.agent)
    assert browser.post(reverse("certificates:start_notice_again", args=[made.pk]), {}).status_code == 404
    assert browser.post(reverse("certificates:start_notice_reached", args=[made.pk])).status_code == 422
    page = browser.get(reverse("certificates:start_notices"), {"number": "c-\x00nowhere"})
    assert page.status_code == 200


def test_eight_workers_at_once_send_each_mail_once(clone: Clone, made: Certificate, server: Server) -> None:
    waiting = Notice.objects.filter(status="waiting").count()
    barrier, sent = threading.Barrier(WORKERS), list[int]()

    def work() -> None:
        barrier.wait()
        sent.append(send_waiting())
        connections.close_all()

    threads: list[Any] = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == len(server.took) == waiting
    numbers = Counter(re.findall(r"^X-Notice: (.*)$", "\n".join(server.texts()), re.MULTILINE))
    assert set(numbers.values()) == {1}
    all_is_well(1)
