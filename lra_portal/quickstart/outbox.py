"""Where the quick start's mail goes: files that a page shows, instead of anybody's mailbox."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

NEWEST = 200
"""How many mails the outbox page lists."""


class OutboxBackend(BaseEmailBackend):
    """Write each mail into a file of its own under EMAIL_FILE_PATH."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store the messages and return how many there were."""
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            at = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
            name = f"{at}-{secrets.token_hex(4)}"
            half = folder / f"{name}.half"
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(message.message().as_bytes())
            half.rename(folder / f"{name}.eml")
        return len(email_messages)


@dataclass(frozen=True)
class SentMail:
    """One mail of the outbox as a page shows it."""

    name: str
    sent_at: datetime
    to: str
    sender: str
    subject: str
    body: str


def list_mail(folder: Path, to: str = "") -> list[SentMail]:
    """Return the newest mails first, all or those to one address."""
    files = sorted(folder.glob("*.eml"), reverse=True)[:NEWEST] if folder.is_dir() else []
    mails = [_read(file) for file in files]
    return [mail for mail in mails if not to or to.lower() in mail.to.lower()]


def find_mail(folder: Path, name: str) -> SentMail | None:
    """Return one mail by its name, or None; the name is looked up, never joined to a path."""
    known = {file.stem: file for file in folder.glob("*.eml")} if folder.is_dir() else {}
    return _read(known[name]) if name in known else None


def _read(file: Path) -> SentMail:
    parsed = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(parsed, ParsedMessage)  # noqa: S101 — what the default policy makes
    body = parsed.get_body(("plain",))
    at = datetime.strptime(file.stem.partition("-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    return SentMail(
        file.stem,
        at,
        str(parsed["To"] or ""),
        str(parsed["From"] or ""),
        str(parsed["Subject"] or ""),
        body.get_content() if body else "",
    )
