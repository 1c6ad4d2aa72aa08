"""The worker and a real IMAP server: everything is taken, put away, and found again after either side was away."""

from collections.abc import Iterator

import psycopg2
import pytest
from django.conf import LazySettings
from django.db import OperationalError, connection

from support_desk.models import MailboxState, TakenMail, Ticket
from support_desk.services import mail_intake
from support_desk.worker import mailbox
from tests.harness import imap
from tests.harness.jobs import Jobs
from tests.support_desk.letters import letter

pytestmark = pytest.mark.django_db


def pointed_at(settings: LazySettings, port: int) -> None:
    settings.DESK_IMAP_HOST, settings.DESK_IMAP_PORT = "127.0.0.1", port
    settings.DESK_IMAP_USER, settings.DESK_IMAP_PASSWORD = imap.USER, imap.PASSWORD


@pytest.fixture
def server(settings: LazySettings) -> Iterator[imap.MailServer]:
    with imap.running() as running:
        pointed_at(settings, running.port)
        yield running


@pytest.mark.clause("O-8.3")
def test_the_worker_empties_the_mailbox_and_loses_nothing(server: imap.MailServer, jobs: Jobs) -> None:
    server.put(letter(f"{place} 通目", From=f"p{place}@x.example") for place in range(130))
    jobs.run("support_desk.take_mail")
    assert (Ticket.objects.count(), server.count("INBOX"), server.count("Taken")) == (130, 0, 130)
    jobs.run("support_desk.take_mail")
    assert TakenMail.objects.count() == 130
    assert MailboxState.objects.get().failing_since is None


def test_a_worker_that_died_before_putting_a_mail_away_takes_it_once(
    server: imap.MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put([letter()])
    with monkeypatch.context() as patched:
        patched.setattr(mailbox, "_put_away", lambda *_place: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            mailbox.poll()
    assert (server.count("INBOX"), TakenMail.objects.count()) == (1, 1)
    mailbox.poll()
    assert (server.count("INBOX"), server.count("Taken"), TakenMail.objects.count()) == (0, 1, 1)


def test_a_database_that_is_away_leaves_the_mail_on_the_server(
    server: imap.MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put([letter()])

    def away(**_facts: object) -> str:
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(mail_intake, "take", away)
        with pytest.raises(OperationalError):
            mailbox.poll()
    assert server.count("INBOX") == 1
    assert mailbox.poll() == 1


def test_a_server_that_is_away_is_noted_since_when_and_read_when_it_is_back(settings: LazySettings) -> None:
    port = imap.free_port()
    pointed_at(settings, port)
    assert mailbox.poll() == 0
    first = MailboxState.objects.get().failing_since
    assert first is not None
    assert mailbox.poll() == 0
    assert MailboxState.objects.get().failing_since == first
    with imap.running(port) as server:
        server.put([letter()])
        assert mailbox.poll() == 1
    assert MailboxState.objects.get().failing_since is None


def test_a_wrong_password_is_noted_and_stands_nowhere(server: imap.MailServer, settings: LazySettings) -> None:
    settings.DESK_IMAP_PASSWORD = "quite-wrong"
    assert mailbox.poll() == 0
    row = MailboxState.objects.get()
    assert row.last_error == "error"
    assert "quite-wrong" not in str(vars(row))
    assert server.port


def test_one_worker_reads_a_mailbox_at_a_time(server: imap.MailServer) -> None:
    server.put([letter()])
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        (name,) = cursor.fetchone()
    other = psycopg2.connect(**{**connection.get_connection_params(), "dbname": name})
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [mailbox.LOCK, mailbox.mailbox_name()])
        assert mailbox.poll() == 0
    finally:
        other.rollback()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        other.close()
    assert mailbox.poll() == 1


def test_a_mail_that_is_too_large_gives_its_beginning_and_stays_on_the_server(
    server: imap.MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "MOST_BYTES", 10_000)
    monkeypatch.setattr(mailbox, "BEGINNING", 4_000)
    server.put([letter("はじめ\n" + "x" * 20_000)])
    assert mailbox.poll() == 1
    ticket = Ticket.objects.get()
    assert ticket.matter.startswith("はじめ")
    assert TakenMail.objects.get().size > 20_000
    assert server.count("Taken") == 1
