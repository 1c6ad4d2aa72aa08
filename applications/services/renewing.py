"""Agreeing anew: who has to is asked and reminded, and their consent is kept like the first one (O-4.1, J-5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notices import Letter, notify_many
from accounts.services import authorise
from applications.emails import link_to
from applications.models import Application
from applications.selectors.audience import SUBSCRIBED, Renewal, mail_key, mails, renewals, renewals_due
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Violation
from audit.services import record
from regulations.models import DocumentVersion, Subscription
from regulations.services import consents

BATCH = 200
REMIND_BEFORE, ONE_DAY = timedelta(days=3), timedelta(days=1)


@transaction.atomic
def agree(*, version: DocumentVersion, seen: str, person: User, actor: Actor, at: datetime) -> None:
    """Store that `person` agrees to the version in force, for each of their subscriptions.

    Raises RuleViolated when a newer version was posted after the page was opened, NotFound when nothing is asked.
    """
    actor = authorise(actor=actor, act=Act.CONSENT_RENEW)
    due = next((row for row in renewals_due(person, at) if row.current.document_id == version.document_id), None)
    if due is None:
        if person.consents.filter(document_version=version, sha256=seen).exists():
            return
        raise NotFound
    if due.current.pk != version.pk or due.current.sha256 != seen:
        message = _("A newer version was posted after you opened this page. Please read it.")
        raise RuleViolated([Violation(None, "newer_version", message)])
    for story in stories_of(person):
        item = consents.document_item(due.current)
        consents.give(person=person, story=story, items=[item], actor=actor, at=at)


def stories_of(person: User) -> list[UUID]:
    """Return the stories of a person's subscriptions: the application that each began with."""
    stories = []
    for subscription in Subscription.objects.filter(holder=person, status__in=SUBSCRIBED).order_by("pk"):
        newest = Application.objects.filter(subscription=subscription).order_by("-created_at").first()
        stories.append(newest.story if newest else subscription.pk)
    return stories


def ask(*, actor: Actor, at: datetime) -> int:
    """Ask, and shortly before the limit remind, whoever has not agreed; returns how many mails were written."""
    written = 0
    for renewal in renewals(at):
        people = renewal.missing().filter(~Exists(mails(renewal, "asked")))
        written += write(renewal, "asked", people, actor=actor, at=at)
        if at >= renewal.until - REMIND_BEFORE:
            earlier = mails(renewal, "asked").filter(created_at__lte=at - ONE_DAY)
            people = renewal.missing().filter(Exists(earlier), ~Exists(mails(renewal, "reminder")))
            written += write(renewal, "reminder", people, actor=actor, at=at)
    return written


@transaction.atomic
def write(renewal: Renewal, step: str, people: QuerySet[User], *, actor: Actor, at: datetime) -> int:
    """Write one batch of the mails of a step; each is one mail however often this runs."""
    batch = list(people[:BATCH])
    if batch:
        actor = authorise(actor=actor, act=Act.CONSENT_ASK)
        notify_many(letters=[letter_to(person, renewal, step) for person in batch], at=at)
        details = {"step": step, "people": len(batch)}
        record(act=Act.CONSENT_ASK, actor=actor, at=at, subject=renewal.asking, details=details)
    return len(batch)


def letter_to(person: User, renewal: Renewal, step: str) -> Letter:
    """Return one person's mail of a step."""
    context = {
        "title": renewal.current.title,
        "version": renewal.current.version,
        "what_changed": renewal.current.what_changed,
        "until": renewal.until.isoformat(),
        "link": link_to("applications:agree", renewal.current.document.slug),
    }
    kind = f"applications/consent_{step}"
    return Letter(kind, person, context, mail_key(renewal, step, person))
