"""Applying for many people by one file, the part of the contract's administrator: hand in, confirm, stop, throw away.

Checking and filing are the worker's (`applications.worker.batches`); a wish to stop is a column that it reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.nudges import nudge
from accounts.services import authorise
from applications.batches import Batch, BatchDocument, BatchDocumentPage, BatchLine, BatchPart
from applications.rules.batches import (
    BY_ADMINISTRATOR,
    MOST_BYTES,
    MOST_DOCUMENTS,
    document_violations,
    documents_of_batch,
)
from applications.rules.intake import check_document_age
from applications.rules.uploads import CheckedFile
from applications.selectors.batches import asked_of_administrator, seen_of
from applications.selectors.intake import contract_lacks
from applications.states import BATCH
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Stale, Violation
from audit.services import record, transition
from regulations.calendar import tokyo
from regulations.models import Contract, TargetSystem
from regulations.register_selectors import administered_by
from regulations.services import consents
from regulations.services.file_parts import destroy_all, plain_name, take_in
from regulations.services.suspensions import ensure_running
from vault.models import Purpose, SealedBlob
from vault.services import seal

READ_TASK: Final = "applications.read_batches"
DRAW_TASK: Final = "applications.render_pages"
KEPT_UNCONFIRMED: Final = timedelta(days=30)
SWEPT_AT_ONCE: Final = 20
BEFORE_FILING: Final = ("received", "checking", "stopped", "checked")


@transaction.atomic
def receive(
    *,
    contract: Contract,
    target_system: TargetSystem,
    file: tuple[str, Iterable[bytes]],
    person: User,
    actor: Actor,
    at: datetime,
) -> Batch:
    """Store a file, given by name and bytes, sealed in parts, and let the worker check it.

    Raises NotFound for a contract that the person does not administer, RuleViolated where the rules take no files,
    the contract is not in force, or the file is empty, too large or unreadable; Suspended (O-6).
    """
    actor = authorise(actor=actor, act=Act.BATCH_RECEIVE)
    refuse_stranger(contract, person)
    ensure_running(at=at)
    version = target_system.version_in_force()
    ruleset = version.ruleset
    if not ruleset.bulk or target_system.parent_service_id != contract.parent_service_id:
        message = _("Applications for this target system are not taken by file.")
        raise RuleViolated([Violation("target_system", "no_files", message)])
    refuse_ended(contract, at)
    lacking = contract_lacks(ruleset, contract)
    if lacking:
        raise RuleViolated(lacking)
    name, chunks = file
    batch = Batch.objects.create(
        contract=contract,
        target_system=target_system,
        rules=version,
        consent=ruleset.bulk_consent,
        name=plain_name(name, "applications.csv"),
        size=0,
        sha256="",
        status_since=at,
        uploaded_by=person,
        uploaded_at=at,
    )

    def keep(position: int, blob: SealedBlob) -> None:
        BatchPart.objects.create(batch=batch, position=position, blob=blob)

    received = take_in(chunks, keep=keep, most_bytes=MOST_BYTES)
    batch.encoding, batch.size, batch.sha256 = received.encoding, received.size, received.sha256
    batch.save(update_fields=["encoding", "size", "sha256"])
    details = {"name": batch.name, "size": batch.size, "sha256": batch.sha256, "contract": contract.number}
    record(act=Act.BATCH_RECEIVE, actor=actor, at=at, subject=batch, details=details)
    nudge(READ_TASK)
    return batch


def refuse_stranger(contract: Contract, person: User) -> None:
    """Raise NotFound unless the person administers the contract."""
    if not administered_by(person).filter(pk=contract.pk).exists():
        raise NotFound


def refuse_ended(contract: Contract, at: datetime) -> None:
    """Raise RuleViolated unless the contract is in force."""
    if not Contract.objects.in_force(at).filter(pk=contract.pk).exists():
        message = _("Contract %(number)s is not in force today.") % {"number": contract.number}
        raise RuleViolated([Violation(None, "contract", message)])


@transaction.atomic
def add_document(
    *, batch: Batch, key: str, file: CheckedFile, issued_on: date | None, actor: Actor, at: datetime
) -> BatchDocument:
    """Keep a checked file as a document that stands for every line; the same file again is the same document.

    Raises RuleViolated for a document that is not asked for, is too old or one too many, Stale once it is filed.
    """
    actor = authorise(actor=actor, act=Act.BATCH_DOCUMENT)
    batch = held(batch, actor, BEFORE_FILING)
    rules = {rule.key: rule for rule in documents_of_batch(batch.rules.ruleset)}
    old = check_document_age(rules[key], issued_on, tokyo(at).date()) if key in rules else not_asked(key)
    if old is not None:
        raise RuleViolated([old])
    digest = hashlib.sha256(file.data).hexdigest()
    kept = batch.documents.filter(removed_at=None)
    same = kept.filter(key=key, sha256=digest, issued_on=issued_on).first()
    if same is not None:
        return same
    if kept.count() >= MOST_DOCUMENTS:
        message = _("There are %(count)d documents already. Please take one out first.") % {"count": MOST_DOCUMENTS}
        raise RuleViolated([Violation(key, "too_many", message)])
    document = BatchDocument.objects.create(
        batch=batch,
        key=key,
        file_name=file.name,
        media_type=file.media_type,
        size=len(file.data),
        sha256=digest,
        issued_on=issued_on,
        blob=seal(purpose=Purpose.DOCUMENTS, plaintext=file.data),
        uploaded_at=at,
    )
    details = {"key": key, "sha256": digest, "size": document.size}
    record(act=Act.BATCH_DOCUMENT, actor=actor, at=at, subject=document, story=batch.story, details=details)
    nudge(DRAW_TASK)
    return document


def not_asked(key: str) -> Violation:
    """That nobody asks for a document."""
    return Violation(key, "not_asked", _("This document is not asked for."))


@transaction.atomic
def remove_document(*, document: BatchDocument, actor: Actor, at: datetime) -> None:
    """Take a common document out again before anything is filed; taking it out twice changes nothing."""
    actor = authorise(actor=actor, act=Act.BATCH_DOCUMENT)
    batch = held(document.batch, actor, BEFORE_FILING)
    if BatchDocument.objects.filter(pk=document.pk, removed_at=None).update(removed_at=at):
        details = {"key": document.key, "removed": True}
        record(act=Act.BATCH_DOCUMENT, actor=actor, at=at, subject=document, story=batch.story, details=details)


@transaction.atomic
def confirm(*, batch: Batch, ticked: Collection[str], seen: str, actor: Actor, at: datetime) -> Batch:
    """Let the lines of a checked file be filed, each as an application of its own.

    `ticked` are the keys of the consents where the rules ask the administrator's for the filing, `seen` the digest of
    what the page showed. Confirming twice changes nothing. Raises RuleViolated with everything that is missing,
    Stale when it no longer waits for that, Suspended (O-6).
    """
    actor = authorise(actor=actor, act=Act.BATCH_CONFIRM)
    batch = held(batch, actor, (*BEFORE_FILING, "filing", "filed"))
    if batch.status in ("filing", "filed") and batch.confirmed_by_id == actor.person_id:
        return batch
    ensure_running(at=at)
    refuse_ended(batch.contract, at)
    violations = refusals_to_confirm(batch, ticked, seen, at)
    if violations:
        raise RuleViolated(violations)
    person = person_of(actor)
    if batch.consent == BY_ADMINISTRATOR:
        items = asked_of_administrator(batch, at)
        consents.give(person=person, story=batch.story, items=items, actor=actor, at=at)
    confirmed = transition(
        machine=BATCH,
        row=batch,
        act=Act.BATCH_CONFIRM,
        actor=actor,
        at=at,
        details={"sha256": batch.sha256, "lines": batch.line_count, "seen": seen},
        columns={"confirmed_by": person, "confirmed_at": at, "origin": actor.origin, "ask_stop": False},
    )
    nudge(READ_TASK)
    return confirmed


def refusals_to_confirm(batch: Batch, ticked: Collection[str], seen: str, at: datetime) -> list[Violation]:
    """Everything that keeps a checked file from being filed."""
    handed_in = list(batch.documents.filter(removed_at=None).values_list("key", "issued_on"))
    found = list(document_violations(batch.rules.ruleset, handed_in, tokyo(at).date()))
    if batch.target_system.version_in_force().pk != batch.rules_id:
        message = _("The rules of this target system were changed meanwhile. Please hand the file in again.")
        found.append(Violation(None, "rules_changed", message))
    if seen != seen_of(batch):
        message = _("The contents changed after this page was opened. Please look at them again.")
        found.append(Violation(None, "contents_changed", message))
    if batch.consent == BY_ADMINISTRATOR:
        found += consents.missing(items=asked_of_administrator(batch, at), ticked=ticked)
    return found


@transaction.atomic
def ask_stop(*, batch: Batch, actor: Actor, at: datetime) -> Batch:
    """Wish that checking or filing stops at its next step; lines that were filed stay so, and it can go on later."""
    actor = authorise(actor=actor, act=Act.BATCH_STOP)
    batch = held(batch, actor, ("received", "checking", "filing"))
    Batch.objects.filter(pk=batch.pk).update(ask_stop=True)
    record(act=Act.BATCH_STOP, actor=actor, at=at, subject=batch)
    batch.refresh_from_db()
    return batch


@transaction.atomic
def resume(*, batch: Batch, actor: Actor, at: datetime) -> Batch:
    """Go on where checking or filing was stopped."""
    batch = held(batch, authorise(actor=actor, act=Act.BATCH_RESUME), ("stopped", "halted"))
    act = Act.BATCH_CHECK if batch.status == "stopped" else Act.BATCH_RESUME
    actor = authorise(actor=actor, act=act)
    batch = transition(machine=BATCH, row=batch, act=act, actor=actor, at=at, columns={"ask_stop": False})
    nudge(READ_TASK)
    return batch


@transaction.atomic
def discard(*, batch: Batch, actor: Actor, at: datetime) -> Batch:
    """Throw away a file of which nothing was filed; its bytes and lines are gone, its faults stay readable."""
    actor = authorise(actor=actor, act=Act.BATCH_DISCARD)
    batch = held(batch, actor, BATCH.move(Act.BATCH_DISCARD).sources)
    return throw_away(batch, actor, at)


@transaction.atomic
def discard_forgotten(*, actor: Actor, at: datetime) -> int:
    """Throw away files that nobody confirmed for 30 days, with what they say of people; returns how many."""
    actor = authorise(actor=actor, act=Act.BATCH_DISCARD)
    old = Batch.objects.filter(status__in=BATCH.move(Act.BATCH_DISCARD).sources, status_since__lt=at - KEPT_UNCONFIRMED)
    rows = list(old.select_for_update(skip_locked=True, of=("self",))[:SWEPT_AT_ONCE])
    for row in rows:
        throw_away(row, actor, at)
    return len(rows)


def forget_left_out(*, at: datetime) -> int:
    """Forget whom lines named of which nothing came, 30 days after their file was filed; returns how many."""
    old = BatchLine.objects.filter(batch__status="filed", batch__status_since__lt=at - KEPT_UNCONFIRMED)
    said = old.filter(application=None).exclude(email="")
    return said.update(email="", name="", values={}, csr_der=None, subject_key="", key_digest="")


def throw_away(batch: Batch, actor: Actor, at: datetime) -> Batch:
    """End the use of a file of which nothing was filed: bytes, lines and common documents; faults stay readable."""
    batch = transition(machine=BATCH, row=batch, act=Act.BATCH_DISCARD, actor=actor, at=at)
    forget_bytes(batch=batch, actor=actor, at=at)
    batch.lines.all().delete()
    documents = BatchDocument.objects.filter(batch=batch, blob__isnull=False)
    pages = BatchDocumentPage.objects.filter(document__batch=batch)
    blobs = list(SealedBlob.objects.filter(Q(pk__in=documents.values("blob")) | Q(pk__in=pages.values("blob"))))
    pages.delete()
    documents.update(blob=None, file_name="", destroyed_at=at)
    destroy_all(blobs, reason="file of applications was thrown away", actor=actor, at=at)
    return batch


def forget_bytes(*, batch: Batch, actor: Actor, at: datetime) -> None:
    """Destroy the sealed bytes; inside the transaction of the act that ends their use."""
    blobs = [part.blob for part in batch.parts.select_related("blob").defer("blob__ciphertext")]
    destroy_all(blobs, reason="file of applications is done with", actor=actor, at=at)


def person_of(actor: Actor) -> User:
    """The person who acts; raises NotFound for a part of the system, which files nothing."""
    if actor.person_id is None:
        raise NotFound
    return User.objects.get(pk=actor.person_id)


def held(batch: Batch, actor: Actor, statuses: Collection[str]) -> Batch:
    """The locked row of a file whose contract the actor administers, in one of `statuses`; raises NotFound or Stale."""
    row = Batch.objects.select_for_update(of=("self",)).select_related("contract", "rules", "target_system")
    found = row.get(pk=batch.pk)
    refuse_stranger(found.contract, person_of(actor))
    if found.status not in statuses:
        raise Stale(state=found.status)
    return found
