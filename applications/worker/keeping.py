"""The end of retention: documents are destroyed and contents erased. The sweep may run twice."""

from django.utils import timezone

from applications.services import retention
from audit.actors import Actor

KEEPER = Actor.system("retention")
# A task does not run for ever; the next beat goes on where this one stopped.
MOST_BATCHES = 20


def end() -> None:
    """Go through what is due, a batch at a time."""
    for sweep in (retention.destroy_documents, retention.erase_contents, retention.erase_notices):
        for _batch in range(MOST_BATCHES):
            if not sweep(actor=KEEPER, at=timezone.now()):
                break
