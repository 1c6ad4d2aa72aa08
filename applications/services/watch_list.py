"""Keeping the watch list: staff put names on it and take them off, each with a reason (O-11.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.services import authorise
from applications.models import WatchedName
from applications.rules.watching import LEAST_LETTERS, LONGEST_NAME, MATCHINGS, form_of
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Stale, Violation
from audit.services import record
from regulations.text import TextError, clean

LONGEST_REASON = 1000


@transaction.atomic
def add(*, name: str, matching: str, reason: str, actor: Actor, at: datetime) -> WatchedName:
    """Put a name on the list; open applications that carry it get a right-holder item at once.

    Raises RuleViolated for a name too short to tell anything, one that is on the list, or a missing reason.
    """
    actor = authorise(actor=actor, act=Act.WATCH_LIST_ADD)
    name, reason = _readable("name", name, multiline=False), _readable("reason", reason)
    violations = list(_wrong(name, matching, reason))
    if violations:
        raise RuleViolated(violations)
    try:
        with transaction.atomic():
            entry = WatchedName.objects.create(
                name=name,
                form=form_of(name),
                matching=matching,
                reason=reason,
                added_by_id=actor.person_id,
                added_at=at,
            )
    except IntegrityError:
        message = _("This name is on the list already, in the same way of comparing.")
        raise RuleViolated([Violation("name", "watched_already", message)]) from None
    details = {"entry": name, "kind": matching, "reason": reason}
    record(act=Act.WATCH_LIST_ADD, actor=actor, at=at, subject=entry, details=details)
    return entry


@transaction.atomic
def end(*, entry: WatchedName, reason: str, actor: Actor, at: datetime) -> WatchedName:
    """Take a name off the list; what was examined because of it stays. Raises Stale when it is off already."""
    actor = authorise(actor=actor, act=Act.WATCH_LIST_END)
    reason = _readable("reason", reason)
    if not reason:
        raise RuleViolated([Violation("reason", "reason_missing", _("Please write why."))])
    columns = {"ended_by_id": actor.person_id, "ended_at": at, "end_reason": reason}
    if not WatchedName.objects.filter(pk=entry.pk, ended_at=None).update(**columns):
        raise Stale(entry=entry.name)
    entry.refresh_from_db()
    record(act=Act.WATCH_LIST_END, actor=actor, at=at, subject=entry, details={"entry": entry.name, "reason": reason})
    return entry


def _wrong(name: str, matching: str, reason: str) -> Iterator[Violation]:
    if len(form_of(name)) < LEAST_LETTERS:
        yield Violation("name", "too_short", _("A name needs two letters or digits at the least."))
    if len(name) > LONGEST_NAME:
        yield Violation("name", "too_long", _("Please shorten the text."))
    if matching not in MATCHINGS:
        yield Violation("matching", "matching_unknown", _("Please choose how the name is compared."))
    if not reason:
        yield Violation("reason", "reason_missing", _("Please write why."))


def _readable(field: str, text: str, *, multiline: bool = True) -> str:
    try:
        cleaned = clean(text, multiline=multiline)
    except TextError as error:
        raise RuleViolated([Violation(field, error.code, error.message)]) from error
    if len(cleaned) > LONGEST_REASON:
        raise RuleViolated([Violation(field, "too_long", _("Please shorten the text."))])
    return cleaned
