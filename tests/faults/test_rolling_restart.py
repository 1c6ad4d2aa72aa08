"""A deploy in the middle of work: processes are told to end by SIGTERM while their successors start (fault 31).

And the broker is emptied meanwhile (fault 2). Nothing is lost, nothing is done twice, not one serial is burnt.
"""

import http.client
import threading
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import pytest
from django.urls import reverse

from accounts.models import Notice
from certificates.models import Certificate, CertificationAuthority, Intent, Order
from certificates.worker import batch
from lra_portal.celery import app
from regulations.models import TargetSystemVersion
from tests.certificates import orders
from tests.faults import signer
from tests.faults.scale import scaled
from tests.faults.state import all_is_well, journalled
from tests.faults.workers import WITHIN, celery_words, until, worker_environment
from tests.harness.cloned import Clone
from tests.harness.processes import answers, free_port, running, web_environment
from tests.people import People, signed_in

pytestmark = pytest.mark.processes
RESTARTS = scaled(1, 6)
ORDERS = scaled(24, 200)


def empty_the_broker() -> None:
    with app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        channel.client.flushdb()


def queue(people: People, version: TargetSystemVersion) -> int:
    for _ in range(ORDERS):
        orders.queued(people, version)
    return ORDERS


def at_work() -> bool:
    return Order.objects.filter(status="signing").exists()


def issued() -> int:
    return Order.objects.filter(status="issued").count()


@pytest.mark.clause("O-1.1")
def test_signers_that_are_replaced_while_they_sign_lose_and_burn_nothing(
    clone: Clone, people: People, version: TargetSystemVersion, issuing: CertificationAuthority, tmp_path: Path
) -> None:
    words, environment = celery_words("signing"), signer.environment(clone, SIGNER_LEASE_SECONDS="60")
    total = 0
    with ExitStack() as stack:
        now_signing = stack.enter_context(running(words, environment, tmp_path / "0.log"))
        for number in range(RESTARTS):
            total += queue(people, version)
            empty_the_broker()
            until(lambda total=total: at_work() or issued() == total, ask="certificates.sign_batch")  # type: ignore[misc]
            leaving = now_signing
            leaving.terminate()
            now_signing = stack.enter_context(running(words, environment, tmp_path / f"{number + 1}.log"))
            assert leaving.wait(WITHIN) == 0
        total += queue(people, version)
        until(lambda: issued() == total, ask="certificates.sweep")
        now_signing.terminate()
        assert now_signing.wait(WITHIN) == 0
    assert Intent.objects.exclude(status="signed").count() == 0
    assert Counter(journalled(issuing)) == Counter(Intent.objects.values_list("serial", flat=True))
    all_is_well(total)


def test_workers_that_are_replaced_while_they_write_send_each_mail_once(
    clone: Clone, people: People, version: TargetSystemVersion, waiting: list[Order], tmp_path: Path
) -> None:
    assert batch.run() == len(waiting)
    words, environment = celery_words("work"), worker_environment(clone, tmp_path)
    sent = Notice.objects.filter(status="handed_over")
    with ExitStack() as stack:
        first = stack.enter_context(running(words, environment, tmp_path / "first.log"))
        until(sent.exists, ask="accounts.send_notices")
        second = stack.enter_context(running(words, environment, tmp_path / "second.log"))
        first.terminate()
        assert first.wait(WITHIN) == 0
        orders.queued(people, version)
        assert batch.run() == 1
        until(lambda: not Notice.objects.filter(status="waiting").exists(), ask="accounts.send_notices")
        second.terminate()
        assert second.wait(WITHIN) == 0
    text = "".join(file.read_text() for file in (tmp_path / "mails").iterdir())
    assert {text.count(f"X-Notice: {pk}") for pk in Notice.objects.values_list("pk", flat=True)} == {1}
    all_is_well(len(waiting) + 1)


class Reader:
    """The holder, signed in, who goes on fetching a certificate; what the portal answered is counted."""

    def __init__(self, certificate: Certificate, port: int) -> None:
        self.cookie = f"sessionid={signed_in(certificate.holder).cookies['sessionid'].value}"
        self.path = reverse("certificates:file", args=[certificate.pk, "pem"])
        self.port, self.seen, self.gone = port, Counter[int](), threading.Event()
        self.thread = threading.Thread(target=self._read)

    def _read(self) -> None:
        while not self.gone.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request("GET", self.path, headers={"Cookie": self.cookie, "Host": f"localhost:{self.port}"})
                answer = connection.getresponse()
            except ConnectionError:
                continue  # nobody had taken it in; a proxy asks again, too
            answer.read()  # what was begun is brought to its end
            self.seen[answer.status] += 1
            connection.close()

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.gone.set()
        self.thread.join()


def test_the_web_process_is_replaced_while_people_read_and_nobody_sees_an_error(
    clone: Clone, people: People, version: TargetSystemVersion, issuing: CertificationAuthority, tmp_path: Path
) -> None:
    orders.queued(people, version)
    assert batch.run() == 1
    port = free_port()
    words = ["gunicorn", "lra_portal.wsgi", "--bind", f"127.0.0.1:{port}", "--reuse-port", "--threads", "2"]
    words += ["--worker-class", "gthread"]
    environment = web_environment(clone, port)
    with ExitStack() as stack:
        first = stack.enter_context(running(words, environment, tmp_path / "first.log"))
        until(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
        with Reader(Certificate.objects.get(), port) as reader:
            until(lambda: reader.seen[200] > 0)
            second = stack.enter_context(running(words, environment, tmp_path / "second.log"))
            until(lambda: "Booting worker" in (tmp_path / "second.log").read_text())
            until(lambda before=reader.seen[200]: reader.seen[200] > before + 10)  # type: ignore[misc]
            first.terminate()
            assert first.wait(WITHIN) == 0
            until(lambda before=reader.seen[200]: reader.seen[200] > before + 10)  # type: ignore[misc]
        second.terminate()
        assert second.wait(WITHIN) == 0
    assert set(reader.seen) == {200}
    all_is_well(1)
