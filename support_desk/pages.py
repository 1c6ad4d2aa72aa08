"""What the desk's templates are given: reads put together for one page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from applications.rules.masking import mask
from certificates.services.start_notices import came_back
from regulations.calendar import closing_of, tokyo
from regulations.selectors import business_calendar, contact_point
from support_desk import rules, speaking
from support_desk.models import Ticket, TicketEntry
from support_desk.selectors import matched_items, near, overdue, page_of, registered_answers, waiting
from support_desk.services.callers import is_locked

SHOWN = 50


def desk(at: datetime) -> dict[str, Any]:
    """Return what every page of the desk shows: the hour, whether the desk is open, how many wait."""
    calendar = business_calendar()
    is_open = calendar.is_open(at)
    return {
        "at": at,
        "is_open": is_open,
        "closes_at": closing_of(tokyo(at).date()) if is_open else None,
        "opens_at": None if is_open else calendar.next_opening(at),
        "waiting": list(waiting()[:SHOWN]),
        "overdue": overdue(at),
        "near": near(at),
        "contact": contact_point(at),
        "kinds": rules.KINDS,
    }


def person(found: User, at: datetime) -> dict[str, Any]:
    """Return the page of one person, masked, with sentences to read aloud."""
    page = page_of(found)
    returned = came_back(page.certificates)
    return {
        "page": page,
        "masked": masked_values(found, {}),
        "certificates": [(row, speaking.state_of(row, at)) for row in page.certificates],
        "start_came_back": [row for row in page.certificates if row.pk in returned],
        "applications": [(row, speaking.of_application(row)) for row in page.applications],
    }


def masked_values(found: User, opened: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return registered telephone and mail address, masked but for what a reason has opened."""
    shown = {"phone": mask(found.phone, "tel"), "email": mask(found.email, "email")}
    return [
        {"field": field, "shown": opened.get(field, shown[field]), "open": field in opened or not shown[field]}
        for field in ("phone", "email")
    ]


def ticket(row: Ticket, at: datetime, opened: Mapping[str, str]) -> dict[str, Any]:
    """Return the page of one ticket."""
    context: dict[str, Any] = {
        "ticket": row,
        "entries": [(entry, rules.ENTRY_KINDS.get(entry.kind, entry.kind)) for entry in _entries(row)],
        "kind": rules.KINDS.get(row.kind),
        "left": business_calendar().business_days_left(at, row.due_at) if row.due_at else 0,
        "channel": rules.CHANNELS[row.channel],
    }
    if row.person is None:
        return context
    matched = matched_items(row)
    context |= person(row.person, at) | {"masked": masked_values(row.person, opened)}
    checks = {check.item: check for check in row.checks.filter(matched=True)}
    items = rules.items_for(registered_answers(row.person))
    return context | {
        "items": [(item, rules.ITEM_WORDS[item], checks.get(item)) for item in items],
        "matched": len(set(matched)),
        "needed": rules.ITEMS_TO_MATCH,
        "verified": rules.is_verified(matched),
        "failed": row.checks.filter(matched=False).count(),
        "locked": is_locked(row.person, at),
    }


def _entries(row: Ticket) -> QuerySet[TicketEntry]:
    return row.entries.select_related("author").order_by("pk")


def ticket_list(show: str) -> dict[str, Any]:
    """Return the tickets of a list: open ones, or the newest of all."""
    if show == "all":
        rows = list(Ticket.objects.select_related("person", "agent").order_by("-received_at")[:SHOWN])
    else:
        show, rows = "open", list(waiting())
    return {"show": show, "rows": rows}


NOBODY = UUID(int=0)


def uuid_of(text: str) -> UUID:
    """Return an id out of an address or a form; what is none is nobody's."""
    try:
        return UUID(text)
    except ValueError:
        return NOBODY
