"""Contracts by file, the part of the person: hand a file in, let it load, stop it, go on, throw it away.

Checking and loading are the worker's (`regulations.worker`); a wish to stop is a column that it reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.nudges import nudge
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import Stale
from audit.services import record, transition
from regulations.models import ContractFile, ContractFilePart, ParentService
from regulations.services.file_parts import destroy_all, plain_name, take_in
from regulations.states import CONTRACT_FILE
from vault.models import SealedBlob

MOST_BYTES: Final = 64 * 1024 * 1024
READ_TASK: Final = "regulations.read_contract_files"


@transaction.atomic
def receive(
    *, parent_service: ParentService, name: str, chunks: Iterable[bytes], actor: Actor, at: datetime
) -> ContractFile:
    """Store a file, sealed in parts, and let the worker check it. Raises RuleViolated for an empty or too large one."""
    actor = authorise(actor=actor, act=Act.CONTRACT_FILE_RECEIVE)
    file = ContractFile.objects.create(
        parent_service=parent_service,
        name=plain_name(name, "contracts.csv"),
        size=0,
        sha256="",
        status_since=at,
        uploaded_by_id=actor.person_id,
        uploaded_at=at,
    )

    def keep(position: int, blob: SealedBlob) -> None:
        ContractFilePart.objects.create(file=file, position=position, blob=blob)

    received = take_in(chunks, keep=keep, most_bytes=MOST_BYTES)
    file.encoding, file.size, file.sha256 = received.encoding, received.size, received.sha256
    file.save(update_fields=["encoding", "size", "sha256"])
    details = {"name": file.name, "size": file.size, "sha256": file.sha256, "parent_service": parent_service.slug}
    record(act=Act.CONTRACT_FILE_RECEIVE, actor=actor, at=at, subject=file, details=details)
    nudge(READ_TASK)
    return file


@transaction.atomic
def confirm(*, file: ContractFile, actor: Actor, at: datetime) -> ContractFile:
    """Let a checked file be loaded, after its effects were shown; raises Stale when it no longer waits for that."""
    actor = authorise(actor=actor, act=Act.CONTRACT_FILE_CONFIRM)
    file = transition(
        machine=CONTRACT_FILE,
        row=file,
        act=Act.CONTRACT_FILE_CONFIRM,
        actor=actor,
        at=at,
        details={"sha256": file.sha256},
        columns={"confirmed_by_id": actor.person_id, "ask_stop": False},
    )
    nudge(READ_TASK)
    return file


@transaction.atomic
def ask_stop(*, file: ContractFile, actor: Actor, at: datetime) -> ContractFile:
    """Wish that checking or loading stops at its next step; what is half loaded is undone by then."""
    actor = authorise(actor=actor, act=Act.CONTRACT_FILE_STOP)
    if not ContractFile.objects.filter(pk=file.pk, status__in=["received", "checking", "loading"]).update(
        ask_stop=True
    ):
        raise Stale(file=str(file.pk))
    record(act=Act.CONTRACT_FILE_STOP, actor=actor, at=at, subject=file)
    file.refresh_from_db()
    return file


@transaction.atomic
def resume(*, file: ContractFile, actor: Actor, at: datetime) -> ContractFile:
    """Go on checking where it was stopped."""
    actor = authorise(actor=actor, act=Act.CONTRACT_FILE_CHECK)
    columns = {"ask_stop": False}
    file = transition(machine=CONTRACT_FILE, row=file, act=Act.CONTRACT_FILE_CHECK, actor=actor, at=at, columns=columns)
    nudge(READ_TASK)
    return file


@transaction.atomic
def discard(*, file: ContractFile, actor: Actor, at: datetime) -> ContractFile:
    """Throw away a file that is not to be loaded; its bytes and lines are gone, its faults stay readable."""
    actor = authorise(actor=actor, act=Act.CONTRACT_FILE_DISCARD)
    file = transition(machine=CONTRACT_FILE, row=file, act=Act.CONTRACT_FILE_DISCARD, actor=actor, at=at)
    forget_contents(file=file, actor=actor, at=at)
    return file


def forget_contents(*, file: ContractFile, actor: Actor, at: datetime) -> None:
    """Destroy the sealed bytes and the checked lines; inside the transaction of the act that ends their use."""
    blobs = [part.blob for part in file.parts.select_related("blob").defer("blob__ciphertext")]
    destroy_all(blobs, reason="contract file is done with", actor=actor, at=at)
    file.lines.all().delete()
