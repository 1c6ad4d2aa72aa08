"""A PIN by printed letter: released by a person, made in the worker alone, handed to the printer at most once."""

from __future__ import annotations

import io
import logging
import threading
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.db import DatabaseError, connections, transaction
from django.urls import reverse
from django.utils import timezone
from structlog.testing import capture_logs

from accounts.models import Notice, User
from audit.acts import Act
from audit.models import Event, EventDetails
from audit.refusals import RuleViolated, Stale
from certificates import emails
from certificates.models import Certificate, CertificationAuthority, LetterBatch, PinLetter
from certificates.services import acceptance, deliveries, letters
from certificates.worker import batch, letter_tasks, printing
from certificates.worker import letters as printer
from regulations.models import TargetSystemVersion
from tests.certificates import orders
from tests.certificates.test_delivery import token_of
from tests.harness.cloned import Clone
from tests.harness.jobs import Jobs
from tests.instants import WEDNESDAY_11_00
from tests.people import ORIGIN, People, signed_in
from vault.models import SealedBlob
from vault.services import decrypt

ADDRESS = {
    "name": "架空 花子",
    "company": "見本精機株式会社",
    "postal_code": "100-0001",
    "address": "東京都千代田区見本町1-1 𠮷田ビル",
}


@pytest.fixture
def spool(tmp_path: Path, settings: LazySettings) -> Path:
    """The folder that letters go to."""
    settings.PIN_LETTER_SPOOL = str(tmp_path)
    return tmp_path


@pytest.fixture
def made(people: People, version: TargetSystemVersion, issuing: CertificationAuthority) -> Certificate:
    """A PKCS#12 certificate for Hanako whose PIN goes by letter."""
    orders.make_desk(WEDNESDAY_11_00)
    return issued(people, version)


def issued(people: People, version: TargetSystemVersion, holder: User | None = None) -> Certificate:
    subscription = orders.subscription_of(holder, version) if holder else None
    wanted = orders.by_lra(version, pin_to=ADDRESS)
    order = orders.approved(people, orders.proposed(people, wanted, subscription=subscription))
    batch.run()
    return Certificate.objects.get(order=order)


def released(people: People, *keys: object) -> LetterBatch:
    wanted = [letter.pk for letter in PinLetter.objects.filter(status="waiting")]
    return letters.release(letters=wanted, actor=people.key_officer.actor(ORIGIN), at=timezone.now())


def statuses() -> list[str]:
    return list(PinLetter.objects.order_by("certificate", "number").values_list("status", flat=True))


def text_of(paper: bytes) -> str:
    with pypdfium2.PdfDocument(io.BytesIO(paper)) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


@pytest.mark.clause("J-5.2", "O-14.2")
@pytest.mark.needs("fonts-noto-cjk")
def test_a_released_letter_goes_to_the_printer_once_and_says_what_it_must(
    made: Certificate, people: People, spool: Path, jobs: Jobs
) -> None:
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        jobs.drop()
        jobs.run(letter_tasks.print_letters.name)
        assert not list(spool.iterdir())
        browser = signed_in(people.key_officer)
        page = browser.get(reverse("certificates:pin_letters")).content.decode()
        assert made.management_number in page
        letter = PinLetter.objects.get()
        answer = browser.post(reverse("certificates:release_letters"), {"letter": [str(letter.pk)]})
        assert answer.status_code == 302
        jobs.drain()
        jobs.run(letter_tasks.print_letters.name)
    (paper,) = spool.iterdir()
    assert paper.suffix == ".pdf"
    assert paper.stat().st_mode & 0o777 == 0o600
    text = text_of(paper.read_bytes()).replace(" ", "")
    assert made.pin is not None
    pin = decrypt(made.pin).decode()
    assert pin in text
    for part in (*ADDRESS.values(), "令和8年", "2026年", made.management_number, "03-0000-0000", "9:00", "18:00"):
        assert part.replace(" ", "") in text
    letter.refresh_from_db()
    assert (letter.status, letter.batch and letter.batch.released_by) == ("handed_over", people.key_officer)
    assert Event.objects.filter(act=Act.BLOB_OPEN, role="system:printer").count() == 1
    story = Event.objects.filter(story=made.story, act__startswith="pin_letter:").order_by("pk")
    assert list(story.values_list("act", "person_id")) == [
        (Act.PIN_LETTER_RELEASE, people.key_officer.pk),
        (Act.PIN_LETTER_PRINT, None),
        (Act.PIN_LETTER_HAND_OVER, None),
    ]


@pytest.mark.clause("J-5.2")
@pytest.mark.needs("fonts-noto-cjk")
def test_no_pin_and_no_paper_stays_behind(
    made: Certificate, people: People, spool: Path, jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    released(people)
    with capture_logs() as logs:
        jobs.run(letter_tasks.print_letters.name)
    assert made.pin is not None
    pin = decrypt(made.pin).decode()
    assert not Notice.objects.filter(kind=emails.PIN).exists()
    for kept in (PinLetter, LetterBatch, Notice, EventDetails):
        assert pin not in str(list(kept.objects.values()))
    assert pin not in str(logs) + caplog.text + "".join(str(letter.body) for letter in mail.outbox)
    assert [path.suffix for path in spool.iterdir()] == [".pdf"]


@pytest.mark.clause("J-5.2")
def test_no_page_serves_a_letter_and_no_other_role_has_to_do_with_it(made: Certificate, people: People) -> None:
    letter = PinLetter.objects.get()
    assert made.pin is not None
    pin = decrypt(made.pin).decode()
    for who in ("examiner", "approver", "agent", "administrator", "hanako", "rules_manager"):
        browser = signed_in(getattr(people, who))
        assert browser.get(reverse("certificates:pin_letters")).status_code == 404, who
        for name in ("letter_found", "letter_again", "letter_cancel"):
            assert browser.post(reverse(f"certificates:{name}", args=[letter.pk])).status_code == 404, who
        assert browser.post(reverse("certificates:release_letters"), {"letter": letter.pk}).status_code == 404, who
    for who in ("key_officer", "auditor"):
        answer = signed_in(getattr(people, who)).get(reverse("certificates:pin_letters"))
        assert answer["Content-Type"].startswith("text/html")
        assert pin not in answer.content.decode()
        assert ADDRESS["address"] not in answer.content.decode()
    assert (
        reverse("certificates:release_letters")
        in signed_in(people.key_officer).get("/office/pin-letters/").content.decode()
    )
    assert signed_in(people.auditor).post(reverse("certificates:release_letters")).status_code == 404
    assert statuses() == ["waiting"]


def test_what_can_not_be_released_is_said(made: Certificate, people: People) -> None:
    browser, page = signed_in(people.key_officer), reverse("certificates:release_letters")
    assert browser.post(page, {}).status_code == 422
    assert browser.post(page, {"letter": ["nonsense", str(made.pk)]}).status_code == 422
    assert not LetterBatch.objects.exists()


def test_nobody_releases_their_own_letter(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    issued(people, version, holder=people.key_officer)
    with pytest.raises(RuleViolated):
        released(people)
    assert statuses() == ["waiting"]


@pytest.mark.needs("fonts-noto-cjk")
def test_a_worker_that_died_leaves_a_letter_that_a_person_looks_for(
    made: Certificate, people: People, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(people)

    def die(_paper: bytes, *, name: str) -> None:
        raise SystemExit(name)

    with time_machine.travel(timezone.now(), tick=False) as clock:
        with monkeypatch.context() as patch:
            patch.setattr(printing, "hand_over", die)
            with pytest.raises(SystemExit):
                printer.print_released()
        assert statuses() == ["printing"]
        assert printer.print_released() == 0
        assert statuses() == ["printing"]
        clock.shift(printer.SLACK + timedelta(seconds=61))
        assert printer.print_released() == 0
    assert statuses() == ["unclear"]
    assert not list(spool.iterdir())
    assert Notice.objects.filter(kind=emails.ALARM, recipient=people.key_officer).count() == 1
    browser, letter = signed_in(people.key_officer), PinLetter.objects.get()
    page = browser.get(reverse("certificates:pin_letters")).content.decode()
    assert reverse("certificates:letter_found", args=[letter.pk]) in page
    assert browser.post(reverse("certificates:letter_again", args=[letter.pk])).status_code == 302
    assert browser.post(reverse("certificates:letter_again", args=[letter.pk])).status_code == 409
    assert statuses() == ["replaced", "waiting"]
    released(people)
    assert printer.print_released() == 1
    assert [path.name.split("-")[-6] for path in spool.iterdir()] == ["2"]
    assert statuses() == ["replaced", "handed_over"]


@pytest.mark.clause("J-5.2")
@pytest.mark.needs("fonts-noto-cjk")
def test_a_worker_that_died_while_it_wrote_the_paper_leaves_no_pin_in_the_folder(
    made: Certificate, people: People, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(people)
    kill = threading.Event()

    def cut(_descriptor: int) -> None:
        kill.set()
        raise SystemExit

    with time_machine.travel(timezone.now(), tick=False) as clock:
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", cut)
            # A killed process tidies nothing up.
            patch.setattr(Path, "unlink", lambda *_facts, **_more: None)
            with pytest.raises(SystemExit):
                printer.print_released()
        assert kill.is_set()
        assert [path.suffix for path in spool.iterdir()] == [".half"]
        clock.shift(timedelta(hours=1))
        assert printer.print_released() == 0
    assert (statuses(), list(spool.iterdir())) == (["unclear"], [])


@pytest.mark.needs("fonts-noto-cjk")
def test_a_pin_that_does_not_open_stops_its_own_letter_and_no_other(
    made: Certificate, people: People, version: TargetSystemVersion, spool: Path
) -> None:
    other = issued(people, version, holder=people.outsider)
    # The way of a row that came back wrong from a copy: the ciphertext belongs to another one.
    assert made.pin is not None
    assert other.pin is not None
    SealedBlob.objects.filter(pk=made.pin.pk).update(nonce=other.pin.nonce)
    released(people)
    assert printer.print_released() == 1
    standing = dict(PinLetter.objects.values_list("certificate", "status"))
    assert standing == {made.pk: "failed", other.pk: "handed_over"}
    browser = signed_in(people.key_officer)
    browser.cookies["django_language"] = "en"
    assert "The stored PIN can" in browser.get(reverse("certificates:pin_letters")).content.decode()
    assert Notice.objects.filter(kind=emails.ALARM, recipient=people.key_officer).count() == 1


@pytest.mark.needs("fonts-noto-cjk")
def test_a_letter_that_was_printed_is_not_printed_again_when_the_worker_died_after_it(
    made: Certificate, people: People, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(people)

    def die(*_facts: object) -> None:
        raise SystemExit

    with time_machine.travel(timezone.now(), tick=False) as clock:
        with monkeypatch.context() as patch:
            patch.setattr(printer, "_settle", die)
            with pytest.raises(SystemExit):
                printer.print_released()
        assert len(list(spool.iterdir())) == 1
        clock.shift(timedelta(hours=1))
        assert printer.print_released() == 0
    assert (statuses(), len(list(spool.iterdir()))) == (["unclear"], 1)
    found = reverse("certificates:letter_found", args=[PinLetter.objects.get().pk])
    assert signed_in(people.key_officer).post(found).status_code == 302
    assert signed_in(people.key_officer).post(found).status_code == 409
    assert statuses() == ["handed_over"]


def test_letters_that_nobody_releases_call_the_key_officers_once_a_day(made: Certificate, people: People) -> None:
    alarms = Notice.objects.filter(kind=emails.ALARM, recipient=people.key_officer)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        printer.print_released()
        assert not alarms.exists()
        clock.move_to((timezone.now() + timedelta(days=6)).replace(hour=3))
        for _hour in range(3):
            printer.print_released()
            clock.shift(timedelta(hours=1))
        assert alarms.count() == 1
        clock.shift(timedelta(days=1))
        printer.print_released()
    assert alarms.count() == 2


@pytest.mark.needs("fonts-noto-cjk")
def test_a_late_worker_does_not_overrule_who_looked(
    made: Certificate, people: People, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(people)

    def slow(_paper: bytes, *, name: str) -> None:
        letter = PinLetter.objects.select_related("certificate").get()
        letters.move(letter, Act.PIN_LETTER_LOSE, printer.PRINTER, timezone.now(), failure="worker_lost")
        letters.found_printed(letter=letter, actor=people.key_officer.actor(ORIGIN), at=timezone.now())

    monkeypatch.setattr(printing, "hand_over", slow)
    assert printer.print_released() == 0
    assert statuses() == ["handed_over"]
    assert Event.objects.filter(act=Act.PIN_LETTER_FIND, person_id=people.key_officer.pk).count() == 1


@pytest.mark.needs("fonts-noto-cjk")
@pytest.mark.parametrize(
    ("command", "status", "failure"),
    [
        (["sh", "-c", "cat > /dev/null"], "handed_over", ""),
        (["sh", "-c", 'test -z "$VAULT_KEY_PIN" && head -c 5 | grep -q %PDF-'], "handed_over", ""),
        (["sh", "-c", "exit 3"], "failed", "command_says_3"),
        (["no-such-print-command"], "failed", "no_command"),
        (["sleep", "30"], "unclear", "time_limit"),
    ],
)
def test_what_the_print_command_says_becomes_the_state(
    made: Certificate, people: People, settings: LazySettings, command: list[str], status: str, failure: str
) -> None:
    settings.PIN_LETTER_COMMAND, settings.PIN_LETTER_SECONDS = command, 1 if command[0] == "sleep" else 20
    released(people)
    printer.print_released()
    letter = PinLetter.objects.get()
    assert (letter.status, letter.failure) == (status, failure)
    browser = signed_in(people.key_officer)
    assert (
        reverse("certificates:letter_again", args=[letter.pk]) in browser.get("/office/pin-letters/").content.decode()
    ) == bool(failure)


@pytest.mark.needs("fonts-noto-cjk")
def test_without_a_printer_nothing_is_lost(made: Certificate, people: People) -> None:
    released(people)
    printer.print_released()
    assert list(PinLetter.objects.values_list("status", "failure")) == [("failed", "no_printer")]
    answer = signed_in(people.key_officer).post(
        reverse("certificates:letter_cancel", args=[PinLetter.objects.get().pk])
    )
    assert answer.status_code == 302
    assert statuses() == ["cancelled"]


def test_a_dead_certificate_gets_no_letter(made: Certificate, people: People, spool: Path) -> None:
    released(people)
    Certificate.objects.filter(pk=made.pk).update(revoked_at=timezone.now(), ground="key_compromise")
    assert printer.print_released() == 0
    assert statuses() == ["cancelled"]
    assert not list(spool.iterdir())
    assert not Event.objects.filter(act=Act.BLOB_OPEN, role="system:printer").exists()


@pytest.mark.needs("fonts-noto-cjk")
def test_workers_at_once_print_each_letter_once(
    clone: Clone, people: People, version: TargetSystemVersion, issuing: CertificationAuthority, spool: Path
) -> None:
    for holder in (people.hanako, people.outsider):
        issued(people, version, holder=holder)
    released(people)
    barrier, counted = threading.Barrier(4), list[int]()

    def work() -> None:
        barrier.wait()
        counted.append(printer.print_released())
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counted) == len(list(spool.iterdir())) == 2


@pytest.mark.needs("fonts-noto-cjk")
def test_the_holder_reads_of_the_letter_and_asks_again_when_it_did_not_come(
    made: Certificate, people: People, spool: Path
) -> None:
    hanako = people.hanako.actor(ORIGIN)
    ready = Notice.objects.get(kind=emails.READY)
    assert ready.context["pin_way"] == "letter"
    browser, page = signed_in(people.hanako), reverse("certificates:detail", args=[made.pk])
    assert "郵便" in browser.get(page).content.decode()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        with pytest.raises(RuleViolated):
            deliveries.send_pin_again(certificate=made, actor=hanako, at=timezone.now())
        released(people)
        printer.print_released()
        with pytest.raises(RuleViolated):
            deliveries.send_pin_again(certificate=made, actor=hanako, at=timezone.now())
        clock.shift(timedelta(days=4))
        deliveries.send_pin_again(certificate=made, actor=hanako, at=timezone.now())
    assert statuses() == ["handed_over", "waiting"]
    deliveries.download(token=token_of(made), actor=hanako, at=timezone.now())
    assert acceptance.accept(certificate=made, actor=hanako, at=timezone.now()).delivery == "accepted"


def test_the_database_keeps_letters_and_who_released_them(made: Certificate, people: People) -> None:
    letter = PinLetter.objects.get()
    at = timezone.now()
    for change in (
        lambda: PinLetter.objects.filter(pk=letter.pk).update(status="handed_over"),
        lambda: PinLetter.objects.filter(pk=letter.pk).update(status="released"),
        lambda: PinLetter.objects.filter(pk=letter.pk).update(number=9),
        lambda: PinLetter.objects.filter(pk=letter.pk).delete(),
        lambda: PinLetter.objects.create(certificate=made, number=2, status_since=at, created_at=at),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    released(people)
    with pytest.raises(DatabaseError), transaction.atomic():
        LetterBatch.objects.update(released_by=people.second_key_officer)
    with pytest.raises(Stale):
        letters.print_again(letter=PinLetter.objects.get(), actor=people.key_officer.actor(ORIGIN), at=at)


def test_the_address_is_part_of_what_is_approved(made: Certificate) -> None:
    assert made.order.frozen["pin_to"] == ADDRESS
    made.order.frozen["pin_to"]["address"] = "elsewhere"
    with pytest.raises(DatabaseError), transaction.atomic():
        made.order.save(update_fields=["frozen"])
