"""The applicant's answer to a request for more documents or information (O-4.2)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.services import authorise
from applications.models import Application, InformationRequest
from applications.rules import clock
from applications.selectors.intake import contents_digest
from applications.services.ordering import frozen_part
from applications.states import APPLICATION
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Stale, Violation
from audit.services import transition
from certificates.services import orders
from regulations.ruleset import LocalText
from regulations.selectors import business_calendar
from regulations.text import TextError, clean

LONGEST_ANSWER = 2000


@transaction.atomic
def answer(*, request: InformationRequest, text: str, actor: Actor, at: datetime) -> Application:
    """Send what was asked for: the application goes back to the examiner, and its clock runs on.

    What was handed in changes what the approvals bind to, so the order gets a new round. Answering twice changes
    nothing. Raises RuleViolated naming each document that is still missing.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_ANSWER)
    row = Application.objects.select_for_update(of=("self",)).get(pk=request.application_id)
    if actor.person_id not in row.side:
        raise NotFound
    asked = InformationRequest.objects.get(pk=request.pk)
    if asked.answered_at is not None:
        return row
    if row.status != "waiting_information":
        raise Stale(state=row.status)
    cleaned = checked_answer(asked, text)
    InformationRequest.objects.filter(pk=asked.pk, answered_at=None).update(answer=cleaned, answered_at=at)
    digest = contents_digest(row)
    columns = {"digest": digest, "due_at": due_again(row, asked, at)}
    details = {"request": str(asked.pk), "digest": digest}
    moved = transition(
        machine=APPLICATION, row=row, act=Act.APPLICATION_ANSWER, actor=actor, at=at, details=details, columns=columns
    )
    if moved.order is not None:
        orders.revise(order=moved.order, frozen=frozen_part(moved, digest), actor=actor, at=at)
    return moved


def checked_answer(asked: InformationRequest, text: str) -> str:
    """The answer as it is stored. Raises RuleViolated for what is missing or can't be read."""
    violations = []
    try:
        cleaned = clean(text, multiline=True)
    except TextError as error:
        cleaned = ""
        violations.append(Violation("answer", error.code, error.message))
    if len(cleaned) > LONGEST_ANSWER:
        message = _("Please shorten your answer to %(limit)d characters.") % {"limit": LONGEST_ANSWER}
        violations.append(Violation("answer", "too_long", message))
    new = set(
        asked.application.uploads.filter(removed_at=None, uploaded_at__gte=asked.asked_at).values_list("key", flat=True)
    )
    for item in asked.items:
        if item["kind"] == "document" and item["key"] not in new:
            message = _("“%(label)s” is missing. Please add it.") % {"label": LocalText(**item["label"])}
            violations.append(Violation(item["key"], "document_missing", message))
    if any(item["kind"] != "document" for item in asked.items) and not cleaned and not violations:
        violations.append(Violation("answer", "required", _("Please write your answer.")))
    if violations:
        raise RuleViolated(violations)
    return cleaned


def due_again(application: Application, asked: InformationRequest, at: datetime) -> datetime | None:
    """When the examination is due now that its clock runs on."""
    if application.due_at is None:
        return None
    return clock.restarted(
        due_at=application.due_at, asked_at=asked.asked_at, answered_at=at, calendar=business_calendar()
    )
