"""Reads for the rules managers' pages about documents: what is in force, how a draft reads, whom it touches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.safestring import SafeString

from applications.models import Application
from applications.selectors.audience import Circle, Renewal, renewals
from regulations.differences import Line, differences
from regulations.markdown import readable
from regulations.models import Document, DocumentVersion, TargetSystemVersion


@dataclass(frozen=True)
class TextRow:
    """One document: the version in force, the one being made, and what is asked anew."""

    document: Document
    current: DocumentVersion | None
    open: DocumentVersion | None
    renewal: Renewal | None
    governs: list[str]


def rows(at: datetime) -> list[TextRow]:
    """Return every document in the order of precedence (O-2.1)."""
    posted = DocumentVersion.objects.posted(at).order_by("document_id", "-posted_at").distinct("document_id")
    current = {version.document_id: version for version in posted}
    waiting = {version.document_id: version for version in DocumentVersion.objects.unposted()}
    asked = {renewal.current.document_id: renewal for renewal in renewals(at)}
    names = {
        row.target_system_id: str(row.ruleset.name) for row in TargetSystemVersion.objects.filter(status="in_force")
    }
    return [
        TextRow(
            row,
            current.get(row.pk),
            waiting.get(row.pk),
            asked.get(row.pk),
            [names.get(system.pk, system.slug) for system in row.target_systems.all()],
        )
        for row in Document.objects.prefetch_related("target_systems")
    ]


def shown(version: DocumentVersion) -> dict[str, SafeString]:
    """Return how a version reads, per language."""
    return {lang: readable(version.body.get(lang, "")) for lang in ("ja", "en")}


@dataclass(frozen=True)
class Stated:
    """A version with the state that people know it by: of those posted, the newest alone is in force."""

    version: DocumentVersion
    state: str


def versions_of(document: Document, at: datetime) -> list[Stated]:
    """Return every version of a document with its state, the newest first."""
    versions = document.versions.select_related("author", "reviewer").order_by(F("posted_at").desc(nulls_first=True))
    rows = list(versions)
    newest = next((row.pk for row in rows if row.posted_at is not None and row.posted_at <= at), None)
    return [Stated(row, state_of(row, newest)) for row in rows]


def state_of(version: DocumentVersion, newest: UUID | None) -> str:
    """Return the state of a version, where `newest` is the one in force."""
    if version.status != "published":
        return version.status
    return "in_force" if version.pk == newest else "superseded"


@dataclass(frozen=True)
class Compared:
    """What differs from the version in force, per language."""

    before: DocumentVersion
    lines: dict[str, list[Line]]


def compared(version: DocumentVersion, at: datetime) -> Compared | None:
    """Return what differs from the version posted before; None for a document's first version."""
    posted = version.document.versions.posted(at).exclude(pk=version.pk)
    if version.posted_at is not None:
        posted = posted.filter(posted_at__lt=version.posted_at)
    before = posted.order_by("-posted_at").first()
    return Compared(before, lines_between(before, version)) if before else None


def lines_between(before: DocumentVersion, after: DocumentVersion) -> dict[str, list[Line]]:
    """Return the comparison of two versions, per language."""
    return {lang: differences(before.body.get(lang, ""), after.body.get(lang, "")) for lang in ("ja", "en")}


@dataclass(frozen=True)
class Impact:
    """What posting does: how many subscribe, how many drafts have to be read again, how many must agree anew."""

    subscribers: int
    drafts: int
    anew: int
    mailed: int


def impact_of(version: DocumentVersion, at: datetime) -> Impact:
    """Return whom posting `version` touches, as things stand."""
    named = [
        application
        for application in Application.objects.filter(status="draft").select_related("rules")[:1000]
        if version.document.slug in application.rules.ruleset.consents
    ]
    anew = 0
    if version.consent_within_days is not None:
        anew = Renewal(version, version, at, at).people().count()
    mailed = version.advance_notices.count()
    return Impact(Circle().people().count(), len(named), anew, mailed)
