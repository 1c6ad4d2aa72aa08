"""Entry points of the worker; the work is in its neighbours."""

from celery import shared_task

from applications.worker import deadlines


@shared_task(name="applications.sweep")
def sweep() -> None:
    """Look at every deadline of applications."""
    deadlines.sweep()
