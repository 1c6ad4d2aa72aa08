"""Deadlines of applications: reminders before they pass, and lapsing after (O-4.2). Each sweep may run twice."""

from django.utils import timezone

from applications.services import alarms, asking, batches, change_alarms, confirming, intake, leaving
from audit.actors import Actor

CLOCK = Actor.system("deadlines")


def sweep() -> None:
    """Raise alarms, remind whoever was asked, let unanswered applications lapse, and drafts nobody touches any more."""
    at = timezone.now()
    alarms.raise_due(actor=CLOCK, at=at)
    change_alarms.raise_due(actor=CLOCK, at=at)
    asking.remind(actor=CLOCK, at=at)
    asking.lapse_unanswered(actor=CLOCK, at=at)
    intake.lapse_drafts(actor=CLOCK, at=at)
    confirming.remind(actor=CLOCK, at=at)
    confirming.lapse_unconfirmed(actor=CLOCK, at=at)
    batches.discard_forgotten(actor=CLOCK, at=at)
    batches.forget_left_out(at=at)
    leaving.release_claims(at=at)
