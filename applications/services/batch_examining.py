"""Examining and deciding many lines of a file at once: asked by one person, carried out line by line by the worker.

Each line keeps its own record: items, decision, approval bound to what was shown. A line that is not clean, or that
changed meanwhile, is left with the reason. Whoever filed the file handles none of its lines (four eyes).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
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
from applications.rules.deciding import check_refusal, refuse_own
from applications.rules.sheet import Verdict
from applications.selectors.batch_desk import candidates, common_sheet, seen_together
from applications.selectors.facts import findings_about
from applications.selectors.watching import sheet_for
from applications.services import deciding, examination
from applications.services.deciding import NOTHING, Refusal
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotAllowed, RuleViolated, Stale, Violation
from audit.services import record

TASK: Final = "applications.work_on_batch_tasks"
ACTS: Final = {
    "recommend": Act.BATCH_EXAMINE,
    "propose": Act.BATCH_PROPOSE,
    "approve": Act.BATCH_APPROVE,
    "refuse": Act.BATCH_REFUSE,
}


@dataclass(frozen=True)
class Asked:
    """What is to be done to many lines, as the page showed them: `seen` is the digest of what it showed.

    `verdicts` are those of one sheet for a recommendation, `refusal` is what a proposal to refuse says, `lines` are
    the chosen ones by number; without them every line is meant that waits for it.
    """

    kind: str
    seen: str
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    refusal: Refusal = NOTHING
    lines: Collection[int] | None = None


@transaction.atomic
def begin(*, batch: Batch, asked: Asked, actor: Actor, at: datetime) -> BatchTask:
    """Ask the worker to do something to every line that waits for it, or to the chosen ones.

    Raises NotAllowed for whoever filed the file, RuleViolated for verdicts or a refusal that lack something, Stale
    when other lines wait by now, or the same ones with other contents, or another such task still runs.
    """
    act = ACTS[asked.kind]
    actor = authorise(actor=actor, act=act)
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    refuse_own(involved={*filter(None, [batch.uploaded_by_id, batch.confirmed_by_id])}, person=actor.person_id)
    if actor.person_id is None:
        raise NotAllowed
    person = User.objects.get(pk=actor.person_id)
    rows = list(candidates(batch, asked.kind, person, asked.lines))
    if not rows or asked.seen != seen_together(rows):
        raise Stale(_("Other lines wait by now, or some have changed. Please look at the page again."))
    check(asked, rows[0])
    task = made(batch, asked, person, actor, at)
    BatchTaskLine.objects.bulk_create(
        BatchTaskLine(task=task, application=row, digest=row.order.seen) for row in rows if row.order is not None
    )
    record(act=act, actor=actor, at=at, subject=task, details={"lines": len(rows), **said(task)})
    nudge(TASK)
    return task


def check(asked: Asked, first: Application) -> None:
    """Raise RuleViolated for verdicts that do not fit the sheet of `first`, or a refusal without ground or text."""
    if asked.kind == "propose":
        check_refusal(ground=asked.refusal.ground, text=asked.refusal.text)
    if asked.kind == "recommend":
        wrong = batch_sheet.sheet_violations(common_sheet(first), asked.verdicts)
        if wrong:
            raise RuleViolated(wrong)


def said(task: BatchTask) -> dict[str, str]:
    """What the record says of a refusal: its ground and text."""
    return {"ground": task.ground, "text": task.text} if task.kind == "propose" else {}


def made(batch: Batch, asked: Asked, person: User, actor: Actor, at: datetime) -> BatchTask:
    """The row of a task; one runs at a time, which the database holds. Raises Stale while another one does."""
    task = BatchTask(batch=batch, kind=asked.kind, asked_by=person, asked_at=at, origin=actor.origin)
    if asked.kind == "recommend":
        task.verdicts = {key: batch_sheet.stored(verdict) for key, verdict in asked.verdicts.items()}
    if asked.kind == "propose":
        task.ground, task.text = asked.refusal.ground, asked.refusal.text.strip()
    try:
        with transaction.atomic():
            task.save(force_insert=True)
    except IntegrityError as error:
        raise Stale(_("Another task on this file is still running. Please wait until it has finished.")) from error
    return task


@transaction.atomic
def carry_out(*, line: BatchTaskLine, actor: Actor, at: datetime) -> None:
    """Do to one line what the task says, in the name of whoever asked. Raises what the services of one case raise."""
    task, application = line.task, line.application
    authorise(actor=actor, act=ACTS[task.kind])
    if task.kind == "approve":
        deciding.approve(application=application, seen=line.digest, actor=actor, at=at)
    elif task.kind == "refuse":
        refusal = Refusal(application.refusal_ground, application.refusal_text)
        deciding.refuse(application=application, refusal=refusal, seen=line.digest, actor=actor, at=at)
    elif task.kind == "propose":
        application, refusal = examination.claim(application=application, actor=actor, at=at), refusal_of(task)
        deciding.propose_refusal(application=application, refusal=refusal, seen=line.digest, actor=actor, at=at)
    else:
        recommend(line, actor=actor, at=at)


def refusal_of(task: BatchTask) -> Refusal:
    """The refusal that a task proposes for each of its lines."""
    return Refusal(task.ground, task.text)


def recommend(line: BatchTaskLine, *, actor: Actor, at: datetime) -> None:
    """Examine one clean line with the verdicts of the sheet and hand it on; what was judged for it alone stays."""
    application = examination.claim(application=line.application, actor=actor, at=at)
    refuse_troubled(application, at)
    judged = set(application.items.filter(person__isnull=False).values_list("key", flat=True))
    for item in batch_sheet.asked(sheet_for(application)):
        if item.key in judged:
            continue
        kept = line.task.verdicts.get(item.key)
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
