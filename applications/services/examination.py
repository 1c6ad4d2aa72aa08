"""Examining an application: who has it, what was found item by item, who was spoken to (O-4.2, J-3.2, O-17.1)."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.services import authorise
from applications.models import Application, Contact, ExaminationItem, ItemWords
from applications.rules import deciding, sheet
from applications.rules.sheet import SheetItem, Verdict
from applications.selectors.facts import involved_in
from applications.selectors.viewing import evidence_by_mark
from applications.selectors.watching import sheet_for
from applications.states import APPLICATION
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotAllowed, NotFound, RuleViolated, Stale, Violation
from audit.services import record, transition
from regulations.text import TextError, clean

CHANNELS = ("telephone", "mail")
LONGEST_NOTE = 4000


@dataclass(frozen=True)
class Talk:
    """One call or mail that the office made: how, with whom, and what was said."""

    channel: str
    with_whom: str
    text: str


def locked(application: Application) -> Application:
    """Return the application's row, held until the transaction ends, with what its judges need."""
    rows = Application.objects.select_for_update(of=("self",))
    return rows.select_related("order", "rules", "subscription", "contract").get(pk=application.pk)


@transaction.atomic
def claim(*, application: Application, actor: Actor, at: datetime) -> Application:
    """Take an application to examine it; taking one's own again changes nothing.

    Raises NotAllowed for one's own application, Stale when a colleague has it.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_CLAIM)
    application = locked(application)
    deciding.refuse_own(involved=involved_in(application), person=actor.person_id)
    if application.status == "examining" and application.examiner_id == actor.person_id:
        return application
    if application.status == "examining" and application.examiner_id is None:
        Application.objects.filter(pk=application.pk).update(examiner_id=actor.person_id)
        application.refresh_from_db()
        record(act=Act.APPLICATION_CLAIM, actor=actor, at=at, subject=application)
        return application
    columns = {"examiner_id": actor.person_id}
    return transition(
        machine=APPLICATION, row=application, act=Act.APPLICATION_CLAIM, actor=actor, at=at, columns=columns
    )


@transaction.atomic
def claim_next(*, actor: Actor, at: datetime) -> Application | None:
    """Take the application that is due next and that nobody has; None when there is none.

    Two examiners who ask at once get two applications.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_CLAIM)
    waiting = Application.objects.filter(status="submitted").exclude(applicant=actor.person_id)
    for application in waiting.order_by("due_at", "submitted_at").select_for_update(skip_locked=True, of=("self",))[
        :20
    ]:
        if actor.person_id not in involved_in(application):
            return claim(application=application, actor=actor, at=at)
    return None


@transaction.atomic
def release(*, application: Application, actor: Actor, at: datetime) -> Application:
    """Put an application back among those that nobody has; what was found stays. Raises Stale if it isn't one's own."""
    actor = authorise(actor=actor, act=Act.APPLICATION_RELEASE)
    application = held(application, actor)
    columns = {"examiner": None}
    return transition(
        machine=APPLICATION, row=application, act=Act.APPLICATION_RELEASE, actor=actor, at=at, columns=columns
    )


@transaction.atomic
def judge(*, application: Application, key: str, verdict: Verdict, actor: Actor, at: datetime) -> ExaminationItem:
    """Write down what was found about one item of the sheet: result, evidence, note, who and when.

    Raises RuleViolated when evidence or a reason is missing, or when a telephone check used a number
    out of the application; Stale when somebody else has the application.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_EXAMINE)
    application = held(application, actor)
    ruleset = application.rules.ruleset
    item = sheet_item(application, key)
    verdict = _cleaned(verdict)
    if item.evidence and not verdict.evidence:
        verdict = replace(verdict, evidence=evidence_by_mark(application, key))
    numbers = sheet.form_numbers_of(ruleset, application.values)
    violations = sheet.violations_of(item, verdict, form_numbers=numbers)
    if violations:
        raise RuleViolated(violations)
    columns = {**asdict(verdict), "telephone": dict(verdict.telephone or {}), "person_id": actor.person_id, "at": at}
    row, _created = ExaminationItem.objects.update_or_create(application=application, key=key, defaults=columns)
    ItemWords.objects.filter(application=application, key=key).delete()
    details = {"item": key, **asdict(verdict)}
    record(act=Act.APPLICATION_EXAMINE, actor=actor, at=at, subject=application, details=details)
    return row


@transaction.atomic
def keep_words(*, application: Application, key: str, verdict: Verdict, actor: Actor, at: datetime) -> None:
    """Keep what was written about an item that has no result yet, or none that could be kept.

    That is a draft: it is no finding, leaves no evidence, and goes when a result is kept. Raises RuleViolated for what
    nobody can see, Stale when somebody else has the application.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_EXAMINE)
    application = held(application, actor)
    item, words = sheet_item(application, key), _cleaned(verdict)
    call = {name: text for name, text in (words.telephone or {}).items() if name != "result"}
    typed = {"evidence": words.evidence, "note": words.note, **call}
    if any(typed.values()):
        columns = {"typed": typed, "person_id": person_id_of(actor), "at": at}
        ItemWords.objects.update_or_create(application=application, key=item.key, defaults=columns)
    else:
        ItemWords.objects.filter(application=application, key=item.key).delete()


@transaction.atomic
def write_findings(*, application: Application, text: str, actor: Actor, at: datetime) -> Application:
    """Keep what the examiner wants the approver and the auditor to read."""
    actor = authorise(actor=actor, act=Act.APPLICATION_EXAMINE)
    application = held(application, actor)
    note = free_text("note", text)
    if note != application.findings_note:
        Application.objects.filter(pk=application.pk).update(findings_note=note)
        application.refresh_from_db()
        record(act=Act.APPLICATION_EXAMINE, actor=actor, at=at, subject=application, details={"note": note})
    return application


@transaction.atomic
def log_contact(*, application: Application, talk: Talk, actor: Actor, at: datetime) -> Contact:
    """Write down a call or mail that the office made about the application (O-17.1)."""
    actor = authorise(actor=actor, act=Act.APPLICATION_CONTACT)
    deciding.refuse_own(involved=involved_in(application), person=actor.person_id)
    texts = {"with_whom": free_text("with_whom", talk.with_whom), "text": free_text("text", talk.text)}
    empty = [Violation(name, f"{name}_missing", _("Please fill this in.")) for name, text in texts.items() if not text]
    if empty or talk.channel not in CHANNELS:
        raise RuleViolated(empty or [Violation("channel", "channel_unknown", _("Please choose telephone or mail."))])
    contact = Contact.objects.create(
        application=application, channel=talk.channel, person_id=person_id_of(actor), at=at, **texts
    )
    details = {"channel": talk.channel, **texts}
    record(act=Act.APPLICATION_CONTACT, actor=actor, at=at, subject=application, details=details)
    return contact


def held(application: Application, actor: Actor) -> Application:
    """Return the locked row of an application that `actor` is examining; raises Stale otherwise."""
    application = locked(application)
    deciding.refuse_own(involved=involved_in(application), person=actor.person_id)
    if application.status != "examining" or application.examiner_id != actor.person_id:
        raise Stale(_("You are not examining this application now. Please look at who has it."))
    return application


def person_id_of(actor: Actor) -> UUID:
    """Return who acts; raises NotAllowed for a part of the system, which examines nothing."""
    if actor.person_id is None:
        raise NotAllowed
    return actor.person_id


def sheet_item(application: Application, key: str) -> SheetItem:
    """Return the item named `key` of the application's sheet; raises NotFound."""
    for item in sheet_for(application):
        if item.key == key:
            return item
    raise NotFound


def _cleaned(verdict: Verdict) -> Verdict:
    call = {key: free_text(key, (verdict.telephone or {}).get(key, "")) for key in sheet.TELEPHONE_PARTS}
    return Verdict(
        result=verdict.result,
        evidence=free_text("evidence", verdict.evidence)[:200],
        note=free_text("note", verdict.note),
        telephone={key: value for key, value in call.items() if value} or None,
    )


def free_text(field: str, value: str) -> str:
    """Return free text of the office as it is kept; raises RuleViolated for what nobody can see (fault 17)."""
    try:
        text = clean(value, multiline=True)
    except TextError as error:
        raise RuleViolated([Violation(field, error.code, error.message)]) from error
    if len(text) > LONGEST_NOTE:
        raise RuleViolated([Violation(field, "too_long", _("Please shorten the text."))])
    return text
