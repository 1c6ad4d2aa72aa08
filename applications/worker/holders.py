"""Reminders to holders, of receipt and of the end of certificates. Mail is the worker's; the signer only signs."""

from django.utils import timezone

from audit.actors import Actor
from certificates.services import reminding

REMINDER = Actor.system("reminders")


def remind() -> None:
    """Write one batch: the rest waits for the next beat, so that a day with many ends floods nobody."""
    reminding.remind(actor=REMINDER, at=timezone.now())
    reminding.remind_of_keys(actor=REMINDER, at=timezone.now())
