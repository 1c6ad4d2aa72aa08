"""Notices: a row in the transaction that causes it, a mail from the worker afterwards (O-17.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Notice, User
from accounts.nudges import nudge
from accounts.services import authorise
from accounts.states import NOTICE, UNSENT
from audit.actors import Actor
from audit.acts import Act
from audit.copying import copy_all
from audit.services import Entry, record_many, transition
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
    wait: timedelta = timedelta(0),
    language: str = "ja",
) -> Notice:
    """Put a notice into the outbox; `kind` is `<app>/<name>` of its template, `dedupe` makes it one mail.

    Call it inside the transaction of the act. Called again with the same `dedupe` it changes nothing. `wait` keeps it
    back for a while, in which `say_instead` may let it say what has become of the matter. `language` is that of an
    address without an account. What `context` has under "mail_headers" becomes headers of the mail.
    """
    address = email or (to.email if to else "")
    notice, created = Notice.objects.get_or_create(
        dedupe=dedupe,
        defaults={
            "kind": kind,
            "recipient": to,
            "email": address,
            "language": to.language if to else language,
            "context": dict(context),
            "secret": secret,
            "story": story,
            "created_at": at,
            "status_since": at,
            "not_before": at + wait,
        },
    )
    if created:
        nudge("accounts.send_notices")
    return notice


def say_instead(*, earlier: str, kind: str, context: Mapping[str, Any], at: datetime, dedupe: str) -> bool:
    """Let the notice `earlier` say something newer, where nobody has tried to send it yet; tell whether it does.

    It becomes the notice `dedupe` of another kind and goes out at once: one mail instead of two.
    """
    waiting = Notice.objects.filter(dedupe=earlier, status="waiting", attempts=0)
    changed = waiting.update(kind=kind, context=dict(context), not_before=at, dedupe=dedupe)
    if changed:
        nudge("accounts.send_notices")
    return bool(changed)


@dataclass(frozen=True)
class Letter:
    """One of many notices that are put into the outbox together; the fields are those of `notify`."""

    kind: str
    to: User
    context: Mapping[str, Any]
    dedupe: str
    story: UUID | None = None
    secret: SealedBlob | None = None
    email: str = ""


def notify_many(*, letters: Iterable[Letter], at: datetime, fresh: bool = False) -> None:
    """Put notices into the outbox with one statement, for batches; a `dedupe` that is there stays as it is.

    Where every `dedupe` is `fresh`, made of keys that are new, there is nothing to look for, which is quicker.
    """
    rows = [
        Notice(
            kind=letter.kind,
            dedupe=letter.dedupe,
            recipient=letter.to,
            email=letter.email or letter.to.email,
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
    if fresh:
        copy_all(rows)
    else:
        Notice.objects.bulk_create(rows, ignore_conflicts=True)
    nudge("accounts.send_notices")


@transaction.atomic
def send_again(*, notices: QuerySet[Notice], actor: Actor, at: datetime) -> int:
    """Let those of `notices` that bounced or were given up wait for the mail server again; returns how many.

    Each is the same mail as before, goes to the person's address of today, and is tried with fresh patience.
    Called again before they failed anew it changes nothing. Raises NotAllowed.
    """
    actor = authorise(actor=actor, act=Act.NOTICE_RETRY)
    held = notices.select_for_update(of=("self",)).select_related("recipient").order_by("pk")
    rows = list(held.filter(status__in=UNSENT))
    entries = [Entry(Act.NOTICE_RETRY, row, row.story, {"kind": row.kind}, (row.status, "waiting")) for row in rows]
    for row in rows:
        row.status, row.status_since, row.not_before, row.attempts = "waiting", at, at, 0
        row.email = row.recipient.email if row.recipient else row.email
    Notice.objects.bulk_update(rows, ["status", "status_since", "not_before", "attempts", "email"], batch_size=1000)
    record_many(actor=actor, at=at, entries=entries)
    if rows:
        nudge("accounts.send_notices")
    return len(rows)


@transaction.atomic
def bounce(*, notice: UUID | str, answer: str, actor: Actor, at: datetime) -> bool:
    """Let a notice that the mail server had taken be one that came back (RFC 3464); tell whether it was one of ours.

    Of the report only its code is kept. A notice that was opened has arrived, whatever a later report says.
    """
    actor = authorise(actor=actor, act=Act.NOTICE_BOUNCE)
    row = (
        Notice.objects.select_for_update(of=("self",)).filter(pk=notice, status="handed_over", reached_at=None).first()
    )
    if row is None:
        return False
    details = {"kind": row.kind, "answer": answer}
    columns = {"last_error": answer or "bounced"}
    transition(machine=NOTICE, row=row, act=Act.NOTICE_BOUNCE, actor=actor, at=at, columns=columns, details=details)
    return True
