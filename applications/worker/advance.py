"""Mails about documents: of coming versions, and to those who have to agree anew. The sweep may run twice."""

from django.utils import timezone

from applications.services import advance, renewing
from audit.actors import Actor

WRITER = Actor.system("documents")
# A task does not run for ever; the next sweep goes on where this one stopped.
MOST_BATCHES = 500


def write() -> None:
    """Write what waits, batch by batch, each in a transaction of its own."""
    for _batch in range(MOST_BATCHES):
        if not advance.write_next(actor=WRITER, at=timezone.now()):
            break
    for _batch in range(MOST_BATCHES):
        if not renewing.ask(actor=WRITER, at=timezone.now()):
            break
