"""Files that came with a caller's message: checked like an application's documents, sealed, read on record (O-9)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.services import authorise
from applications.rules import uploads
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated
from audit.services import record
from support_desk.mails import MOST_FILES, Part
from support_desk.models import TakenMail, TicketEntry, TicketFile
from vault.models import Purpose
from vault.services import open_blob, seal

TOO_MANY = "too_many"


@dataclass(frozen=True)
class Looked:
    """A file after its check: kept with its bytes, or refused with a code."""

    name: str
    size: int
    sha256: str
    media_type: str = ""
    data: bytes = b""
    refused: str = ""


def looked_at(parts: Sequence[Part]) -> list[Looked]:
    """Check files one after the other; outside any transaction, because each check is a process of its own."""
    return [_looked_at(part, place) for place, part in enumerate(parts)]


def _looked_at(part: Part, place: int) -> Looked:
    facts = {"size": len(part.data), "sha256": hashlib.sha256(part.data).hexdigest()}
    if place >= MOST_FILES:
        return Looked(part.name, refused=TOO_MANY, **facts)  # type: ignore[arg-type]
    try:
        file = uploads.check(name=part.name, data=part.data, field="file")
    except RuleViolated as refused:
        return Looked(part.name, refused=refused.violations[0].code[:20], **facts)  # type: ignore[arg-type]
    return Looked(file.name or part.name, media_type=file.media_type, data=part.data, **facts)  # type: ignore[arg-type]


def keep(*, entry: TicketEntry, files: Sequence[Looked]) -> None:
    """Keep what was looked at beside the message that it came with; call it in the transaction of the message."""
    for file in files:
        TicketFile.objects.create(
            entry=entry,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            blob=None if file.refused else seal(purpose=Purpose.DOCUMENTS, plaintext=file.data),
            refused=file.refused,
        )


@transaction.atomic
def opened(*, file: TicketFile, actor: Actor, at: datetime) -> bytes:
    """Return the bytes of a file for desk or office; the look is on record. Raises NotFound for a refused one."""
    actor = authorise(actor=actor, act=Act.MAIL_READ)
    if file.blob is None:
        raise NotFound
    ticket = file.entry.ticket
    record(act=Act.MAIL_READ, actor=actor, at=at, subject=ticket, details={"file": str(file.pk)})
    return open_blob(blob=file.blob, actor=actor, reason=f"inquiry {ticket.number}", at=at, story=ticket.story)


@transaction.atomic
def original(*, mail: TakenMail, actor: Actor, at: datetime) -> bytes:
    """Return a mail as the server held it; the look is on record. Raises NotFound where it is kept no more."""
    actor = authorise(actor=actor, act=Act.MAIL_READ)
    if mail.raw is None:
        raise NotFound
    entry = mail.entries.select_related("ticket").first()
    story = entry.ticket.story if entry else None
    record(act=Act.MAIL_READ, actor=actor, at=at, subject=mail, story=story)
    return open_blob(blob=mail.raw, actor=actor, reason="original of a mail", at=at, story=story)
