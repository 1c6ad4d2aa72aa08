"""Searching and looking people up: masked, and on record (O-9)."""

from datetime import datetime

from accounts.models import User
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.services import record
from support_desk.search_selectors import Found, found


def search(*, text: str, actor: Actor, at: datetime) -> Found:
    """Return people and tickets that fit `text`; that somebody searched, and how many were found, is recorded."""
    actor = authorise(actor=actor, act=Act.DESK_SEARCH)
    hits = found(text)
    details = {"text": text, "found": len(hits.people), "tickets": len(hits.tickets)}
    record(act=Act.DESK_SEARCH, actor=actor, at=at, details=details)
    return hits


def show_person(*, person: User, actor: Actor, at: datetime) -> None:
    """Record that somebody of the call center opened a person's page."""
    actor = authorise(actor=actor, act=Act.DESK_WORK)
    record(act=Act.DESK_WORK, actor=actor, at=at, subject=person)
