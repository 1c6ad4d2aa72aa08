"""How mails belong together: message ids that lead back to a ticket, or its number in a subject (RFC 5322, 3.6.4)."""

import re

from django.conf import settings
from django.db.models import Q

from accounts.models import Notice
from support_desk.mails import ReadMail
from support_desk.models import TakenMail, Ticket
from support_desk.sorting import OUR_ID

NUMBER = re.compile(r"\bT(\d{4})-(\d{6})\b")
MOST_REFERENCES = 20


def headers_of(ticket: Ticket, *, automatic: bool = False) -> dict[str, str]:
    """Return the headers of a mail about a ticket: it follows the caller's last mail, and is answered to the desk.

    An acknowledgement says that nobody wrote it (RFC 3834, 5), so that no other machine answers it.
    """
    headers = {"Auto-Submitted": "auto-replied" if automatic else "no"}
    if settings.DESK_ADDRESS:
        headers["Reply-To"] = settings.DESK_ADDRESS
    ids = TakenMail.objects.filter(entries__ticket=ticket).exclude(message_id="").order_by("pk")
    known = [f"<{found}>" for found in ids.order_by("taken_at").values_list("message_id", flat=True)]
    if known:
        headers |= {"In-Reply-To": known[-1], "References": " ".join(known[-MOST_REFERENCES:])}
    return headers


def ticket_answered_by(mail: ReadMail) -> Ticket | None:
    """Return the ticket that a mail belongs to: by the ids that it answers, or by a number together with its sender.

    A number alone proves nothing, since numbers can be guessed; an id has to be known.
    """
    for found in mail.answers:
        ours = OUR_ID.fullmatch(found)
        ticket = ticket_of_notice(ours[1]) if ours else _ticket_of_mail(found)
        if ticket is not None:
            return ticket
    numbers = [match[0] for match in NUMBER.finditer(mail.subject)]
    if not numbers or not mail.sender:
        return None
    theirs = Ticket.objects.filter(Q(email=mail.sender) | Q(person__email=mail.sender), number__in=numbers[:5])
    return theirs.select_related("person").order_by("-received_at").first()


def ticket_of_notice(key: str) -> Ticket | None:
    """Return the ticket about which one of our notices was."""
    notice = Notice.objects.filter(pk=key, kind__startswith="support_desk/").first()
    number = notice.context.get("number") if notice else None
    return Ticket.objects.select_related("person").filter(number=number).first() if number else None


def _ticket_of_mail(message_id: str) -> Ticket | None:
    rows = Ticket.objects.select_related("person").filter(entries__mail__message_id=message_id)
    return rows.order_by("-received_at").first()
