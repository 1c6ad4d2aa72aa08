"""What is written to a caller goes out as a notice of the outbox: once, with patience, failures seen (fault 14)."""

from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts.notices import notify
from applications.emails import link_to
from support_desk.models import Ticket
from support_desk.services.entries import Words
from support_desk.threads import headers_of


def carried(*, ticket: Ticket, words: Words, at: datetime) -> Words:
    """Return `words` with the notice that carries them to the caller; on the telephone they were said.

    Whoever wrote a mail gets a mail. A subscriber who wrote in the portal is told that an answer waits there, because a
    mail is no place for what concerns their certificate (O-9).
    """
    address = address_of(ticket)
    if not address or not words.text.strip():
        return words
    inside = ticket.channel == "portal"
    context = {"number": ticket.number, "subject": ticket.subject, "name": ticket.caller_name, "entry": words.kind}
    context |= {"link": link_to("support_desk:own_ticket", ticket.pk)} if inside else {"text": words.text}
    notice = notify(
        kind="support_desk/answer_waits" if inside else "support_desk/answer",
        to=ticket.person if inside else None,
        email=address,
        language=ticket.language,
        context={**context, "mail_headers": headers_of(ticket)},
        at=at,
        dedupe=f"ticket:{ticket.pk}:{ticket.version}",
        story=ticket.story,
    )
    return replace(words, more={**words.more, "notice": notice.pk})


def acknowledge(*, ticket: Ticket, at: datetime) -> None:
    """Tell whoever wrote that their inquiry was received: its number, and until when it is answered."""
    address = address_of(ticket)
    if not address:
        return
    inside = ticket.channel == "portal"
    notify(
        kind="support_desk/received",
        to=ticket.person if inside else None,
        email=address,
        language=ticket.language,
        context={
            "number": ticket.number,
            "subject": ticket.subject,
            "name": ticket.caller_name,
            "due_at": ticket.answer_due_at.isoformat(),
            "urgent_link": f"{settings.SITE_URL}{reverse('revocation:urgent')}",
            "link": link_to("support_desk:own_ticket", ticket.pk) if inside else "",
            "mail_headers": headers_of(ticket, automatic=True),
        },
        at=at,
        dedupe=f"ticket:{ticket.pk}:received",
        story=ticket.story,
    )


def address_of(ticket: Ticket) -> str:
    """Return the address to which a ticket is answered; "" for a call."""
    if ticket.channel == "portal" and ticket.person is not None:
        return ticket.person.email
    return ticket.email
