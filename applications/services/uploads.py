"""Documents that applicants hand in: checked, sealed, taken out again, turned into images by the worker."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.nudges import nudge
from accounts.services import authorise
from applications.models import Application, Upload
from applications.rules.intake import check_document_age
from applications.rules.uploads import CheckedFile
from applications.selectors.intake import documents_of
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Stale, Violation
from audit.services import record
from regulations.calendar import tokyo
from vault.models import Purpose
from vault.services import open_blob, seal

MOST_UPLOADS = 20
CHANGEABLE = ("draft", "waiting_information")


@transaction.atomic
def add(
    *, application: Application, key: str, file: CheckedFile, issued_on: date | None, actor: Actor, at: datetime
) -> Upload:
    """Keep a checked file, sealed, as the document `key`; the same file again is the same upload.

    Raises RuleViolated for a document that is not asked for, is too old, or one too many.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_UPLOAD)
    row = changeable(application, actor)
    refuse_unasked(row, key, issued_on, at)
    digest = hashlib.sha256(file.data).hexdigest()
    kept = row.uploads.filter(removed_at=None)
    same = kept.filter(key=key, sha256=digest, issued_on=issued_on).first()
    if same is not None:
        return same
    if kept.count() >= MOST_UPLOADS:
        message = _("There are %(count)d documents already. Please take one out first.") % {"count": MOST_UPLOADS}
        raise RuleViolated([Violation(key, "too_many", message)])
    upload = Upload.objects.create(
        application=row,
        key=key,
        file_name=file.name,
        media_type=file.media_type,
        size=len(file.data),
        sha256=digest,
        issued_on=issued_on,
        blob=seal(purpose=Purpose.DOCUMENTS, plaintext=file.data),
        uploaded_at=at,
    )
    details = {"key": key, "sha256": digest, "size": upload.size, "media_type": file.media_type}
    record(act=Act.APPLICATION_UPLOAD, actor=actor, at=at, subject=upload, story=row.story, details=details)
    nudge("applications.render_pages")
    return upload


@transaction.atomic
def remove(*, upload: Upload, actor: Actor, at: datetime) -> None:
    """Take a document out of a draft, or out of an answer not yet sent; taking it out twice changes nothing."""
    actor = authorise(actor=actor, act=Act.APPLICATION_UPLOAD)
    row = changeable(upload.application, actor)
    if row.submitted_at is not None and not after_request(row, upload):
        raise Stale(state=row.status)
    if Upload.objects.filter(pk=upload.pk, removed_at=None).update(removed_at=at):
        details = {"key": upload.key, "removed": True}
        record(act=Act.APPLICATION_UPLOAD, actor=actor, at=at, subject=upload, story=row.story, details=details)


@transaction.atomic
def read_own(*, upload: Upload, actor: Actor, at: datetime) -> bytes:
    """The bytes of one's own document; the look is on record (O-9). Raises NotFound once it was destroyed."""
    actor = authorise(actor=actor, act=Act.UPLOAD_READ)
    if actor.person_id not in upload.application.side or upload.blob is None:
        raise NotFound
    story = upload.application.story
    return open_blob(blob=upload.blob, actor=actor, reason="own document", at=at, story=story)


def changeable(application: Application, actor: Actor) -> Application:
    """The application, locked, while documents may be added to it. Raises NotFound for somebody else's, Stale later."""
    row = Application.objects.select_for_update(of=("self",)).select_related("rules").get(pk=application.pk)
    may = {row.editor_id} if row.status == "draft" else row.side
    if actor.person_id not in may:
        raise NotFound
    if row.status not in CHANGEABLE:
        raise Stale(state=row.status)
    return row


def after_request(application: Application, upload: Upload) -> bool:
    """Whether the document was added in answer to the request that is open now."""
    asked = application.information_requests.filter(answered_at=None).first()
    return asked is not None and upload.uploaded_at >= asked.asked_at


def refuse_unasked(application: Application, key: str, issued_on: date | None, at: datetime) -> None:
    """Raise RuleViolated for a document that nobody asked for, or one that is too old."""
    rules = {document.key: document for document in documents_of(application)}
    asked = application.information_requests.filter(answered_at=None).first()
    wanted = {str(item["key"]) for item in asked.items} if asked is not None else set()
    if key not in rules and key not in wanted:
        message = _("This document is not asked for.")
        raise RuleViolated([Violation(key, "not_asked", message)])
    if key in rules:
        old = check_document_age(rules[key], issued_on, tokyo(at).date())
        if old is not None:
            raise RuleViolated([old])
