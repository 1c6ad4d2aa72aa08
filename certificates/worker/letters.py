"""PIN letters in the worker, the only place where they exist: PIN opened, PDF made, handed over, forgotten (J-5.2).

Claimed from rows. What is printed leaves no trace here: the PDF is made in memory, and neither it nor the PIN goes into
a row, a log line or a temporary file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.actors import Actor
from audit.acts import Act
from audit.refusals import Stale
from certificates.models import PinLetter
from certificates.services import alarms, letters
from certificates.worker import letter_paper, printing
from certificates.worker.printing import NotPrintedError, UnclearError
from regulations.calendar import tokyo
from regulations.selectors import business_calendar, contact_point
from vault.services import open_blob

log = structlog.get_logger(__name__)
PRINTER: Final = Actor.system("printer")
BATCH: Final = 50
# Longer than making a letter and its time limit together.
SLACK: Final = timedelta(minutes=5)
PAGE: Final = "office/pin-letters/"


@dataclass(frozen=True)
class Claimed:
    """A letter that this worker alone prints now, with the PIN that it opened."""

    letter: PinLetter
    pin: str


def print_released() -> int:
    """Hand up to one batch of released letters to the printer; returns how many went there."""
    look_after_lost(timezone.now())
    look_after_waiting(timezone.now())
    printed = 0
    for _ in range(BATCH):
        claimed = _claim(timezone.now())
        if claimed is None:
            break
        printed += _print(claimed)
    return printed


@transaction.atomic
def look_after_lost(at: datetime) -> None:
    """Mark letters `unclear` whose worker has died: perhaps they lie in the tray, and a person has to look."""
    limit = at - SLACK - timedelta(seconds=settings.PIN_LETTER_SECONDS)
    lost = PinLetter.objects.select_for_update(skip_locked=True, of=("self",)).select_related("certificate")
    for letter in lost.filter(status="printing", status_since__lt=limit):
        _settle(letter, Act.PIN_LETTER_LOSE, at, "worker_lost")
        _forget_half(letter)


def _forget_half(letter: PinLetter) -> None:
    """Remove a half-written paper; a folder that does not let it keeps no other letter from being looked after."""
    try:
        printing.forget(name=_name(letter))
    except NotPrintedError as error:
        log.warning("half of a PIN letter not removed", letter=str(letter.pk), reason=str(error))


def _name(letter: PinLetter) -> str:
    """Return the name of a letter's file, which no other letter has."""
    return f"{letter.certificate.management_number}-{letter.number}-{letter.pk}"


def look_after_waiting(at: datetime) -> None:
    """Call the key officers, once a day, when a letter has waited for its release longer than a business day (G6)."""
    oldest = PinLetter.objects.filter(status="waiting").order_by("created_at").first()
    if oldest is not None and business_calendar().due(oldest.created_at, business_days=1) <= at:
        count = PinLetter.objects.filter(status="waiting").count()
        what = f"{count} PIN letter(s) wait to be released, the oldest since {tokyo(oldest.created_at):%Y-%m-%d %H:%M}"
        alarms.raise_alarm(what=what, key="letters/waiting", at=at, page=PAGE, once=alarms.DAILY)


@transaction.atomic
def _claim(at: datetime) -> Claimed | None:
    """Claim the next released letter and open its PIN, on record; None when nothing waits.

    Committed before anything is printed: from here on nobody else prints it, whatever becomes of this process.
    """
    rows = PinLetter.objects.select_for_update(skip_locked=True, of=("self",))
    related = rows.select_related("certificate__pin", "certificate__order", "certificate__holder")
    for letter in related.filter(status="released").order_by("status_since", "created_at", "pk")[:BATCH]:
        if letters.cancelled_if_dead(letter, PRINTER, at):
            continue
        letters.move(letter, Act.PIN_LETTER_PRINT, PRINTER, at)
        pin = _opened(letter, at)
        if pin:
            return Claimed(letter, pin)
        _settle(letter, Act.PIN_LETTER_FAIL, at, "pin_closed")
    return None


def _opened(letter: PinLetter, at: datetime) -> str:
    """Return the PIN of a letter, or "" where it does not open: the letters behind it must not wait for that."""
    blob, story = letter.certificate.pin, letter.certificate.story
    if blob is None:
        return ""
    reason = f"PIN letter {letter.number} of {letter.certificate.management_number}"
    try:
        return open_blob(blob=blob, actor=PRINTER, reason=reason, at=at, story=story).decode()
    except (InvalidTag, KeyError, ValueError):
        return ""


def _print(claimed: Claimed) -> bool:
    """Make the letter and hand it over, then say what became of it; tells whether it went to the printer."""
    letter = claimed.letter
    act, failure = Act.PIN_LETTER_HAND_OVER, ""
    try:
        paper = letter_paper.made(letter, claimed.pin, desk=contact_point(timezone.now()), at=timezone.now())
        printing.hand_over(paper, name=_name(letter))
    except UnclearError as error:
        act, failure = Act.PIN_LETTER_LOSE, str(error)
    except NotPrintedError as error:
        act, failure = Act.PIN_LETTER_FAIL, str(error)
    except Exception as error:  # noqa: BLE001 — a task's edge; the message of such an error could quote the letter
        act, failure = Act.PIN_LETTER_FAIL, type(error).__name__
    try:
        _settle(letter, act, timezone.now(), failure)
    except Stale:
        log.warning("PIN letter came too late", letter=str(letter.pk))
        return False
    return act == Act.PIN_LETTER_HAND_OVER


@transaction.atomic
def _settle(letter: PinLetter, act: Act, at: datetime, failure: str) -> None:
    """Write down what became of a letter; one that did not get through calls a key officer (G6)."""
    letters.move(letter, act, PRINTER, at, failure=failure)
    if failure:
        number = letter.certificate.management_number
        log.warning("PIN letter not printed", letter=str(letter.pk), reason=failure)
        what = f"PIN letter {letter.number} of {number} did not get through ({failure}); please look after it"
        alarms.raise_alarm(what=what, key=f"letter/{letter.pk}", at=at, page=PAGE)
