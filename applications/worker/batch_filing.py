"""Filing the lines of a confirmed file, a few hundred at a time; a step that is lost is done again, none is done twice.

Where the rules ask each person, every line becomes an application that waits for its person's word. Where they ask the
administrator's consent for the filing, it is received at once, line by line; one that can't be received is left out
with the reason, and the others go on. Everything is done in the name of the administrator who confirmed the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import translation

from accounts.models import User
from accounts.waiting import accounts_for
from applications.batches import Batch, BatchDocument, BatchDocumentPage, BatchLine
from applications.models import Application, Upload, UploadPage
from applications.rules.batches import BY_ADMINISTRATOR
from applications.selectors.intake import from_contract
from applications.services import batches, confirming, intake
from applications.states import APPLICATION, BATCH
from applications.worker import batch_checking
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import Refused
from audit.services import Entry, record_many, transition
from regulations.line_cells import LANGUAGES, Both
from regulations.models import Contract
from regulations.register_selectors import administered_by

ASKED_AT_ONCE: Final = 200
RECEIVED_AT_ONCE: Final = 50


@dataclass(frozen=True)
class Filing:
    """What the lines of one step have in common."""

    batch: Batch
    administrator: User
    actor: Actor
    at: datetime
    looked_up: dict[str, str]
    documents: list[tuple[BatchDocument, list[BatchDocumentPage]]] = field(default_factory=list)


def step(batch: Batch, *, actor: Actor, at: datetime) -> bool:
    """File the next lines; returns whether more follow at once."""
    administrator = batch.confirmed_by
    if administrator is None or not may_go_on(batch, administrator, at):
        transition(machine=BATCH, row=batch, act=Act.BATCH_HALT, actor=actor, at=at)
        return False
    if not batch.lines.filter(application__isnull=False).exists() and faulty_by_now(batch, actor, at):
        return False
    if batch.documents.filter(removed_at=None, render_status="waiting").exists():
        return False  # drawn by another task, which nudges this one when it is done
    size = RECEIVED_AT_ONCE if batch.consent == BY_ADMINISTRATOR else ASKED_AT_ONCE
    lines = list(batch.lines.filter(application=None, left_out={}).order_by("line")[:size])
    if not lines:
        finish(batch, actor, at)
        return False
    filing = filing_of(batch, administrator, at)
    if batch.consent == BY_ADMINISTRATOR:
        receive_each(filing, lines)
    else:
        ask_each(filing, lines)
    return True


def may_go_on(batch: Batch, administrator: User, at: datetime) -> bool:
    """Whether the contract is still in force and still administered by whoever confirmed the file."""
    contract: Contract = batch.contract
    own = administered_by(administrator).filter(pk=contract.pk).exists()
    return own and Contract.objects.in_force(at).filter(pk=contract.pk).exists()


def faulty_by_now(batch: Batch, actor: Actor, at: datetime) -> bool:
    """Look at the whole once more before the first line is filed; a file that became faulty is filed by nobody."""
    if batch.lines.exclude(left_out={}).exists():
        return False
    faults = batch_checking.look_at_whole(batch, at)
    if faults:
        columns = {"fault_count": faults}
        transition(machine=BATCH, row=batch, act=Act.BATCH_FAULT, actor=actor, at=at, columns=columns)
    return faults > 0


def finish(batch: Batch, actor: Actor, at: datetime) -> None:
    """End the filing; the bytes are no longer needed."""
    left_out = batch.lines.exclude(left_out={}).count()
    details = {"lines": batch.line_count, "left_out": left_out}
    filed = transition(machine=BATCH, row=batch, act=Act.BATCH_FILE, actor=actor, at=at, details=details)
    batches.forget_bytes(batch=filed, actor=actor, at=at)


def filing_of(batch: Batch, administrator: User, at: datetime) -> Filing:
    """What the next lines have in common."""
    documents = batch.documents.filter(removed_at=None).order_by("uploaded_at").prefetch_related("pages")
    return Filing(
        batch=batch,
        administrator=administrator,
        actor=administrator.actor(batch.origin).acting("applicant"),
        at=at,
        looked_up=from_contract(batch.rules.ruleset, batch.contract),
        documents=[(document, list(document.pages.all())) for document in documents],
    )


def ask_each(filing: Filing, lines: Sequence[BatchLine]) -> None:
    """Make an application of each line and ask its person, all in one transaction."""
    made = drafts(filing, lines)
    presented = [row.pk for row in made]
    move = APPLICATION.move(Act.APPLICATION_PRESENT)
    Application.objects.filter(pk__in=presented).update(status=move.target, status_since=filing.at)
    moved = ("draft", move.target)
    entries = [
        Entry(Act.APPLICATION_PRESENT, row, details=said_of(line), moved=moved)
        for row, line in zip(made, lines, strict=True)
    ]
    record_many(actor=filing.actor, at=filing.at, entries=entries)
    confirming.ask_many(made, asked_by=filing.administrator, at=filing.at)


def drafts(filing: Filing, lines: Sequence[BatchLine]) -> list[Application]:
    """The drafts of lines with the common documents, made with few statements; the lines point to them."""
    people = accounts_for(
        people={line.email: line.name for line in lines},
        language=filing.administrator.language,
        actor=filing.actor,
        at=filing.at,
    )
    made = [draft_of(filing, line, people[line.email]) for line in lines]
    Application.objects.bulk_create(made)
    entries = [Entry(Act.APPLICATION_START, row, details=said_of(line)) for row, line in zip(made, lines, strict=True)]
    record_many(actor=filing.actor, at=filing.at, entries=entries)
    list_documents(filing, made)
    for line, row in zip(lines, made, strict=True):
        line.application, line.values, line.csr_der = row, {}, None
    BatchLine.objects.bulk_update(lines, ["application", "values", "csr_der"])
    return made


def said_of(line: BatchLine) -> dict[str, object]:
    """What the evidence says of where an application came from."""
    return {"batch": str(line.batch_id), "line": line.line}


def draft_of(filing: Filing, line: BatchLine, applicant: User) -> Application:
    """The draft of one line."""
    batch = filing.batch
    return Application(
        applicant=applicant,
        filed_by=filing.administrator,
        filed_for=line.name,
        batch=batch,
        rules=batch.rules,
        contract=batch.contract,
        values={**line.values, **filing.looked_up},
        typed=dict(line.values),
        csr_der=line.csr_der,
        key_digest=line.key_digest,
        status_since=filing.at,
        created_at=filing.at,
        saved_at=filing.at,
    )


def list_documents(filing: Filing, made: Sequence[Application]) -> None:
    """List the common documents with each application; their bytes and pictures are sealed once for all."""
    uploads, pages = [], []
    for application in made:
        for document, drawn in filing.documents:
            upload = Upload(
                application=application,
                key=document.key,
                file_name=document.file_name,
                media_type=document.media_type,
                size=document.size,
                sha256=document.sha256,
                issued_on=document.issued_on,
                blob_id=document.blob_id,
                uploaded_at=document.uploaded_at,
                render_status=document.render_status,
            )
            uploads.append(upload)
            pages += [
                UploadPage(upload=upload, number=row.number, blob_id=row.blob_id, width=row.width, height=row.height)
                for row in drawn
            ]
    Upload.objects.bulk_create(uploads)
    UploadPage.objects.bulk_create(pages)


def receive_each(filing: Filing, lines: Sequence[BatchLine]) -> None:
    """Receive each line by itself; why one can't be received is kept with it, and the next one follows.

    A line that is refused is tried once in each language, so that the reason can be read in all of them.
    """
    for line in lines:
        left_out: Both = {}
        for language in LANGUAGES:
            try:
                with translation.override(language), transaction.atomic():
                    receive(filing, line)
                left_out = {}
                break
            except Refused as refused:
                left_out[language] = str(refused.message)
                line.refresh_from_db()
        if left_out:
            BatchLine.objects.filter(pk=line.pk).update(left_out=left_out)


def receive(filing: Filing, line: BatchLine) -> Application:
    """One line as a received application; its person is told, with a way into the account that waits for them."""
    (draft,) = drafts(filing, [line])
    subscription = intake.free_subscription(draft, filing.at)
    application = intake.received(draft, subscription, filing.actor, filing.at)
    confirming.announce(application, asked_by=filing.administrator, at=filing.at)
    return application
