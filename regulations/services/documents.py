"""Posting documents: a version is a row that never changes and applies from the moment of posting (O-3.1, O-3.2)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Violation
from audit.services import canonical, record
from regulations.models import Document, DocumentKind, DocumentVersion

NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{0,19}", re.ASCII)


@dataclass(frozen=True)
class Text:
    """What a version says, per language; or where a document kept elsewhere is found, and the hash of the copy read."""

    version: str
    title: Mapping[str, str]
    body: Mapping[str, str] = field(default_factory=dict)
    what_changed: Mapping[str, str] = field(default_factory=dict)
    external_url: str = ""
    external_sha256: str = ""

    @property
    def sha256(self) -> str:
        """The content hash to which a consent is given: of everything but the note of changes."""
        content = {name: value for name, value in asdict(self).items() if name != "what_changed"}
        return hashlib.sha256(canonical(content)).hexdigest()


@transaction.atomic
def set_up(*, columns: Mapping[str, Any], actor: Actor, at: datetime) -> Document:
    """Make a document without a version yet; `columns` are its name, kind, precedence and what it governs.

    Raises RuleViolated where the usage terms would not win over it.
    """
    actor = authorise(actor=actor, act=Act.DOCUMENT_DRAFT)
    refuse_misplaced(columns["kind"], columns["precedence"])
    plain = {name: columns[name] for name in ("slug", "kind", "precedence", "procedures")}
    document = Document.objects.create(**plain)
    document.target_systems.set(columns["target_systems"])
    record(act=Act.DOCUMENT_DRAFT, actor=actor, at=at, subject=document, details=plain)
    return document


@transaction.atomic
def govern(*, document: Document, columns: Mapping[str, Any], actor: Actor, at: datetime) -> None:
    """Change what a document governs and where it stands in the order of precedence; its texts stay as they are.

    `columns` are precedence, procedures and target systems. What stays the same changes nothing. Raises RuleViolated
    where the usage terms would not win any more, NotFound when the document went with its only draft.
    """
    actor = authorise(actor=actor, act=Act.DOCUMENT_GOVERN)
    row = Document.objects.select_for_update(of=("self",)).filter(pk=document.pk).first()
    if row is None:
        raise NotFound
    refuse_misplaced(row.kind, columns["precedence"], but=row)
    before = governed_by(row)
    row.precedence, row.procedures = columns["precedence"], list(columns["procedures"])
    row.save(update_fields=["precedence", "procedures"])
    row.target_systems.set(columns["target_systems"])
    after = governed_by(row)
    if after != before:
        details = {"document": row.slug, "before": before, "after": after}
        record(act=Act.DOCUMENT_GOVERN, actor=actor, at=at, subject=row, details=details)


def refuse_misplaced(kind: str, precedence: int, but: Document | None = None) -> None:
    """Raise RuleViolated where the usage terms would not win over every other document any more (O-2.1)."""
    others = Document.objects.exclude(pk__in=[but.pk] if but else [])
    terms = others.filter(kind=DocumentKind.TERMS)
    if kind == DocumentKind.TERMS:
        beaten = others.exclude(kind=DocumentKind.TERMS).filter(precedence__lte=precedence)
    else:
        beaten = terms.filter(precedence__gte=precedence)
    if beaten.exists():
        message = _("The usage terms win over every other document: give them the smallest number.")
        raise RuleViolated([Violation("precedence", "terms_win", message)])


def governed_by(document: Document) -> dict[str, Any]:
    """Return what a record says of what a document governs."""
    systems = sorted(document.target_systems.values_list("slug", flat=True))
    return {"precedence": document.precedence, "procedures": document.procedures, "target_systems": systems}


@transaction.atomic
def publish(*, document: Document, text: Text, actor: Actor, at: datetime) -> DocumentVersion:
    """Load a version that comes with the installation; from now on it is the one in force.

    People post what another person has reviewed (`regulations.services.drafts`).
    Raises RuleViolated for an empty text, a number that was used before, or a copy kept elsewhere without its hash.
    """
    actor = authorise(actor=actor, act=Act.DOCUMENT_LOAD)
    locked = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
    violations = list(faults_of(locked, text))
    if violations:
        raise RuleViolated(violations)
    columns: dict[str, Any] = {name: value for name, value in asdict(text).items() if name != "sha256"}
    version = DocumentVersion.objects.create(
        document=locked, sha256=text.sha256, status="published", status_since=at, posted_at=at, **columns
    )
    details = {"document": document.slug, "version": version.version, "sha256": version.sha256}
    record(act=Act.DOCUMENT_LOAD, actor=actor, at=at, subject=version, details=details)
    return version


def number_faults(document: Document, number: str, but: DocumentVersion | None = None) -> list[Violation]:
    """What is wrong with a version's number: it stands in addresses, and no two versions share one."""
    if not NUMBER.fullmatch(number):
        message = _("Write the version with letters, digits, dots and hyphens, for example 3.2.")
        return [Violation("version", "version_form", message)]
    if document.versions.exclude(pk__in=[but.pk] if but else []).filter(version=number).exists():
        message = _("Version “%(version)s” of this document exists already.") % {"version": number}
        return [Violation("version", "version_used", message)]
    return []


def faults_of(document: Document, text: Text, but: DocumentVersion | None = None) -> list[Violation]:
    """What keeps `text` from being posted; `but` is the version that holds this text already."""
    found = number_faults(document, text.version, but)
    if any(not text.title.get(lang, "").strip() for lang in ("ja", "en")):
        found.append(Violation("title", "title_missing", _("A title in Japanese and English is needed.")))
    if text.external_url:
        if len(text.external_sha256) != 64 or set(text.external_sha256) - set("0123456789abcdef"):
            message = _("A document kept elsewhere needs the SHA-256 of the copy that was read.")
            found.append(Violation("external_sha256", "hash_missing", message))
    elif any(not text.body.get(lang, "").strip() for lang in ("ja", "en")):
        found.append(Violation("body", "body_missing", _("A text in Japanese and English is needed.")))
    return found
