"""Entry points of the signer. Messages are nudges; the rows say what there is to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from celery import shared_task
from django.utils import timezone

from certificates.worker import batch, samples, sealing, sweeps, vitals


@shared_task(name="certificates.sign_batch")
def sign_batch() -> None:
    """Sign what is queued."""
    with _in_sight():
        batch.run()


@shared_task(name="certificates.sweep")
def sweep() -> None:
    """Find what a dead signer left, sign what a lost nudge left, and build the samples that wait."""
    with _in_sight():
        sweeps.sweep()
        batch.run()
    samples.build_waiting()


@shared_task(name="certificates.build_samples")
def build_samples() -> None:
    """Build the sample certificates of drafts of rules."""
    samples.build_waiting()


@shared_task(name="certificates.seal")
def seal() -> None:
    """Seal the evidence that waits; the publisher does this, so that no batch of certificates delays it."""
    sealing.seal_and_beat(at=timezone.now())


@contextmanager
def _in_sight() -> Iterator[None]:
    """Show on the office's page that a batch broke off; the sweep picks up what it had claimed."""
    try:
        yield
    except Exception as error:
        vitals.beat_if_possible(batch.signer_name(), refuses=f"the last batch broke off: {type(error).__name__}")
        raise
