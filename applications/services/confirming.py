"""Asking the applicant to confirm what another has filed for them, and what became of it (O-4.1, J-5)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import Notice, User
from accounts.notices import Letter, notify, notify_many
from accounts.services import authorise
from applications.emails import in_both, link_to
from applications.models import Application, Confirmation
from applications.rules.filing import CONFIRM_WITHIN, REMIND_BEFORE, WORDS
from applications.states import APPLICATION
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound
from audit.services import record, transition
from vault.models import Purpose
from vault.services import seal

BATCH = 200


def digest_of(token: str) -> bytes:
    """Return what is stored of a link's secret."""
    return hashlib.sha256(token.encode()).digest()


def ask(application: Application, *, asked_by: User, at: datetime) -> None:
    """Write the mail that asks the applicant; a part of presenting, inside its transaction."""
    ask_many([application], asked_by=asked_by, at=at)


def asked_key(row: Confirmation) -> str:
    """Return the one key of the mail that asks."""
    return f"confirmation_asked:{row.pk}"


def mail_of(row: Confirmation) -> dict[str, Any]:
    """Return what the mails about a confirmation say; the link's secret is put in by the worker."""
    application = row.application
    ruleset = application.rules.ruleset
    return {
        "filed_by": row.asked_by.name or row.asked_by.email,
        "company": str(application.values.get("corporation_name", "")),
        "target_system": {"ja": ruleset.name.ja, "en": ruleset.name.en},
        "until": row.until.isoformat(),
        "site_url": settings.SITE_URL,
    }


def ask_many(applications: Sequence[Application], *, asked_by: User, at: datetime) -> None:
    """Write the mails that ask many applicants, with few statements; inside the transaction that presents them."""
    rows, letters = [], []
    for application in applications:
        row, letter = asked(application, asked_by=asked_by, at=at)
        rows.append(row)
        letters.append(letter)
    Confirmation.objects.bulk_create(rows)
    notify_many(letters=letters, at=at)


def announce(application: Application, *, asked_by: User, at: datetime) -> None:
    """Tell an applicant whose administrator agreed for the filing, with a way into the account that waits for them."""
    row, letter = asked(application, asked_by=asked_by, at=at)
    row.answer, row.answered_at = "filed", at
    row.save(force_insert=True)
    context = dict(letter.context) | {"receipt_number": application.receipt_number}
    notify_many(letters=[replace(letter, kind="applications/filed_for_you", context=context)], at=at)


def asked(application: Application, *, asked_by: User, at: datetime) -> tuple[Confirmation, Letter]:
    """A confirmation that is not stored yet, and the mail with its link."""
    token = secrets.token_urlsafe(32)
    row = Confirmation(
        application=application,
        token_digest=digest_of(token),
        asked_by=asked_by,
        asked_at=at,
        until=at + CONFIRM_WITHIN,
    )
    letter = Letter(
        kind="applications/confirmation_asked",
        to=application.applicant,
        context=mail_of(row),
        dedupe=asked_key(row),
        story=application.story,
        secret=seal(purpose=Purpose.DOCUMENTS, plaintext=token.encode()),
    )
    return row, letter


def open_one(application: Application) -> Confirmation | None:
    """Return the confirmation that waits for the applicant, if any."""
    return application.confirmations.filter(answered_at=None).select_related("asked_by").first()


def find(*, token: str) -> Confirmation:
    """Return the confirmation behind a link, answered or not; raises NotFound. Looking changes nothing."""
    rows = Confirmation.objects.filter(token_digest=digest_of(token))
    row = rows.select_related("application__applicant", "application__rules", "asked_by").first()
    if row is None:
        raise NotFound
    return row


def is_open(row: Confirmation, at: datetime) -> bool:
    """Tell whether the link still leads somewhere: to what is asked, or to what was filed without asking."""
    return row.answer == "filed" or (row.answered_at is None and row.until >= at)


def settle(application: Application, *, answer: str, at: datetime, note: str = "") -> None:
    """Note what became of the open confirmation and tell whoever filed; inside the transaction of the act.

    Where they took it back themselves, the applicant is told who was asked; the administrator of a file reads its page.
    """
    row = open_one(application)
    if row is None:
        return
    Confirmation.objects.filter(pk=row.pk).update(answer=answer, answered_at=at, note=note)
    if answer in ("recalled", "withdrawn"):
        _tell_asked(row, answer, at)
        return
    if application.batch_id is not None:
        return
    context = mail_of(row) | {
        "name": application.filed_for or application.applicant.email,
        "answer": in_both(lambda: WORDS[answer]),
        "note": note,
        "link": link_to("applications:detail", application.pk),
        "receipt_number": application.receipt_number or "",
    }
    notify(
        kind="applications/confirmation_settled",
        to=row.asked_by,
        context=context,
        at=at,
        dedupe=f"confirmation_settled:{row.pk}",
        story=application.story,
    )


def _tell_asked(row: Confirmation, answer: str, at: datetime) -> None:
    """Tell the applicant that what they were asked to confirm is not asked any more."""
    notify(
        kind="applications/confirmation_over",
        to=row.application.applicant,
        context=mail_of(row) | {"answer": in_both(lambda: WORDS[answer])},
        at=at,
        dedupe=f"confirmation_over:{row.pk}",
        story=row.application.story,
    )


@transaction.atomic
def remind(*, actor: Actor, at: datetime) -> int:
    """Remind, once, whoever has few days left to confirm; returns how many."""
    actor = authorise(actor=actor, act=Act.APPLICATION_REMIND)
    near = Confirmation.objects.filter(answered_at=None, reminded_at=None, until__lte=at + REMIND_BEFORE)
    rows = near.filter(until__gt=at, application__status="waiting_consent").select_for_update(
        skip_locked=True, of=("self",)
    )
    found = list(rows.select_related("application__applicant", "application__rules", "asked_by")[:BATCH])
    for row in found:
        Confirmation.objects.filter(pk=row.pk).update(reminded_at=at)
        asked = Notice.objects.filter(dedupe=asked_key(row)).first()
        notify(
            kind="applications/confirmation_reminder",
            to=row.application.applicant,
            context=mail_of(row),
            at=at,
            dedupe=f"confirmation_reminder:{row.pk}",
            story=row.application.story,
            secret=asked.secret if asked is not None else None,
        )
        record(act=Act.APPLICATION_REMIND, actor=actor, at=at, subject=row.application)
    return len(found)


@transaction.atomic
def lapse_unconfirmed(*, actor: Actor, at: datetime) -> int:
    """Let applications lapse that their applicants did not confirm in time; returns how many."""
    actor = authorise(actor=actor, act=Act.APPLICATION_LAPSE)
    late = Confirmation.objects.filter(answered_at=None, until__lt=at, application__status="waiting_consent")
    rows = list(late.select_for_update(skip_locked=True, of=("self",)).select_related("application")[:BATCH])
    for row in rows:
        lapsed = transition(machine=APPLICATION, row=row.application, act=Act.APPLICATION_LAPSE, actor=actor, at=at)
        settle(lapsed, answer="lapsed", at=at)
    return len(rows)
