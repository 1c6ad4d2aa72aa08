"""The applicant's answer to a request for more, item by item; kept as a draft until it is sent (O-4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.services import authorise
from applications.models import Application, InformationRequest
from applications.rules import clock
from applications.rules.intake import storable
from applications.selectors.intake import contents_digest
from applications.services.ordering import frozen_part
from applications.services.telling import tell_examiner
from applications.states import APPLICATION
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Stale, Violation
from audit.services import record, transition
from certificates.services import orders
from regulations.ruleset import LocalText
from regulations.selectors import business_calendar
from regulations.text import TextError, clean

LONGEST_ANSWER = 2000
# What belongs to none of the items.
REMARK = "answer"


@transaction.atomic
def keep(*, request: InformationRequest, texts: Mapping[str, str], actor: Actor, at: datetime) -> InformationRequest:
    """Keep what was typed so far, right or wrong, by item; nothing is sent. Raises Stale once it was answered."""
    actor = authorise(actor=actor, act=Act.APPLICATION_EDIT)
    application, asked = _open(request, actor)
    if asked.answered_at is not None or application.status != "waiting_information":
        raise Stale(state=application.status)
    known = {str(item["key"]) for item in asked.items}
    asked.answers = asked.answers | {key: storable(text) for key, text in texts.items() if key in known}
    asked.answer = storable(texts.get(REMARK, asked.answer))
    asked.save(update_fields=["answers", "answer"])
    record(act=Act.APPLICATION_EDIT, actor=actor, at=at, subject=application, details={"step": "answer"})
    return asked


@transaction.atomic
def answer(*, request: InformationRequest, texts: Mapping[str, str], actor: Actor, at: datetime) -> Application:
    """Send what was asked for: the application goes back to the examiner, and its clock runs on.

    What was handed in or written changes what the approvals bind to, so the order gets a new round. Answering
    twice changes nothing. Raises RuleViolated naming each item that is still without an answer.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_ANSWER)
    row, asked = _open(request, actor)
    if asked.answered_at is not None:
        return row
    if row.status != "waiting_information":
        raise Stale(state=row.status)
    cleaned = checked_answers(asked, texts)
    remark = cleaned.pop(REMARK, "")
    InformationRequest.objects.filter(pk=asked.pk, answered_at=None).update(
        answer=remark, answers=cleaned, answered_at=at
    )
    digest = contents_digest(row)
    columns = {"digest": digest, "due_at": due_again(row, asked, at)}
    details = {"request": str(asked.pk), "digest": digest}
    moved = transition(
        machine=APPLICATION, row=row, act=Act.APPLICATION_ANSWER, actor=actor, at=at, details=details, columns=columns
    )
    if moved.order is not None:
        orders.revise(order=moved.order, frozen=frozen_part(moved, digest), actor=actor, at=at)
    tell_examiner(application=moved, word="answered", at=at)
    return moved


def _open(request: InformationRequest, actor: Actor) -> tuple[Application, InformationRequest]:
    """The application, locked, and its request as it is now. Raises NotFound for somebody else's."""
    row = Application.objects.select_for_update(of=("self",)).get(pk=request.application_id)
    if actor.person_id not in row.side:
        raise NotFound
    return row, InformationRequest.objects.get(pk=request.pk)


def checked_answers(asked: InformationRequest, texts: Mapping[str, str]) -> dict[str, str]:
    """The answers as they are stored. Raises RuleViolated for what is missing or can't be read, each at its item."""
    cleaned, violations = dict[str, str](), list[Violation]()
    for key in (*(str(item["key"]) for item in asked.items), REMARK):
        try:
            cleaned[key] = clean(texts.get(key, ""), multiline=True)
        except TextError as error:
            violations.append(Violation(key, error.code, error.message))
        if len(cleaned.get(key, "")) > LONGEST_ANSWER:
            message = _("Please shorten your answer to %(limit)d characters.") % {"limit": LONGEST_ANSWER}
            violations.append(Violation(key, "too_long", message))
    wrong = {violation.field for violation in violations}
    new = handed_in_since(asked)
    violations += [_unanswered(item) for item in asked.items
                   if item["key"] not in wrong and not _is_answered(item, cleaned, new)]  # fmt: skip
    if not asked.items and not cleaned.get(REMARK) and not wrong:
        violations.append(Violation(REMARK, "required", _("Please write your answer.")))
    if violations:
        raise RuleViolated(violations)
    return {key: text for key, text in cleaned.items() if text}


def handed_in_since(asked: InformationRequest) -> set[str]:
    """The keys under which files came since the request."""
    new = asked.application.uploads.filter(removed_at=None, uploaded_at__gte=asked.asked_at)
    return set(new.values_list("key", flat=True))


def _is_answered(item: Mapping[str, Any], texts: Mapping[str, str], files: set[str]) -> bool:
    return item["key"] in files or (item["kind"] != "document" and bool(texts.get(item["key"])))


def _unanswered(item: Mapping[str, Any]) -> Violation:
    label = {"label": LocalText(**item["label"])}
    if item["kind"] == "document":
        return Violation(item["key"], "document_missing", _("“%(label)s” is missing. Please add it.") % label)
    message = _("“%(label)s” has no answer yet. Please write one, or add a file.") % label
    return Violation(item["key"], "answer_missing", message)


def due_again(application: Application, asked: InformationRequest, at: datetime) -> datetime | None:
    """When the examination is due now that its clock runs on."""
    if application.due_at is None:
        return None
    return clock.restarted(
        due_at=application.due_at, asked_at=asked.asked_at, answered_at=at, calendar=business_calendar()
    )
