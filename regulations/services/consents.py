"""Consents: which exact text, read by whom, when and from where, in which words (O-4.1, J-5, J-1.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Violation
from audit.services import record
from regulations.models import Consent, Document, DocumentVersion
from regulations.ruleset import LocalText, RuleSet


@dataclass(frozen=True)
class ConsentItem:
    """One box to tick. `key` names exactly what is agreed to: another version or wording has another key."""

    item: str
    title: str
    wording: str
    sha256: str
    version: DocumentVersion | None = None

    @property
    def key(self) -> str:
        """The value of the box."""
        return f"{self.item}:{self.sha256}"


def asked_for(*, ruleset: RuleSet, at: datetime) -> list[ConsentItem]:
    """Everything that the rules want agreed to at `at`: documents in force by precedence, then declarations.

    Raises RuleViolated while a document that the rules name has not been posted.
    """
    documents = Document.objects.filter(slug__in=ruleset.consents).order_by("precedence", "slug")
    versions = [document.versions.posted(at).order_by("-posted_at").first() for document in documents]
    posted = [version for version in versions if version is not None]
    if len(posted) != len(ruleset.consents):
        message = _("A document that belongs to this application has not been posted yet. Please ask the call center.")
        raise RuleViolated([Violation(None, "document_missing", message)])
    declarations = [declaration_item(row.key, row.label) for row in ruleset.declarations]
    return [document_item(version) for version in posted] + declarations


def document_item(version: DocumentVersion) -> ConsentItem:
    """The box for one version of a document."""
    title = str(LocalText(ja=version.title["ja"], en=version.title["en"]))
    wording = _("I have read “%(title)s”, version %(version)s, and agree.")
    facts = {"title": title, "version": version.version}
    return ConsentItem(f"document:{version.document.slug}", title, wording % facts, version.sha256, version)


def declaration_item(key: str, label: LocalText) -> ConsentItem:
    """The box for a declaration; its hash is that of the wording in all languages."""
    digest = hashlib.sha256(f"{label.ja}\n{label.en}".encode()).hexdigest()
    return ConsentItem(f"declaration:{key}", str(label), str(label), digest)


def missing(*, items: Iterable[ConsentItem], ticked: Collection[str]) -> list[Violation]:
    """What has not been agreed to; for a document posted meanwhile the message says so."""
    earlier = {key.rpartition(":")[0] for key in ticked}
    found = []
    for item in items:
        if item.key in ticked:
            continue
        if item.version is not None and item.item in earlier:
            text = _("“%(title)s” was revised while you were applying (version %(version)s). Please read it again.")
            message, code = text % {"title": item.title, "version": item.version.version}, "document_revised"
        else:
            message, code = (
                _("“%(title)s”: please read it and tick the box.") % {"title": item.title},
                "consent_missing",
            )
        found.append(Violation(item.item, code, message))
    return found


@transaction.atomic
def give(*, person: User, story: UUID, items: Iterable[ConsentItem], actor: Actor, at: datetime) -> list[Consent]:
    """Store that `person` agreed to `items`, each as it read; agreeing to the same text again changes nothing."""
    actor = authorise(actor=actor, act=Act.CONSENT_GIVE)
    given = []
    for item in items:
        consent, created = Consent.objects.get_or_create(
            story=story,
            item=item.item,
            person=person,
            sha256=item.sha256,
            defaults={
                "document_version": item.version,
                "wording": item.wording,
                "language": (get_language() or "ja")[:2],
                "given_at": at,
                "origin": actor.origin,
            },
        )
        given.append(consent)
        if created:
            details = {"item": item.item, "sha256": item.sha256}
            record(act=Act.CONSENT_GIVE, actor=actor, at=at, subject=consent, story=story, details=details)
    return given
