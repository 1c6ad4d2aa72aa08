"""Giving an application to another examiner, with a note; the other is told (O-4.2)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.notices import notify
from accounts.roles import Role
from accounts.services import authorise
from applications.emails import link_to
from applications.models import Application, HandOver
from applications.rules import deciding
from applications.selectors.facts import involved_in
from applications.services.examination import LONGEST_NOTE, locked, person_id_of
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Stale, Violation
from audit.services import record
from regulations.text import TextError, clean

IN_HAND = ("examining", "waiting_information")


@transaction.atomic
def hand_over(*, application: Application, taker: User | None, note: str, actor: Actor, at: datetime) -> HandOver:
    """Give an application to the examiner `taker`; what was found stays, and the clock runs on.

    Whoever has it may do so, and an approver for a colleague who is away. Raises Stale when neither is so any
    more, RuleViolated when the taker can't examine it or no note says why.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_HAND_OVER)
    application = locked(application)
    involved = involved_in(application)
    deciding.refuse_own(involved=involved, person=actor.person_id)
    giver = application.examiner
    may = giver is not None and (giver.pk == actor.person_id or Role.APPROVER in actor.roles)
    if application.status not in IN_HAND or giver is None or not may:
        raise Stale(_("You are not examining this application now. Please look at who has it."))
    violations = [*_taker_violations(taker, application), *_note_violations(note)]
    if violations or taker is None:
        raise RuleViolated(violations)
    Application.objects.filter(pk=application.pk).update(examiner=taker)
    row = HandOver.objects.create(
        application=application,
        giver=giver,
        taker=taker,
        person_id=person_id_of(actor),
        note=clean(note, multiline=True),
        at=at,
    )
    details = {"from": str(giver.pk), "to": str(taker.pk), "note": row.note}
    record(act=Act.APPLICATION_HAND_OVER, actor=actor, at=at, subject=application, details=details)
    _tell(row)
    return row


def examiners_for(application: Application) -> list[User]:
    """Return the examiners to whom an application may be given, by name: not its own people, not who has it."""
    examiners = User.objects.filter(is_active=True, grants__role=Role.EXAMINER, grants__ended_at=None)
    out = involved_in(application) | {application.examiner_id}
    return list(examiners.exclude(pk__in=[pk for pk in out if pk]).order_by("name_reading", "name", "pk").distinct())


def _taker_violations(taker: User | None, application: Application) -> list[Violation]:
    if taker is None or taker not in examiners_for(application):
        return [Violation("taker", "taker_cannot", _("Please choose an examiner who may examine this application."))]
    return []


def _note_violations(note: str) -> list[Violation]:
    try:
        text = clean(note, multiline=True)
    except TextError as error:
        return [Violation("note", error.code, error.message)]
    if not text:
        return [Violation("note", "note_missing", _("Please write what the other examiner has to know."))]
    if len(text) > LONGEST_NOTE:
        return [Violation("note", "too_long", _("Please shorten the text."))]
    return []


def _tell(row: HandOver) -> None:
    """Tell the taker, and the giver where somebody else gave it away."""
    people = {row.taker_id: row.taker}
    if row.person_id != row.giver_id:
        people[row.giver_id] = row.giver
    for person in people.values():
        notify(
            kind="applications/handed_over",
            to=person,
            context={
                "receipt_number": row.application.receipt_number,
                "giver": row.giver.name,
                "taker": row.taker.name,
                "by": row.person.name,
                "note": row.note,
                "due_at": row.application.due_at.isoformat() if row.application.due_at else "",
                "link": link_to("applications:case", row.application_id),
            },
            at=row.at,
            dedupe=f"handed_over:{row.pk}:{person.pk}",
            story=row.application.story,
        )
