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
from django.utils import timezone
from structlog.testing import capture_logs

from accounts.models import Notice
from accounts.worker.mailing import PATIENCE, send_waiting
from audit.acts import Act
from audit.models import Event
from certificates import emails
from certificates.models import Certificate, CertificationAuthority
from certificates.services import acceptance, deliveries
from certificates.worker import batch
from regulations.models import TargetSystemVersion
from tests.certificates import orders
from tests.faults.state import all_is_well
from tests.harness.cloned import Clone
from tests.harness.jobs import Jobs
from tests.harness.processes import free_port
from tests.people import ORIGIN, People
from vault.services import decrypt

HANGS, BUSY, TAKES = "hangs", "451 4.3.0 come back later", "250 OK"
WORKERS = 8


class Server:
    """A mail server that answers as it is told, and keeps what it took."""

    def __init__(self) -> None:
        self.answer, self.took, self.asked = TAKES, list[Envelope](), 0
        self.let_go = threading.Event()

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
            ((BUSY, port), (HANGS, port), (TAKES, free_port()), ("554 5.7.1 not from you", port))
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
