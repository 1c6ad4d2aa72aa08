"""PIN letters before and after the printer: a person releases them, and says what became of one nobody can know of.

Nobody here opens a PIN: that is the worker's (`worker/letters.py`). A letter is handed to the printer at most once. A
secret that lies in a tray unknown to everybody is worse than a letter that a person has to ask for; so when the worker
dies between printer and commit, the letter is `unclear`, and somebody looks into the tray (J-5.2).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.nudges import nudge
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotAllowed, RuleViolated, Stale, Violation
from audit.services import record
from certificates.models import LetterBatch, PinLetter
from certificates.services.deliveries import refuse_dead
from certificates.services.pins import ByLetter
from certificates.states import PIN_LETTER

PRINT: Final = "certificates.print_letters"
MOST: Final = 100


@transaction.atomic
def release(*, letters: Collection[UUID], actor: Actor, at: datetime) -> LetterBatch:
    """Let letters be printed, as one batch with who and when; what can't be sent any more is cancelled.

    Raises RuleViolated when none of them waits, or one is the actor's own.
    """
    actor = authorise(actor=actor, act=Act.PIN_LETTER_RELEASE)
    if actor.person_id is None:
        raise NotAllowed(act=Act.PIN_LETTER_RELEASE.value)
    rows = PinLetter.objects.select_for_update(of=("self",)).select_related("certificate").order_by("created_at")
    waiting = list(rows.filter(pk__in=list(letters)[:MOST], status="waiting"))
    if any(row.certificate.holder_id == actor.person_id for row in waiting):
        message = _("One of these letters is for yourself. Another key officer has to release it.")
        raise RuleViolated([Violation(None, "own_letter", message)])
    going = [row for row in waiting if not cancelled_if_dead(row, actor, at)]
    if not going:
        message = _("None of these letters waits any more. Please choose at least one that does.")
        raise RuleViolated([Violation(None, "nothing_waits", message)])
    batch = LetterBatch.objects.create(released_by_id=actor.person_id, released_at=at)
    for row in going:
        move(row, Act.PIN_LETTER_RELEASE, actor, at, batch=batch)
    nudge(PRINT)
    return batch


@transaction.atomic
def found_printed(*, letter: PinLetter, actor: Actor, at: datetime) -> PinLetter:
    """Say that a letter of which nobody could know lies in the tray. Raises Stale for any other letter."""
    actor = authorise(actor=actor, act=Act.PIN_LETTER_FIND)
    return move(letter, Act.PIN_LETTER_FIND, actor, at)


@transaction.atomic
def print_again(*, letter: PinLetter, actor: Actor, at: datetime) -> None:
    """Let another letter wait in the place of one that was not printed, or not found.

    Raises Stale for a letter in any other state, RuleViolated when the certificate is dead or the PIN is gone.
    """
    actor = authorise(actor=actor, act=Act.PIN_LETTER_REPLACE)
    refuse_dead(letter.certificate, at)
    if letter.certificate.pin_id is None:
        raise RuleViolated([Violation(None, "no_pin", _("There is no PIN for this certificate."))])
    replaced = move(letter, Act.PIN_LETTER_REPLACE, actor, at)
    ByLetter().post([replaced.certificate], at, fresh=False)


@transaction.atomic
def cancel(*, letter: PinLetter, actor: Actor, at: datetime) -> PinLetter:
    """Let a letter be: it is not printed, or counts as lost. Raises Stale once it was handed over."""
    actor = authorise(actor=actor, act=Act.PIN_LETTER_CANCEL)
    return move(letter, Act.PIN_LETTER_CANCEL, actor, at, failure="cancelled")


def cancelled_if_dead(letter: PinLetter, actor: Actor, at: datetime) -> bool:
    """Cancel a letter whose certificate is dead or whose PIN is gone; tell whether that was so. In a transaction."""
    try:
        refuse_dead(letter.certificate, at)
    except RuleViolated as dead:
        reason = dead.violations[0].code
    else:
        reason = "" if letter.certificate.pin_id is not None else "no_pin"
    if reason:
        move(letter, Act.PIN_LETTER_CANCEL, actor, at, failure=reason)
    return bool(reason)


def move(letter: PinLetter, act: Act, actor: Actor, at: datetime, **columns: object) -> PinLetter:
    """Move a letter, on record in the story of its certificate; what is recorded names numbers, never a secret."""
    certificate = letter.certificate
    details = {"letter": letter.number, "management_number": certificate.management_number}
    details |= {key: str(value) for key, value in columns.items() if key == "failure" and value}
    before = letter.status
    step = PIN_LETTER.move(act)
    values = {"status": step.target, "status_since": at, **columns}
    if not PinLetter.objects.filter(pk=letter.pk, status__in=step.sources).filter(status=before).update(**values):
        raise Stale(state=before)
    record(
        act=act, actor=actor, at=at, subject=letter, story=certificate.story, details=details,
        moved=(before, step.target),
    )  # fmt: skip
    letter.refresh_from_db()
    return letter
