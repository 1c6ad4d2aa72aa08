"""What the worker runs of this room, which knows no CA key: looking at what is stored, and whether it is sealed."""

from celery import shared_task
from django.utils import timezone

from certificates.services import seals
from certificates.worker import check_rounds


@shared_task(name=check_rounds.TASK)
def check() -> None:
    """Go on with the look at everything stored."""
    check_rounds.go_on(at=timezone.now())


@shared_task(name="certificates.watch_seals")
def watch_seals() -> None:
    """Look whether the evidence is sealed in time."""
    seals.watch(at=timezone.now())
