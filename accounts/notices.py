"""Notices: a row in the transaction that causes it, a mail from the worker afterwards (O-17.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import Notice, User
from accounts.nudges import nudge
from vault.models import SealedBlob


def notify(  # noqa: PLR0913 — a notice is these facts
    *,
    kind: str,
    to: User | None = None,
    email: str = "",
    context: Mapping[str, Any],
    at: datetime,
    dedupe: str,
    story: UUID | None = None,
    secret: SealedBlob | None = None,
) -> Notice:
    """Put a notice into the outbox; `kind` is `<app>/<name>` of its template, `dedupe` makes it one mail.

    Call it inside the transaction of the act. Called again with the same `dedupe` it changes nothing.
    """
    address = email or (to.email if to else "")
    notice, created = Notice.objects.get_or_create(
        dedupe=dedupe,
        defaults={
            "kind": kind,
            "recipient": to,
            "email": address,
            "language": to.language if to else "ja",
            "context": dict(context),
            "secret": secret,
            "story": story,
            "created_at": at,
            "status_since": at,
            "not_before": at,
        },
    )
    if created:
        nudge("accounts.send_notices")
    return notice


@dataclass(frozen=True)
class Letter:
    """One of many notices that are put into the outbox together; the fields are those of `notify`."""

    kind: str
    to: User
    context: Mapping[str, Any]
    dedupe: str
    story: UUID | None = None
    secret: SealedBlob | None = None


def notify_many(*, letters: Iterable[Letter], at: datetime) -> None:
    """Put notices into the outbox with one statement, for batches; a `dedupe` that is there stays as it is."""
    rows = [
        Notice(
            kind=letter.kind,
            dedupe=letter.dedupe,
            recipient=letter.to,
            email=letter.to.email,
            language=letter.to.language,
            context=dict(letter.context),
            secret=letter.secret,
            story=letter.story,
            created_at=at,
            status_since=at,
            not_before=at,
        )
        for letter in letters
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    nudge("accounts.send_notices")
