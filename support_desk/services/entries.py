"""What every act on a ticket has in common: nobody overwrites, and what was said is an entry that stays."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Stale, Violation
from audit.services import record, transition
from regulations.text import TextError, clean
from support_desk import rules
from support_desk.models import Ticket, TicketEntry
from support_desk.states import TICKET


class Overtaken(Stale):
    """Somebody wrote into the ticket since the page was opened; nothing of what was typed is lost."""

    code = "overtaken"
    message = _("Something happened here while you were writing. Please read it first; what you typed is kept.")


@dataclass(frozen=True)
class Seen:
    """How a ticket stood for whoever acts: None where nobody looked, such as for a mail that comes in."""

    version: int | None = None


UNSEEN = Seen()


def held(ticket: Ticket, seen: Seen = UNSEEN) -> Ticket:
    """Return the ticket as it is now, locked until the transaction ends. Raises Overtaken when it went on since."""
    row = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    if seen.version is not None and seen.version != row.version:
        raise Overtaken(seen=seen.version, now=row.version)
    return row


@dataclass(frozen=True)
class Words:
    """An entry to be: its kind and text, the mail that it came in, and the notice that carries it out.

    What a mail says was made showable when it was read, and may be longer than what is `typed` here.
    """

    kind: str
    text: str
    more: dict[str, Any] = field(default_factory=dict)
    typed: bool = True


def write(*, ticket: Ticket, words: Words, act: Act, actor: Actor, at: datetime) -> TicketEntry:
    """Write one entry into a ticket that `held` gave, with its record. Raises RuleViolated for an empty text."""
    violations = rules.check_text(words.text) if words.typed else []
    if violations:
        raise RuleViolated(violations)
    text = cleaned(words.text, "text") if words.typed else words.text
    entry = TicketEntry.objects.create(
        ticket=ticket, kind=words.kind, text=text, author_id=actor.person_id, at=at, **words.more
    )
    record(act=act, actor=actor, at=at, subject=ticket, details={"entry": words.kind})
    return entry


def changed(ticket: Ticket, **columns: Any) -> Ticket:
    """Set columns of a ticket that `held` gave, and let its version grow."""
    Ticket.objects.filter(pk=ticket.pk).update(version=ticket.version + 1, **columns)
    ticket.refresh_from_db()
    return ticket


def moved(*, ticket: Ticket, act: Act, actor: Actor, at: datetime, columns: dict[str, Any]) -> Ticket:
    """Move a ticket that `held` gave, and let its version grow. Raises Stale from a state that has no such move."""
    columns = {**columns, "version": ticket.version + 1}
    details = {"late": bool(ticket.due_at and ticket.due_at < at)}
    return transition(machine=TICKET, row=ticket, act=act, actor=actor, at=at, columns=columns, details=details)


def cleaned(text: str, field_name: str) -> str:
    """Return a text as it is kept. Raises RuleViolated at `field_name` for characters that nobody can see."""
    try:
        return clean(text, multiline=field_name in {"matter", "text", "note"})
    except TextError as error:
        raise RuleViolated([Violation(field_name, error.code, error.message)]) from error
