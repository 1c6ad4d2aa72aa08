"""Beginning a new application with the answers of an older one of one's own."""

from datetime import datetime

from django.db import transaction

from accounts.services import authorise
from applications.models import Application
from applications.rules.prefilling import fitting
from applications.services import intake
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, Stale
from audit.services import record
from regulations.models import Contract, TargetSystem


@transaction.atomic
def start_with_answers(
    *, earlier: Application, target_system: TargetSystem, contract: Contract | None, actor: Actor, at: datetime
) -> Application:
    """Begin an application for `target_system` with those answers of `earlier` that today's rules can use.

    Neither documents nor consents nor the signing request come along: they are given anew. A draft that exists already
    is taken up as it stands, so that nothing typed is written over. Raises NotFound for another's application, Stale
    where its contents were never received or are erased, and as `intake.start`.
    """
    if earlier.applicant_id != actor.person_id:
        raise NotFound
    if earlier.submitted_at is None or earlier.contents_erased_at is not None:
        raise Stale(state=earlier.status)
    person = earlier.applicant
    needs_contract = target_system.version_in_force().ruleset.needs_contract
    there = intake.draft_of(person, target_system, contract if needs_contract else None)
    draft = intake.start(target_system=target_system, contract=contract, person=person, actor=actor, at=at)
    if there is not None:
        return draft
    actor = authorise(actor=actor, act=Act.APPLICATION_EDIT)
    answers = fitting(draft.rules.ruleset, earlier.rules.ruleset, earlier.values)
    draft.values, draft.typed = draft.values | answers, draft.typed | answers
    draft.save(update_fields=["values", "typed"])
    details = {"answers_of": earlier.receipt_number, "fields": sorted(answers)}
    record(act=Act.APPLICATION_EDIT, actor=actor, at=at, subject=draft, details=details)
    return draft
