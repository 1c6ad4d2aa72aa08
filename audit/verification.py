"""Holding an event's details against the digest that the event keeps (O-16.2.7)."""

import hashlib

from audit.models import Event
from audit.services import canonical


def details_are_true(event: Event) -> bool | None:
    """Tell whether the details are the ones that were recorded; None where they were erased by retention."""
    details = getattr(event, "details", None)
    if details is None:
        return None
    digest = hashlib.sha256(bytes(details.salt) + canonical(details.body)).digest()
    return digest == bytes(event.details_digest)
