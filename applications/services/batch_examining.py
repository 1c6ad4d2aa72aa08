"""Examining and approving many lines of a file at once: asked by one person, carried out line by line by the worker.

Each line keeps its own record: items, decision, approval bound to what was shown. A line that is not clean, or that
changed meanwhile, is left with the reason. Whoever filed the file handles none of its lines (four eyes).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.nudges import nudge
from accounts.services import authorise
from applications.batches import Batch, BatchTask, BatchTaskLine
from applications.models import Application
from applications.rules import batch_sheet
from applications.rules.deciding import refuse_own
from applications.rules.sheet import Verdict
from applications.selectors.batch_desk import candidates, common_sheet, seen_together
from applications.selectors.facts import findings_about
from applications.selectors.watching import sheet_for
from applications.services import deciding, examination
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotAllowed, RuleViolated, Stale, Violation
from audit.services import record

TASK: Final = "applications.work_on_batch_tasks"
ACTS: Final = {"recommend": Act.BATCH_EXAMINE, "approve": Act.BATCH_APPROVE}


@transaction.atomic
def begin(
    *, batch: Batch, kind: str, verdicts: Mapping[str, Verdict], seen: str, actor: Actor, at: datetime
) -> BatchTask:
    """Ask the worker to recommend or approve every line that waits for that, as the page showed them.

    Raises NotAllowed for whoever filed the file, RuleViolated for verdicts that lack something, Stale when other
    lines wait by now, or the same ones with other contents, or another such task still runs.
    """
    actor = authorise(actor=actor, act=ACTS[kind])
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    refuse_own(involved={*filter(None, [batch.uploaded_by_id, batch.confirmed_by_id])}, person=actor.person_id)
    if actor.person_id is None:
        raise NotAllowed
    person = User.objects.get(pk=actor.person_id)
    rows = list(candidates(batch, kind, person))
    if not rows or seen != seen_together(rows):
        raise Stale(_("Other lines wait by now, or some have changed. Please look at the page again."))
    if kind == "recommend":
        wrong = batch_sheet.sheet_violations(common_sheet(rows[0]), verdicts)
        if wrong:
            raise RuleViolated(wrong)
    task = made(batch, kind, verdicts, person, actor, at)
    BatchTaskLine.objects.bulk_create(
        BatchTaskLine(task=task, application=row, digest=row.order.seen) for row in rows if row.order is not None
    )
    record(act=ACTS[kind], actor=actor, at=at, subject=task, details={"lines": len(rows)})
    nudge(TASK)
    return task


def made(
    batch: Batch, kind: str, verdicts: Mapping[str, Verdict], person: User, actor: Actor, at: datetime
) -> BatchTask:
    """The row of a task; one runs at a time, which the database holds. Raises Stale while another one does."""
    kept = {key: batch_sheet.stored(verdict) for key, verdict in verdicts.items()} if kind == "recommend" else {}
    try:
        with transaction.atomic():
            return BatchTask.objects.create(
                batch=batch, kind=kind, verdicts=kept, asked_by=person, asked_at=at, origin=actor.origin
            )
    except IntegrityError as error:
        raise Stale(_("Another task on this file is still running. Please wait until it has finished.")) from error


@transaction.atomic
def carry_out(*, line: BatchTaskLine, actor: Actor, at: datetime) -> None:
    """Do to one line what the task says, in the name of whoever asked. Raises what the services of one case raise."""
    task = line.task
    authorise(actor=actor, act=ACTS[task.kind])
    if task.kind == "approve":
        deciding.approve(application=line.application, seen=line.digest, actor=actor, at=at)
        return
    application = examination.claim(application=line.application, actor=actor, at=at)
    refuse_troubled(application, at)
    judged = set(application.items.filter(person__isnull=False).values_list("key", flat=True))
    for item in batch_sheet.asked(sheet_for(application)):
        if item.key in judged:
            continue
        kept = task.verdicts.get(item.key)
        if kept is None:
            message = _("“%(label)s” has to be looked at for this line alone.") % {"label": item.label}
            raise RuleViolated([Violation(None, "item_of_its_own", message)])
        examination.judge(application=application, key=item.key, verdict=batch_sheet.read(kept), actor=actor, at=at)
    deciding.recommend(application=application, seen=line.digest, actor=actor, at=at)


def refuse_troubled(application: Application, at: datetime) -> None:
    """Raise RuleViolated for a line about which the system found something: it is looked at by itself."""
    troubling = batch_sheet.troubling(findings_about(application, at))
    if troubling:
        names = "、".join(dict.fromkeys(str(finding.title) for finding in troubling))
        raise RuleViolated([Violation(None, "findings", _("Found: %(names)s") % {"names": names})])
