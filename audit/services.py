"""Writing evidence: `record` for an act, `transition` for a change of state with its event."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from audit.actors import Actor
from audit.acts import Act
from audit.models import Event, EventDetails
from audit.refusals import Refused, Stale
from audit.states import StateMachine

Row = TypeVar("Row", bound=models.Model)


def canonical(value: object) -> bytes:
    """Return the one JSON form of `value` that digests are taken of (sorted keys, no blanks, UTF-8)."""
    return json.dumps(value, cls=DjangoJSONEncoder, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def record(  # noqa: PLR0913 — the eight facts of an event; every one is asked by O-16.2.7
    *,
    act: Act,
    actor: Actor,
    at: datetime,
    subject: models.Model | None = None,
    story: UUID | None = None,
    details: Mapping[str, Any] | None = None,
    outcome: str = "done",
    moved: tuple[str, str] = ("", ""),
) -> Event:
    """Write one event and its details; `moved` is (before, after) of a change of state.

    `story` defaults to the subject's own `story`. Raises ValueError when nobody acts.
    """
    if not actor.acting_as:
        raise ValueError(f"{act}: authorise the actor before recording the act")
    body = _storable(json.loads(canonical(dict(details or {}))))
    salt = secrets.token_bytes(32)
    with transaction.atomic():
        event = Event.objects.create(
            uid=uuid4(),
            act=act,
            outcome=outcome,
            at=at,
            person_id=actor.person_id,
            role=actor.acting_as,
            origin=actor.origin,
            subject_type=subject._meta.label_lower if subject is not None else "",
            subject_id=str(subject.pk) if subject is not None else "",
            story=story or getattr(subject, "story", None),
            before=moved[0],
            after=moved[1],
            details_digest=hashlib.sha256(salt + canonical(body)).digest(),
        )
        EventDetails.objects.create(event=event, salt=salt, body=body)
    return event


@dataclass(frozen=True)
class Entry:
    """One of many events that are written together; the fields are those of `record`."""

    act: Act
    subject: models.Model
    story: UUID | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    moved: tuple[str, str] = ("", "")


@transaction.atomic
def record_many(*, actor: Actor, at: datetime, entries: Sequence[Entry]) -> None:
    """Write one event per entry with two statements, for batches; the same evidence as `record`."""
    if not actor.acting_as:
        raise ValueError("authorise the actor before recording")
    bodies = [json.loads(canonical(dict(entry.details))) for entry in entries]
    salts = [secrets.token_bytes(32) for _ in entries]
    events = [
        Event(
            uid=uuid4(),
            act=entry.act,
            outcome="done",
            at=at,
            person_id=actor.person_id,
            role=actor.acting_as,
            origin=actor.origin,
            subject_type=entry.subject._meta.label_lower,
            subject_id=str(entry.subject.pk),
            story=entry.story or getattr(entry.subject, "story", None),
            before=entry.moved[0],
            after=entry.moved[1],
            details_digest=hashlib.sha256(salt + canonical(body)).digest(),
        )
        for entry, body, salt in zip(entries, bodies, salts, strict=True)
    ]
    written = Event.objects.bulk_create(events)
    EventDetails.objects.bulk_create(
        EventDetails(event=event, salt=salt, body=body)
        for event, salt, body in zip(written, salts, bodies, strict=True)
    )


def _storable(value: Any) -> Any:
    """Return `value` without NUL characters, which PostgreSQL keeps in no text (fault 17)."""
    if isinstance(value, dict):
        return {_storable(key): _storable(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_storable(part) for part in value]
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value


def record_refusal(*, refused: Refused, act: Act, actor: Actor, at: datetime, where: str) -> Event:
    """Record that `act` was refused, in a transaction of its own; `where` is the page or task."""
    details = {"code": refused.code, "where": where, **refused.details}
    if not actor.acting_as:
        actor = actor.acting(min(actor.roles, default="anyone"))
    return record(act=act, actor=actor, at=at, details=details, outcome="refused")


def transition(  # noqa: PLR0913 — a change of state is these facts and no fewer
    *,
    machine: StateMachine,
    row: Row,
    act: Act,
    actor: Actor,
    at: datetime,
    details: Mapping[str, Any] | None = None,
    columns: Mapping[str, Any] | None = None,
) -> Row:
    """Move `row` by `act` with compare-and-set on its status, and write the event in the same transaction.

    `columns` are set together with the status. Returns the row, refreshed. Raises Stale when the row
    was no longer in a state from which the act starts.
    """
    move = machine.move(act)
    with transaction.atomic():
        before = str(getattr(row, "status"))  # noqa: B009 — the column is part of the machine's contract
        if before not in move.sources:
            raise Stale(state=before)
        manager = type(row)._default_manager
        values = {"status": move.target, "status_since": at, **(columns or {})}
        if not manager.filter(pk=row.pk, status=before).update(**values):
            raise Stale(state=before)
        row.refresh_from_db()
        record(act=act, actor=actor, at=at, subject=row, details=details, moved=(before, move.target))
    return row
