"""Taking in one mail: a new ticket, a reply in one, a bounce of our own notice, or set aside with the reason (O-8.3).

The row that says it was taken, the ticket and the acknowledgement are one transaction: a mail is taken once or not at
all, whatever dies in between. Nothing is thrown away, and nothing that a machine wrote is acknowledged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from accounts.notices import bounce
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.services import record
from support_desk import mails, rules, sorting
from support_desk.charsets import language_of
from support_desk.models import TakenMail, Ticket
from support_desk.services import callers_side, files, sending
from support_desk.services.entries import Words, changed, held, write
from support_desk.services.tickets import About, Call, made
from support_desk.threads import ticket_answered_by, ticket_of_notice
from vault.models import Purpose
from vault.services import seal

ACKNOWLEDGED_AN_HOUR = 5
TAKEN_AN_HOUR = 30
HOUR = timedelta(hours=1)
KNOWN = "known"


@dataclass(frozen=True)
class Arrival:
    """A mail as the server holds it, and where; `size` is that on the server, of which `raw` may be the beginning."""

    mailbox: str
    uid_validity: int
    uid: int
    raw: bytes
    size: int


def take(*, arrival: Arrival, actor: Actor, at: datetime) -> str:
    """Take a mail in and return what became of it; `KNOWN` for one that was taken before, by whatever way."""
    actor = authorise(actor=actor, act=Act.MAIL_TAKE)
    mail = mails.read(arrival.raw)
    if _known(mail):
        return KNOWN
    looked = files.looked_at(mail.files)
    try:
        with transaction.atomic():
            return _taken(Taking(arrival, mail, looked, actor, at))
    except IntegrityError:
        if _known(mail) or _placed(arrival):
            return KNOWN
        raise


@dataclass(frozen=True)
class Taking:
    """Everything about the mail that is being taken in."""

    arrival: Arrival
    mail: mails.ReadMail
    files: list[files.Looked]
    actor: Actor
    at: datetime
    taken: TakenMail | None = None

    @property
    def text(self) -> str:
        """What was written, never empty, shortened where it is very long."""
        text = self.mail.text
        with override(language_of(text or self.mail.subject)):
            cut = len(text) > mails.LONGEST or self.arrival.size > len(self.arrival.raw)
            more = "\n\n" + _("(Shortened. The whole mail is in the original.)") if cut else ""
            return (text[: mails.LONGEST] or _("(The mail has no text.)")) + more

    def words(self, kind: str, text: str = "") -> Words:
        """The entry for this mail."""
        return Words(kind, text or self.text, {"mail": self.taken}, typed=False)


def _taken(case: Taking) -> str:
    """Decide what the mail is and do what follows; within one transaction."""
    report = sorting.bounce_in(case.mail)
    ticket = None if report else ticket_answered_by(case.mail)
    became = _what(case.mail, report, ticket, case.at)
    notice = report.notice if report else None
    taken = TakenMail.objects.create(
        mailbox=case.arrival.mailbox,
        uid_validity=case.arrival.uid_validity,
        uid=case.arrival.uid,
        message_id=_id_of(case.mail),
        digest=case.mail.digest,
        sender=case.mail.sender,
        became=became,
        notice=notice,
        size=case.arrival.size,
        raw=seal(purpose=Purpose.DOCUMENTS, plaintext=case.arrival.raw),
        taken_at=case.at,
    )
    record(act=Act.MAIL_TAKE, actor=case.actor, at=case.at, subject=taken, details={"became": became})
    case = replace(case, taken=taken)
    if report is not None:
        _follow_bounce(case, report)
    elif ticket is not None and became in _REPLIES:
        _REPLIES[became](case, ticket)
    elif became == "ticket":
        _open(case)
    return became


def _what(mail: mails.ReadMail, report: sorting.Bounce | None, ticket: Ticket | None, at: datetime) -> str:
    if report is not None:
        return "bounce"
    if sorting.is_own(mail, _own_addresses()):
        return "loop"
    if sorting.is_automatic(mail):
        return "automatic"
    recent = TakenMail.objects.filter(sender=mail.sender, taken_at__gt=at - HOUR)
    if recent[:TAKEN_AN_HOUR].count() >= TAKEN_AN_HOUR:
        return "flood"
    return "reply" if ticket is not None else "ticket"


def _open(case: Taking) -> None:
    """Make a ticket of the mail and acknowledge it, unless it went to many or its sender had enough of them."""
    mail = case.mail
    loss = sorting.sounds_like_loss(f"{mail.subject}\n{mail.text}")
    call = Call(
        kind=rules.LOSS if loss else rules.UNSORTED,
        caller_name=mail.sender_name,
        matter=case.text,
        channel="mail",
        email=mail.sender,
        subject=mail.subject,
        language=language_of(mail.text or mail.subject),
    )
    person = User.objects.filter(email=mail.sender, is_active=True).first() if mail.sender else None
    ticket = made(call=call, about=About(person=person), actor=case.actor, at=case.at)
    entry = write(ticket=ticket, words=case.words("message"), act=Act.MAIL_TAKE, actor=case.actor, at=case.at)
    files.keep(entry=entry, files=case.files)
    recent = TakenMail.objects.filter(sender=mail.sender, became="ticket", taken_at__gt=case.at - HOUR)
    if not sorting.is_to_many(mail) and recent.count() <= ACKNOWLEDGED_AN_HOUR:
        sending.acknowledge(ticket=ticket, at=case.at)


def _reply(case: Taking, ticket: Ticket) -> None:
    """Add a mail to the ticket that it answers; who wrote is said where it was somebody else."""
    other = case.mail.sender not in {ticket.email, ticket.person.email if ticket.person else ""}
    text = f"{case.mail.sender_name} <{case.mail.sender}>\n\n{case.text}" if other else ""
    words = case.words("message", text)
    entry = callers_side.add(ticket=ticket, words=words, channel="mail", actor=case.actor, at=case.at)
    files.keep(entry=entry, files=case.files)


def _automatic(case: Taking, ticket: Ticket) -> None:
    """Keep a machine's answer, such as a notice of absence, in its ticket; it moves nothing and is not answered."""
    row = held(ticket)
    write(ticket=row, words=case.words("system"), act=Act.MAIL_TAKE, actor=case.actor, at=case.at)
    changed(row)


_REPLIES: dict[str, Callable[[Taking, Ticket], None]] = {"reply": _reply, "automatic": _automatic}


def _follow_bounce(case: Taking, report: sorting.Bounce) -> None:
    """Let our notice be one that came back; an inquiry whose answer did not arrive is open again."""
    if report.notice is None or not report.final:
        return
    bounced = bounce(notice=report.notice, answer=report.code, actor=case.actor, at=case.at)
    ticket = ticket_of_notice(report.notice) if bounced else None
    if ticket is None:
        return
    row = held(ticket)
    text = _("The mail to the caller could not be delivered (%(code)s).") % {"code": report.code or "?"}
    write(ticket=row, words=case.words("system", text), act=Act.MAIL_TAKE, actor=case.actor, at=case.at)
    if row.status == "open":
        changed(row)
    else:
        callers_side.goes_on(row, "mail", case.actor, case.at)


def _own_addresses() -> set[str]:
    return {address.lower() for address in (settings.DESK_ADDRESS, settings.DEFAULT_FROM_EMAIL) if address}


def _id_of(mail: mails.ReadMail) -> str:
    """The mail's id; one without has that of its bytes, so that it is known again too."""
    return mail.message_id or f"none:{hashlib.sha256(mail.raw).hexdigest()}"


def _known(mail: mails.ReadMail) -> bool:
    return TakenMail.objects.filter(message_id=_id_of(mail), digest=mail.digest).exists()


def _placed(arrival: Arrival) -> bool:
    same = TakenMail.objects.filter(mailbox=arrival.mailbox, uid_validity=arrival.uid_validity)
    return same.filter(uid=arrival.uid).exists()
