"""How mails belong together: message ids that lead back to a ticket, or its number in a subject (RFC 5322, 3.6.4)."""

import re

from django.conf import settings

from support_desk.models import TakenMail, Ticket

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
