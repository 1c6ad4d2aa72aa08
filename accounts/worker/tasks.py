"""Entry points of the worker; the work is in `mailing`."""

from celery import shared_task

from accounts.worker import mailing


@shared_task(name="accounts.send_notices")
def send_notices() -> None:
    """Hand over what waits in the outbox."""
    mailing.send_waiting()
