"""A version's way to the site: drafted by one person, reviewed by another, posted, and never changed again (O-3.1)."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Stale, Violation
from audit.services import record, transition
from regulations.models import Document, DocumentVersion
from regulations.services.documents import Text, faults_of, number_faults
from regulations.states import DOCUMENT

LONGEST_DELAY = 365


def text_of(version: DocumentVersion) -> Text:
    """Return what a version says as the text that is hashed."""
    return Text(
        version=version.version,
        title=version.title,
        body=version.body,
        what_changed=version.what_changed,
        external_url=version.external_url,
        external_sha256=version.external_sha256,
    )


def held_document(document: Document) -> Document:
    """Return the document, held for this transaction; raises NotFound when it went with its only draft."""
    row = Document.objects.select_for_update(of=("self",)).filter(pk=document.pk).first()
    if row is None:
        raise NotFound
    return row


def held(version: DocumentVersion) -> DocumentVersion:
    """Return the version as it stands, held for this transaction; raises NotFound when it was thrown away."""
    rows = DocumentVersion.objects.select_for_update(of=("self",)).select_related("document")
    row = rows.filter(pk=version.pk).first()
    if row is None:
        raise NotFound
    return row


@transaction.atomic
def begin(*, document: Document, actor: Actor, at: datetime) -> DocumentVersion:
    """Return the draft of the next version: a copy of the newest one, or the draft that somebody began before."""
    actor = authorise(actor=actor, act=Act.DOCUMENT_DRAFT)
    locked = held_document(document)
    waiting = locked.versions.unposted().first()
    if waiting is not None:
        return waiting
    newest = locked.versions.posted(at).order_by("-posted_at").first()
    text = text_of(newest) if newest else Text(version="1.0", title={})
    number = free_number(locked, text.version) if newest else text.version
    columns = {**asdict(text), "version": number, "what_changed": {}}
    version = DocumentVersion.objects.create(
        document=locked, sha256=Text(**columns).sha256, author_id=actor.person_id, status_since=at, **columns
    )
    details = {"document": locked.slug, "version": number}
    record(act=Act.DOCUMENT_DRAFT, actor=actor, at=at, subject=version, details=details)
    return version


def free_number(document: Document, number: str) -> str:
    """Return the first number after `number` that no version of the document has."""
    taken = set(document.versions.values_list("version", flat=True))
    while number in taken:
        parts = re.fullmatch(r"(.*?)(\d*)", number)
        stem, digits = parts.groups() if parts else (number, "")
        number = f"{stem}{int(digits) + 1}" if digits else f"{number}.1"
    return number[:20]


@transaction.atomic
def save(
    *, version: DocumentVersion, text: Text, consent_within_days: int | None, actor: Actor, at: datetime
) -> DocumentVersion:
    """Keep what was written; whoever writes becomes the author, who can't be the reviewer.

    Texts may still be missing; the number may not. Raises RuleViolated, and Stale when it is no draft any more.
    """
    actor = authorise(actor=actor, act=Act.DOCUMENT_DRAFT)
    row = held(version)
    if row.status != "draft":
        raise Stale(state=row.status)
    violations = number_faults(row.document, text.version, row)
    if consent_within_days is not None and not 1 <= consent_within_days <= LONGEST_DELAY:
        message = _("Choose between 1 and %(most)d days.") % {"most": LONGEST_DELAY}
        violations.append(Violation("consent_within_days", "days", message))
    if violations:
        raise RuleViolated(violations)
    columns = {**asdict(text), "sha256": text.sha256, "consent_within_days": consent_within_days}
    DocumentVersion.objects.filter(pk=row.pk).update(author_id=actor.person_id, **columns)
    row.refresh_from_db()
    details = {"document": row.document.slug, "version": row.version, "sha256": row.sha256}
    record(act=Act.DOCUMENT_DRAFT, actor=actor, at=at, subject=row, details=details)
    return row


@transaction.atomic
def hand_in(*, version: DocumentVersion, actor: Actor, at: datetime) -> DocumentVersion:
    """Hand a complete draft to another person. Raises RuleViolated with everything that is missing, and Stale."""
    actor = authorise(actor=actor, act=Act.DOCUMENT_HAND_IN)
    row = held(version)
    violations = faults_of(row.document, text_of(row), row)
    if any(not row.what_changed.get(lang, "").strip() for lang in ("ja", "en")):
        message = _("Say in Japanese and English what changed.")
        violations.append(Violation("what_changed", "what_changed_missing", message))
    if violations:
        raise RuleViolated(violations)
    return transition(machine=DOCUMENT, row=row, act=Act.DOCUMENT_HAND_IN, actor=actor, at=at, details=facts(row))


@transaction.atomic
def review(*, version: DocumentVersion, seen: str, actor: Actor, at: datetime) -> DocumentVersion:
    """Find the version right, as a person who did not write it; `seen` is the hash of the text that was read.

    Raises RuleViolated for the author and for a text that changed meanwhile, Stale when it is not in review.
    """
    actor = authorise(actor=actor, act=Act.DOCUMENT_REVIEW)
    row = held(version)
    if row.author_id == actor.person_id:
        message = _("You wrote this version. Another rules manager has to review it.")
        raise RuleViolated([Violation(None, "own_version", message)])
    if row.sha256 != seen:
        message = _("The text changed after you opened this page. Please read it again.")
        raise RuleViolated([Violation(None, "text_changed", message)])
    columns = {"reviewer_id": actor.person_id, "review_note": ""}
    return transition(
        machine=DOCUMENT, row=row, act=Act.DOCUMENT_REVIEW, actor=actor, at=at, details=facts(row), columns=columns
    )


@transaction.atomic
def send_back(*, version: DocumentVersion, note: str, actor: Actor, at: datetime) -> DocumentVersion:
    """Give the version back to be changed, with the reason. Raises RuleViolated without one, and Stale."""
    actor = authorise(actor=actor, act=Act.DOCUMENT_RETURN)
    if not note.strip():
        raise RuleViolated([Violation("note", "required", _("Please say what has to be changed."))])
    columns = {"reviewer": None, "review_note": note.strip()}
    return transition(
        machine=DOCUMENT,
        row=version,
        act=Act.DOCUMENT_RETURN,
        actor=actor,
        at=at,
        details=facts(version) | {"note": note.strip()},
        columns=columns,
    )


@transaction.atomic
def post(*, version: DocumentVersion, seen: str, actor: Actor, at: datetime) -> DocumentVersion:
    """Post a reviewed version: it applies from this moment and never changes again (O-3.2).

    Raises RuleViolated for a text other than the one `seen`, Stale when it is not reviewed.
    """
    actor = authorise(actor=actor, act=Act.DOCUMENT_PUBLISH)
    held_document(version.document)
    row = held(version)
    if row.sha256 != seen:
        message = _("The text changed after you opened this page. Please read it again.")
        raise RuleViolated([Violation(None, "text_changed", message)])
    columns = {"posted_at": at}
    return transition(
        machine=DOCUMENT, row=row, act=Act.DOCUMENT_PUBLISH, actor=actor, at=at, details=facts(row), columns=columns
    )


def stands_alone(version: DocumentVersion) -> bool:
    """Tell whether a document has no other version, so that nothing is left of it without this one."""
    return not version.document.versions.exclude(pk=version.pk).exists()


@transaction.atomic
def discard(*, version: DocumentVersion, seen: str, actor: Actor, at: datetime) -> None:
    """Throw a draft away; a document of which it was the only version goes with it.

    Raises RuleViolated for a text other than the one `seen` and for a draft of which subscribers were told,
    Stale when it is no draft, NotFound when it was thrown away before.
    """
    actor = authorise(actor=actor, act=Act.DOCUMENT_DISCARD)
    document = held_document(version.document)
    row = held(version)
    if row.status != "draft":
        raise Stale(state=row.status)
    if row.sha256 != seen:
        message = _("The text changed after you opened this page. Please read it again.")
        raise RuleViolated([Violation(None, "text_changed", message)])
    alone = stands_alone(row)
    record(act=Act.DOCUMENT_DISCARD, actor=actor, at=at, subject=row, details=facts(row) | {"whole": alone})
    try:
        DocumentVersion.objects.filter(pk=row.pk).delete()
    except ProtectedError as told:
        message = _("Subscribers were told of this version in advance, so it stays. Please change it instead.")
        raise RuleViolated([Violation(None, "announced", message)]) from told
    if alone:
        document.delete()


def facts(version: DocumentVersion) -> dict[str, str]:
    """Return what a record says of a version."""
    return {"document": version.document.slug, "version": version.version, "sha256": version.sha256}
