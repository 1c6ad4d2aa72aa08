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
from django.utils import timezone

from audit.actors import Actor
from audit.acts import Act
from audit.copying import copy_rows, reserve_keys
from audit.models import Event, EventDetails
from audit.refusals import Refused, Stale
from audit.states import StateMachine

Row = TypeVar("Row", bound=models.Model)


_CANONICAL = DjangoJSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: object) -> bytes:
    """Return the one JSON form of `value` that digests are taken of (sorted keys, no blanks, UTF-8)."""
    return _CANONICAL.encode(value).encode()


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


_EVENT_COLUMNS = (
    "id", "uid", "act", "outcome", "at", "recorded_at", "person_id", "role", "origin", "subject_type", "subject_id",
    "story", "before", "after", "details_digest",
)  # fmt: skip


@transaction.atomic
def record_many(*, actor: Actor, at: datetime, entries: Sequence[Entry]) -> None:
    """Write one event per entry with two statements, for batches; the same evidence as `record`."""
    if not actor.acting_as:
        raise ValueError("authorise the actor before recording")
    events, details = rows_of(actor=actor, at=at, entries=entries, keys=reserve_keys(Event, len(entries)))
    copy_rows(model=Event, columns=_EVENT_COLUMNS, rows=events)
    copy_rows(model=EventDetails, columns=("event_id", "salt", "body"), rows=details)


def rows_of(
    *, actor: Actor, at: datetime, entries: Sequence[Entry], keys: Sequence[int]
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Return the rows of events and of their details, salted and digested; nothing is read or written."""
    bodies = [_storable_text(entry.details) for entry in entries]
    salts = [secrets.token_bytes(32) for _ in entries]
    who, now = (actor.person_id, actor.acting_as, actor.origin), timezone.now()
    events = [
        (key, uuid4(), entry.act, "done", at, now, *who, *_about(entry), hashlib.sha256(salt + body.encode()).digest())
        for key, entry, body, salt in zip(keys, entries, bodies, salts, strict=True)
    ]
    return events, list(zip(keys, salts, bodies, strict=True))


def _about(entry: Entry) -> tuple[object, ...]:
    """Return what an entry is about: subject, story, and the states before and after."""
    story = entry.story or getattr(entry.subject, "story", None)
    return (entry.subject._meta.label_lower, str(entry.subject.pk), story, *entry.moved)


def _storable_text(details: Mapping[str, Any]) -> str:
    """Return details in their canonical form, without NUL characters."""
    text = canonical(dict(details)).decode()
    return text if "\\u0000" not in text else canonical(_storable(json.loads(text))).decode()


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
