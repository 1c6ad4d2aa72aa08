"""Entry points of the signer. Messages are nudges; the rows say what there is to do."""

from celery import shared_task

from certificates.worker import batch, sweeps


@shared_task(name="certificates.sign_batch")
def sign_batch() -> None:
    """Sign what is queued."""
    batch.run()


@shared_task(name="certificates.sweep")
def sweep() -> None:
    """Find what a dead signer left, and sign what a lost nudge left."""
    sweeps.sweep()
    batch.run()
