"""What the page of PIN letters shows: who waits for one, what became of those released. No PIN and no address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate, LetterBatch, PinLetter

PAGE: Final = 100
BATCHES: Final = 30
TROUBLED: Final = ("unclear", "failed")
FAILURES: Final[dict[str, str | Promise]] = {
    "no_printer": _("No printer is set up for letters."),
    "no_command": _("The print command can't be started."),
    "no_fonts": _("The Japanese letters are missing on the machine that prints."),
    "folder": _("The folder for letters can't be written to."),
    "time_limit": _("The print command did not end in time."),
    "command_killed": _("The print command was ended from outside."),
    "pin_closed": _("The stored PIN can't be opened."),
    "worker_lost": _("The process that printed it was ended in the middle."),
}


@dataclass(frozen=True)
class Trouble:
    """A letter that did not get through, with the reason in words."""

    letter: PinLetter
    words: str | Promise


@dataclass(frozen=True)
class BatchRow:
    """A batch in the history: who and when, how many, and how many of them stand how."""

    batch: LetterBatch
    total: int
    results: list[tuple[str, int]]


def waiting() -> list[PinLetter]:
    """Return the letters that wait to be released, the oldest first."""
    return list(_with_certificates().filter(status="waiting").order_by("created_at", "pk")[:PAGE])


def waiting_count() -> int:
    """Return how many letters wait to be released."""
    return PinLetter.objects.filter(status="waiting").count()


def troubled() -> list[Trouble]:
    """Return the letters that a person has to look after, the oldest first."""
    rows = _with_certificates().filter(status__in=TROUBLED).order_by("status_since", "pk")[:PAGE]
    return [Trouble(row, words_of(row.failure)) for row in rows]


def words_of(failure: str) -> str | Promise:
    """Return why a letter was not printed, in words; what only the machine knows stands as it is."""
    return FAILURES.get(failure) or _("The printer did not take it: %(reason)s.") % {"reason": failure}


def batches() -> list[BatchRow]:
    """Return the newest batches with their results."""
    rows = list(LetterBatch.objects.select_related("released_by").order_by("-released_at", "-pk")[:BATCHES])
    counted = PinLetter.objects.filter(batch__in=rows).values_list("batch", "status").order_by("status")
    found = list(counted.annotate(n=Count("pk")))
    made = []
    for row in rows:
        results = [(status, n) for batch, status, n in found if batch == row.pk]
        made.append(BatchRow(row, sum(n for _status, n in results), results))
    return made


def letter_sent_at(certificate: Certificate) -> datetime | None:
    """Return when the last letter with a certificate's PIN went to the printer, or None."""
    sent = certificate.pin_letters.filter(status="handed_over").order_by("-status_since")
    return sent.values_list("status_since", flat=True).first()


def _with_certificates() -> QuerySet[PinLetter]:
    return PinLetter.objects.select_related("certificate", "batch")
