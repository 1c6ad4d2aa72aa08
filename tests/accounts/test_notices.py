"""A notice is one mail, however often it is asked for, and however ill the mail server is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail

from accounts.models import Notice, User
from accounts.notices import notify
from accounts.worker.mailing import PATIENCE, send_waiting
from audit.acts import Act
from audit.models import Event
from vault.models import Purpose
from vault.services import seal

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def letters(tmp_path: Path, settings: LazySettings) -> None:
    """Two plain templates of a mail, so that the outbox is tested apart from any app's words."""
    folder = tmp_path / "accounts" / "email"
    folder.mkdir(parents=True)
    (folder / "trial.subject.txt").write_text("Trial\n of a notice")
    (folder / "trial.body.txt").write_text("Number {{ number }} {{ secret }}")
    templates = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**templates, "DIRS": [tmp_path, *templates["DIRS"]]}]


def send(person: User, **extra: object) -> Notice:
    context = {"number": "2026-000001"}
    return notify(kind="accounts/trial", to=person, context=context, at=AT, dedupe="trial", **extra)  # type: ignore[arg-type]


@pytest.fixture
def person() -> User:
    return User.objects.create_user("applicant@example.com", name="Applicant", language="en")


@time_machine.travel(AT, tick=False)
def test_a_notice_asked_for_twice_is_one_mail(person: User) -> None:
    assert send(person) == send(person)
    assert (send_waiting(), send_waiting()) == (1, 0)
    assert [(letter.subject, letter.body) for letter in mail.outbox] == [("Trial of a notice", "Number 2026-000001\n")]
    assert Event.objects.filter(act=Act.NOTICE_SEND).count() == 1


@time_machine.travel(AT, tick=False)
@pytest.mark.clause("J-5.2")
def test_a_pin_stands_in_the_body_alone_and_opening_it_is_on_record(person: User) -> None:
    send(person, secret=seal(purpose=Purpose.PIN, plaintext=b"ABCD-EFGH"))
    send_waiting()
    assert "ABCD-EFGH" in mail.outbox[0].body
    assert "ABCD" not in mail.outbox[0].subject
    assert Event.objects.filter(act=Act.BLOB_OPEN, role="system:mailer").count() == 1
    assert "ABCD" not in str(Notice.objects.values().get())


def test_a_mail_server_that_refuses_is_tried_again_later_and_one_mail_goes_out(
    person: User, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "tests.accounts.broken_mail.Refusing"
    with time_machine.travel(AT, tick=False) as clock:
        notice = send(person)
        assert send_waiting() == 0
        notice.refresh_from_db()
        assert (notice.status, notice.attempts, notice.handed_over_at) == ("waiting", 1, None)
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        assert send_waiting() == 0
        clock.shift(timedelta(minutes=PATIENCE[0]))
        assert (send_waiting(), len(mail.outbox)) == (1, 1)


def test_a_notice_that_never_goes_out_is_given_up_visibly(person: User, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "tests.accounts.broken_mail.Refusing"
    with time_machine.travel(AT, tick=False) as clock:
        notice = send(person)
        for minutes in (*PATIENCE, 0):
            send_waiting()
            clock.shift(timedelta(minutes=minutes))
    notice.refresh_from_db()
    assert (notice.status, notice.last_error) == ("failed", "SMTPServerDisconnected")
    assert Event.objects.filter(act=Act.NOTICE_FAIL).count() == 1
