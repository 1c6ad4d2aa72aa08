"""The one task of this room that the worker runs, which knows no CA key: looking at what is stored."""

from celery import shared_task
from django.utils import timezone

from certificates.worker import check_rounds


@shared_task(name=check_rounds.TASK)
def check() -> None:
    """Go on with the look at everything stored."""
    check_rounds.go_on(at=timezone.now())
