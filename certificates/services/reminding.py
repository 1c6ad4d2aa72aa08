"""Telling holders in time: that receipt waits for them, that a certificate will end, that it has ended.

Serves O-16.2.2 (acceptance before use) and O-16.2.6, J-5.6 (reminders before the end, the duty to stop at it). Each
certificate carries the instant of its next step; a sweep takes those whose step has come, a limited number at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Notice, RoleGrant
from accounts.notices import Letter, notify_many
from accounts.roles import Role
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.services import Entry, record_many
from certificates import emails, reminders
from certificates.models import Certificate, Order
from certificates.reminders import Step, Terms
from certificates.selectors import pinned_rules

# Together with the beat this is how many holders are written to a minute when many certificates end on one day.
BATCH: Final = 200
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True)
class Due:
    """One certificate with a step that has come."""

    certificate: Certificate
    terms: Terms
    step: Step


@transaction.atomic
def remind(*, actor: Actor, at: datetime, limit: int = BATCH) -> int:
    """Look at up to `limit` certificates whose next step has come, tell their holders, and note the step after it.

    Returns how many were looked at. Idempotent: workers pass over each other's rows, and each step is one mail.
    """
    actor = authorise(actor=actor, act=Act.CERTIFICATE_REMIND)
    rows = waiting(at, limit)
    terms = terms_of(rows)
    replaced = replaced_among(rows, at)
    due: list[Due] = []
    for row in rows:
        steps = reminders.steps_of(terms[row.pk], issued_at=row.issued_at, not_after=row.not_after)
        came = reminders.due_now(steps, since=row.look_at, at=at)
        due += [Due(row, terms[row.pk], step) for step in came if concerns(row, step, row.pk in replaced)]
        row.look_at = None if row.revoked_at else reminders.next_look(steps, at)
        row.watched = row.look_at is not None
    Certificate.objects.bulk_update(rows, ["look_at", "watched"])
    tell(due, actor=actor, at=at)
    return len(rows)


@transaction.atomic
def remind_of_keys(*, actor: Actor, at: datetime, limit: int = BATCH) -> int:
    """Ask holders again whose orders have waited for the key of their browser for one, two or three weeks.

    Returns how many were written to. Idempotent: each week is one mail, whoever looks and how often.
    """
    actor = authorise(actor=actor, act=Act.CERTIFICATE_REMIND)
    since = Order.objects.filter(status="awaiting_key", status_since__lte=at - WEEK, status_since__gt=at - 4 * WEEK)
    rows = {emails.key_of_make_key(row, week=(at - row.status_since) // WEEK): row for row in since.order_by("pk")}
    told = set(Notice.objects.filter(dedupe__in=list(rows)).values_list("dedupe", flat=True))
    due = {key: row for key, row in rows.items() if key not in told}
    letters = [
        Letter(emails.MAKE_KEY, row.holder, emails.make_key(row, again=True), key, row.story)
        for key, row in list(due.items())[:limit]
    ]
    notify_many(letters=letters, at=at)
    asked = [due[letter.dedupe] for letter in letters]
    record_many(actor=actor, at=at, entries=[Entry(Act.CERTIFICATE_REMIND, row, row.story) for row in asked])
    return len(letters)


def waiting(at: datetime, limit: int) -> list[Certificate]:
    """Return locked certificates whose step has come, then those that nobody has looked at yet."""
    found: list[Certificate] = []
    watched = Certificate.objects.filter(watched=True).select_related("holder", "order")
    parts: tuple[QuerySet[Certificate], ...] = (
        watched.filter(look_at__lte=at).order_by("look_at"),
        watched.filter(look_at=None).order_by("issued_at"),
    )
    for part in parts:
        found += list(part.select_for_update(skip_locked=True, of=("self",))[: limit - len(found)])
    return found


def terms_of(rows: Sequence[Certificate]) -> dict[UUID, Terms]:
    """Return the terms that each certificate was issued under; the usual ones where its rules can't be read."""
    rules = pinned_rules([row.order for row in rows])
    found = {row.pk: rules.get(row.order_id) for row in rows}
    return {key: Terms.of(ruleset) if ruleset else Terms() for key, ruleset in found.items()}


def replaced_among(rows: Sequence[Certificate], at: datetime) -> set[UUID]:
    """Return which of the certificates have a valid one after them, under the same subscription."""
    newest: dict[UUID, datetime] = defaultdict(lambda: datetime.min.replace(tzinfo=at.tzinfo))
    beside = Certificate.objects.valid(at).filter(subscription__in={row.subscription_id for row in rows})
    for subscription, issued_at in beside.values_list("subscription_id", "issued_at"):
        newest[subscription] = max(newest[subscription], issued_at)
    return {row.pk for row in rows if newest[row.subscription_id] > row.issued_at}


def concerns(certificate: Certificate, step: Step, replaced: bool) -> bool:  # noqa: FBT001 — one fact of three
    """Tell whether a step that has come is still to be told."""
    if certificate.revoked_at is not None:
        return False
    if step.kind in reminders.RECEIPT:
        return certificate.delivery in reminders.UNACCEPTED and certificate.revocation_requested_at is None
    return step.kind == reminders.EXPIRED or not replaced


def tell(due: Sequence[Due], *, actor: Actor, at: datetime) -> None:
    """Put the mails of a batch into the outbox, the office's among them, and record them. Inside a transaction."""
    if not due:
        return
    overdue = [item.certificate for item in due if item.step.kind == reminders.OVERDUE]
    notify_many(letters=[*(letter(item) for item in due), *office_letters(overdue)], at=at)
    entries = [Entry(Act.CERTIFICATE_REMIND, item.certificate, details={"step": item.step.name}) for item in due]
    record_many(actor=actor, at=at, entries=entries)


def letter(item: Due) -> Letter:
    """Return the mail of one step to the holder."""
    certificate = item.certificate
    context = (
        emails.receipt(certificate, item.terms, overdue=item.step.kind == reminders.OVERDUE)
        if item.step.kind in reminders.RECEIPT
        else emails.end(certificate, item.terms)
    )
    key = f"certificates/{item.step.name}/{certificate.pk}"
    return Letter(emails.KINDS[item.step.kind], certificate.holder, context, key, certificate.story)


def office_letters(overdue: Sequence[Certificate]) -> Iterable[Letter]:
    """Yield one mail for each approver about receipts that are overdue."""
    if not overdue:
        return
    context: Mapping[str, object] = emails.overdue_receipts(overdue)
    for person in RoleGrant.objects.people(Role.APPROVER):
        yield Letter(emails.OVERDUE_OFFICE, person, context, f"certificates/overdue/{overdue[0].pk}/{person.pk}")
