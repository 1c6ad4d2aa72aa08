"""What the worker does that holds no key: it looks at lists and responder as everybody else does, and revokes many."""

import time

from celery import shared_task
from django.utils import timezone

from accounts.nudges import nudge
from audit.actors import Actor
from revocation.services import mass
from revocation.worker import asking, examining

MASS_WORKER = Actor.system("mass revocation")
MASS_SECONDS = 5.0


@shared_task(name="revocation.examine")
def examine() -> None:
    """Examine the lists that are served, as somebody from outside would."""
    examining.examine_published(at=timezone.now())


@shared_task(name="revocation.ask_responder")
def ask_responder() -> None:
    """Ask the responder as relying parties do, and note how that went for the public page."""
    asking.ask_responders(at=timezone.now())


@shared_task(name="revocation.mass")
def revoke_many() -> None:
    """Revoke what mass revocations have left, for a few seconds; then the next run goes on."""
    until = time.monotonic() + MASS_SECONDS
    while mass.revoke_batch(actor=MASS_WORKER, at=timezone.now()):
        if time.monotonic() > until:
            nudge("revocation.mass")
            return
