"""What the worker does that holds no key: it looks at lists and responder as everybody else does."""

from celery import shared_task
from django.utils import timezone

from revocation.worker import asking, examining


@shared_task(name="revocation.examine")
def examine() -> None:
    """Examine the lists that are served, as somebody from outside would."""
    examining.examine_published(at=timezone.now())


@shared_task(name="revocation.ask_responder")
def ask_responder() -> None:
    """Ask the responder as relying parties do, and note how that went for the public page."""
    asking.ask_responders(at=timezone.now())
