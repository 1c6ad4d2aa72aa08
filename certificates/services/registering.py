"""The register taken away as a file."""

from collections.abc import Mapping
from datetime import datetime

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.services import record


def take_register(*, what: Mapping[str, str], actor: Actor, at: datetime) -> None:
    """Record that somebody took the register away as a file; `what` is how it was narrowed down (O-9)."""
    actor = authorise(actor=actor, act=Act.REGISTER_EXPORT)
    record(act=Act.REGISTER_EXPORT, actor=actor, at=at, details=what)
