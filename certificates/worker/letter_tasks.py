"""The task of the worker that prints PIN letters; it knows no CA key."""

from celery import shared_task

from certificates.services.letters import PRINT
from certificates.worker import letters


@shared_task(name=PRINT)
def print_letters() -> None:
    """Print what was released, and find what a dead worker left."""
    letters.print_released()
