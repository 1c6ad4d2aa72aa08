"""Looking at what is confidential: every look has a reason and is on record (O-9)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.services import authorise
from applications.batches import Batch, BatchDocument
from applications.models import Application, Upload, UploadPage
from applications.rules.deciding import refuse_own
from applications.selectors.facts import involved_in
from audit.actors import Actor
from audit.acts import Act
from audit.exporting import proof_of
from audit.models import Event
from audit.refusals import NotFound, RuleViolated, Stale, Violation
from audit.services import record
from regulations.text import TextError, clean
from vault.models import SealedBlob
from vault.services import open_blob

LONGEST_REASON = 200


def open_case(*, application: Application, actor: Actor, at: datetime) -> None:
    """Record that somebody of the office or an auditor opened an application."""
    actor = authorise(actor=actor, act=Act.APPLICATION_READ)
    record(act=Act.APPLICATION_READ, actor=actor, at=at, subject=application)


def take_list(*, what: Mapping[str, str], actor: Actor, at: datetime) -> None:
    """Record that somebody took a list of applications away as a file; `what` is how it was narrowed down."""
    actor = authorise(actor=actor, act=Act.APPLICATION_EXPORT)
    record(act=Act.APPLICATION_EXPORT, actor=actor, at=at, details=what)


def open_batch(*, batch: Batch, actor: Actor, at: datetime) -> None:
    """Record that somebody of the office or an auditor opened a file of applications."""
    actor = authorise(actor=actor, act=Act.BATCH_OPEN)
    record(act=Act.BATCH_OPEN, actor=actor, at=at, subject=batch)


@transaction.atomic
def open_common(*, document: BatchDocument, blob: SealedBlob | None, actor: Actor, at: datetime) -> bytes:
    """Return a document that stands for every line of a file, or a page of it, to whoever examines or audits it."""
    actor = authorise(actor=actor, act=Act.APPLICATION_READ)  # UPLOAD_READ is also the applicants', for their own
    batch = document.batch
    refuse_own(involved={*filter(None, [batch.uploaded_by_id, batch.confirmed_by_id])}, person=actor.person_id)
    if blob is None:
        raise NotFound
    return open_blob(blob=blob, actor=actor, reason="examination", at=at, story=batch.story)


@transaction.atomic
def look_at_value(*, application: Application, key: str, reason: str, actor: Actor, at: datetime) -> str:
    """Return a masked value of the application; who looked at which field and why is recorded, never the value.

    Only for those who read applications: the call center, which looks at people's data too, has a page of its own.
    """
    authorise(actor=actor, act=Act.APPLICATION_READ)
    actor = authorise(actor=actor, act=Act.PERSONAL_DATA_LOOK)
    reason = readable_reason(reason)
    if not reason:
        raise RuleViolated([Violation("reason", "reason_missing", _("Please write why you need to see this."))])
    if key not in application.rules.ruleset.field_keys:
        raise NotFound
    details = {"field": key, "reason": reason}
    record(act=Act.PERSONAL_DATA_LOOK, actor=actor, at=at, subject=application, details=details)
    return str(application.values.get(key, ""))


def readable_reason(text: str) -> str:
    """Return a reason as it is recorded. Raises RuleViolated for signs that nobody can see."""
    try:
        return clean(text)[:LONGEST_REASON]
    except TextError as error:
        raise RuleViolated([Violation("reason", error.code, error.message)]) from error


def read_evidence(*, what: Mapping[str, str], actor: Actor, at: datetime, story: UUID | None = None) -> None:
    """Record what an auditor looked for or at."""
    actor = authorise(actor=actor, act=Act.EVIDENCE_READ)
    record(act=Act.EVIDENCE_READ, actor=actor, at=at, story=story, details=what)


def take_evidence(*, what: Mapping[str, str], actor: Actor, at: datetime) -> None:
    """Record that records are taken out as a file, and which. Raises NotAllowed."""
    actor = authorise(actor=actor, act=Act.EVIDENCE_EXPORT)
    record(act=Act.EVIDENCE_EXPORT, actor=actor, at=at, details=what)


@transaction.atomic
def take_proof(*, event: Event, details: bool, actor: Actor, at: datetime) -> dict[str, Any]:
    """Return the proof of one event, and record who took it. Raises NotAllowed, and Stale while it is not sealed."""
    actor = authorise(actor=actor, act=Act.EVIDENCE_PROVE)
    proof = proof_of(event, details=details)
    if proof is None:
        raise Stale(_("This record waits for its seal. Please try again in a few seconds."))
    record(act=Act.EVIDENCE_PROVE, actor=actor, at=at, subject=event, story=event.story, details={"details": details})
    return proof


@transaction.atomic
def open_page(*, page: UploadPage, actor: Actor, at: datetime) -> bytes:
    """Return the image of one page of a document, for whoever examines, approves or audits it."""
    actor = authorise(actor=actor, act=Act.APPLICATION_READ)  # UPLOAD_READ is also the applicants', for their own
    application = page.upload.application
    refuse_own(involved=involved_in(application), person=actor.person_id)
    return open_blob(blob=page.blob, actor=actor, reason="examination", at=at, story=application.story)


@transaction.atomic
def open_file(*, upload: Upload, actor: Actor, at: datetime) -> bytes:
    """Return a document as it was handed in. Raises NotFound once it was destroyed."""
    actor = authorise(actor=actor, act=Act.APPLICATION_READ)  # UPLOAD_READ is also the applicants', for their own
    refuse_own(involved=involved_in(upload.application), person=actor.person_id)
    if upload.blob is None:
        raise NotFound
    return open_blob(blob=upload.blob, actor=actor, reason="examination", at=at, story=upload.application.story)
