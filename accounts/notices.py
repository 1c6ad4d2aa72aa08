"""Notices: a row in the transaction that causes it, a mail from the worker afterwards (O-17.2)."""

from collections.abc import Mapping
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
