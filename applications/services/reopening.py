"""Taking up again what came to an end: a lapsed application where it was left, or a new one with the same contents."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.nudges import nudge
from accounts.services import authorise
from applications.models import Application, InformationRequest, Upload
from applications.rules import kinds
from applications.rules.intake import check_document_age
from applications.selectors.intake import contents_digest
from applications.selectors.reopening import open_question_of, reopens_until, template_for
from applications.services import intake
from applications.services.asking import USUAL_DAYS
from applications.services.ordering import frozen_part
from applications.services.telling import tell_examiner
from applications.states import APPLICATION
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Stale
from audit.services import record, transition
from certificates import csr
from certificates.models import Certificate
from certificates.services import orders
from regulations.calendar import tokyo
from regulations.selectors import business_calendar
from regulations.services.suspensions import ensure_running
from vault.models import Purpose
from vault.services import open_blob, seal


@transaction.atomic
def reopen(*, application: Application, actor: Actor, at: datetime) -> Application:
    """Take up a lapsed application again where it was left: the question is open once more, drafts are there.

    Nothing is typed again and no new key is made. Raises Stale when it did not lapse or the time for it is over,
    RuleViolated when another application for the same person is open, Suspended while intake pauses (O-6).
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_REOPEN)
    row = (
        Application.objects.select_for_update(of=("self",))
        .select_related("rules", "contract", "order")
        .get(pk=application.pk)
    )
    if actor.person_id not in row.side:
        raise NotFound
    asked, until = open_question_of(row), reopens_until(row)
    if asked is None or until is None or at > until:
        raise Stale(_("The time in which this application could be taken up again is over."), state=row.status)
    ensure_running(at=at)
    calendar = business_calendar()
    due_at = calendar.due(at, business_days=USUAL_DAYS)
    lapses_at = asked.lapses_at - asked.due_at + due_at
    InformationRequest.objects.filter(pk=asked.pk).update(
        due_at=due_at, lapses_at=lapses_at, reminded_at=None, reopened_at=at
    )
    moved = _moved(row, actor, at, due_at)
    if moved.order is not None:
        frozen = frozen_part(moved, contents_digest(moved))
        orders.reopen(order=moved.order, frozen=frozen, actor=actor, at=at)
    intake.tell(moved, "reopened", at, once=due_at.isoformat())
    tell_examiner(application=moved, word="reopened", at=at)
    return moved


def _moved(row: Application, actor: Actor, at: datetime, due_at: datetime) -> Application:
    """The application as it waits for the answer again; the database's own word on one open application."""
    try:
        with transaction.atomic():
            return transition(
                machine=APPLICATION,
                row=row,
                act=Act.APPLICATION_REOPEN,
                actor=actor,
                at=at,
                details={"due_at": due_at},
            )
    except IntegrityError as error:
        raise RuleViolated([kinds.open_application(None)]) from error


@transaction.atomic
def again(*, application: Application, actor: Actor, at: datetime) -> Application:
    """Begin a new application with the contents of one that ended without a certificate; a draft is taken up first.

    Values, documents that are still new enough and the signing request come along; the request only if no
    certificate was issued for its key and it is not blocked. Raises as `intake.start`, NotFound for another's.
    """
    if application.applicant_id != actor.person_id:
        raise NotFound
    if not template_for(application):
        raise Stale(state=application.status)
    draft = intake.start(
        target_system=application.rules.target_system,
        contract=application.contract,
        person=application.applicant,
        actor=actor,
        at=at,
    )
    actor = authorise(actor=actor, act=Act.APPLICATION_EDIT)
    ruleset = draft.rules.ruleset
    own = {field.key for field in ruleset.fields if not field.from_contract}
    draft.values = draft.values | {key: value for key, value in application.values.items() if key in own}
    draft.typed = draft.typed | {key: value for key, value in application.typed.items() if key in own | {"csr"}}
    draft.csr_der = _request_to_keep(application)
    draft.key_digest = application.key_digest if draft.csr_der else ""
    if draft.csr_der is None:
        draft.typed.pop("csr", None)
    draft.saved_at = at
    draft.save(update_fields=["values", "typed", "csr_der", "key_digest", "saved_at"])
    record(act=Act.APPLICATION_EDIT, actor=actor, at=at, subject=draft, details={"from": application.receipt_number})
    _copy_documents(application, draft, actor, at)
    return draft


def _request_to_keep(application: Application) -> bytes | None:
    """The signing request of `application` if its key may still be certified for the first time."""
    if not application.csr_der:
        return None
    der = bytes(application.csr_der)
    key_types = application.rules.target_system.version_in_force().ruleset.profile.key_types
    try:
        digest = csr.read(der, key_types=key_types).spki_digest
    except RuleViolated:
        return None
    used = Certificate.objects.filter(public_key_sha256=digest).exists()
    return None if used or list(orders.key_violations(digest)) else der


def _copy_documents(application: Application, draft: Application, actor: Actor, at: datetime) -> None:
    """Seal anew, for the draft, each document that its rules ask for and whose age still allows it."""
    rules = {document.key: document for document in draft.rules.ruleset.documents}
    there = set(draft.uploads.filter(removed_at=None).values_list("key", "sha256"))
    for upload in application.uploads.filter(removed_at=None).select_related("blob").order_by("uploaded_at", "pk"):
        document = rules.get(upload.key)
        if document is None or upload.blob is None or (upload.key, upload.sha256) in there:
            continue
        if check_document_age(document, upload.issued_on, tokyo(at).date()) is None:
            data = open_blob(blob=upload.blob, actor=actor, reason="new application", at=at, story=draft.story)
            _copy(upload, data, draft, at)
    nudge("applications.render_pages")


def _copy(upload: Upload, data: bytes, draft: Application, at: datetime) -> None:
    Upload.objects.create(
        application=draft,
        key=upload.key,
        file_name=upload.file_name,
        media_type=upload.media_type,
        size=upload.size,
        sha256=upload.sha256,
        issued_on=upload.issued_on,
        blob=seal(purpose=Purpose.DOCUMENTS, plaintext=data),
        uploaded_at=at,
    )
