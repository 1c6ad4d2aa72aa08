"""Mails of an advance notice that were given up go out again: all or one, each once, on record (O-3.3)."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Notice, User
from accounts.worker import mailing as sending
from applications.advance import AdvanceNotice, AdvanceRecipient
from applications.selectors.audience import progress_of
from applications.services import advance
from audit.models import Event
from audit.refusals import NotAllowed, RuleViolated
from regulations.services import drafts
from tests.applications.test_advance_notices import begun, crowd
from tests.harness.jobs import Jobs
from tests.instants import WEDNESDAY_11_00
from tests.people import ORIGIN, People, signed_in
from tests.regulations.test_drafts import reviewed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_rules")]
AT = WEDNESDAY_11_00 + timedelta(hours=2)


@pytest.fixture(autouse=True)
def _two_hours_later() -> object:
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


@pytest.fixture
def mailing(people: People, jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> AdvanceNotice:
    """A mailing to three people whom the mail server refused until each mail was given up."""
    crowd(3)
    made = begun(people, reviewed(people))
    with monkeypatch.context() as server:
        server.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        server.setattr(sending, "PATIENCE", ())
        jobs.drain()
    assert (progress_of(made).failed, mail.outbox) == (3, [])
    return made


def refuse(*_arguments: object) -> int:
    raise ConnectionRefusedError


def recipient(mailing: AdvanceNotice, name: str) -> AdvanceRecipient:
    return mailing.recipients.get(person__email=f"{name}@demo.example")


@pytest.mark.clause("O-3.3")
def test_one_press_sends_every_failed_mail_again_and_a_double_click_is_harmless(
    mailing: AdvanceNotice, people: People, jobs: Jobs
) -> None:
    browser, page = signed_in(people.rules_manager), reverse("applications:advance", args=[mailing.pk])
    address = reverse("applications:advance_resend", args=[mailing.pk])
    assert address in browser.get(page).content.decode()
    assert browser.post(address)["location"].startswith(page)
    browser.post(address)
    jobs.drain()
    browser.post(address)
    jobs.drain()
    assert sorted(letter.to[0] for letter in mail.outbox) == [f"crowd{n}@demo.example" for n in range(3)]
    assert progress_of(mailing).handed_over == 3
    assert address not in browser.get(page).content.decode()
    pressed = Event.objects.get(act="advance:resend")
    assert (pressed.person_id, pressed.details.body) == (people.rules_manager.pk, {"mails": 3})
    moves = Event.objects.filter(act="notice:retry").values_list("before", "after")
    assert list(moves) == [("failed", "waiting")] * 3


@pytest.mark.clause("O-3.3")
def test_one_recipient_is_written_to_again_at_the_address_of_today(
    mailing: AdvanceNotice, people: People, jobs: Jobs
) -> None:
    User.objects.filter(email="crowd1@demo.example").update(email="new@demo.example")
    one, address = recipient(mailing, "new"), reverse("applications:advance_resend", args=[mailing.pk])
    browser = signed_in(people.second_rules_manager)
    answer = browser.post(f"{address}?after=5", {"recipient": one.pk})
    assert answer["location"].endswith("?after=5")
    jobs.drain()
    assert [letter.to for letter in mail.outbox] == [["new@demo.example"]]
    assert progress_of(mailing).failed == 2
    page = browser.get(reverse("applications:advance", args=[mailing.pk]), {"only": "failed"}).content.decode()
    assert page.count('<tr><th scope="row"') == 2


@pytest.mark.parametrize("key", ["0", "x", "9" * 30])
def test_a_recipient_of_another_mailing_is_not_there(mailing: AdvanceNotice, people: People, key: str) -> None:
    address = reverse("applications:advance_resend", args=[mailing.pk])
    assert signed_in(people.rules_manager).post(address, {"recipient": key}).status_code == 404
    assert signed_in(people.auditor).post(address).status_code == 404
    with pytest.raises(NotAllowed):
        advance.send_again(advance=mailing, actor=people.examiner.actor(), at=AT)
    assert progress_of(mailing).failed == 3


@pytest.mark.parametrize("late", ["posted", "past"])
def test_what_the_mails_say_has_to_be_true_still(mailing: AdvanceNotice, people: People, late: str) -> None:
    at = AT
    if late == "posted":
        version, actor = mailing.version, people.rules_manager.actor(ORIGIN)
        drafts.post(version=version, seen=version.sha256, actor=actor, at=AT)
        mailing.version.refresh_from_db()
    else:
        at = AT + timedelta(days=30)
    with time_machine.travel(at, tick=False):
        address = reverse("applications:advance_resend", args=[mailing.pk])
        browser = signed_in(people.rules_manager)
        assert browser.post(address).status_code == 422
        assert address not in browser.get(reverse("applications:advance", args=[mailing.pk])).content.decode()
    with pytest.raises(RuleViolated):
        advance.send_again(advance=mailing, actor=people.rules_manager.actor(), at=at)
    assert progress_of(mailing).failed == 3


def test_the_database_sends_nothing_again_that_was_handed_over(
    mailing: AdvanceNotice, people: People, jobs: Jobs
) -> None:
    advance.send_again(advance=mailing, actor=people.rules_manager.actor(), at=AT)
    jobs.drain()
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(status="handed_over").update(status="waiting")
