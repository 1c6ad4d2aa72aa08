"""Due times of tickets follow the calendar: a day that staff closes or opens again moves what is still due (O-8.3)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from regulations.selectors import business_calendar
from support_desk.models import Ticket
from support_desk.rules import KINDS


@transaction.atomic
def follow_calendar(*, at: datetime) -> int:
    """Compute anew when open tickets are due, from when they came; returns how many moved. What is late stays late."""
    calendar, moved = business_calendar(), 0
    tickets = Ticket.objects.select_for_update(of=("self",), skip_locked=True)
    for ticket in tickets.filter(status="open", due_at__gt=at):
        due_at = calendar.due(ticket.received_at, business_hours=KINDS[ticket.kind].hours)
        if due_at != ticket.due_at:
            Ticket.objects.filter(pk=ticket.pk).update(due_at=due_at)
            moved += 1
    return moved
