"""Notices of change: received, examined, decided, and what follows from them (O-13, J-5.4, O-15.1.7, O-16.2.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.services import authorise
from applications.models import Application, ChangeNotice
from applications.rules import changes as rules
from applications.rules.deciding import refuse_own
from applications.selectors.changes import is_usable, ruleset_for, said_before, said_now
from applications.selectors.facts import side_of
from applications.services.examination import person_id_of
from applications.services.finding import file_card
from applications.services.telling_of_changes import tell_holder, tell_notice_examiner
from applications.states import CHANGE
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotAllowed, NotFound, RuleViolated, Stale, Violation
from audit.services import record, transition
from certificates.models import Certificate
from regulations.calendar import tokyo
from regulations.numbers import change_number
from regulations.selectors import business_calendar
from regulations.text import TextError, clean
from revocation.services import requests
from revocation.services.requests import Wish

URGENT_DAYS = 1


@dataclass(frozen=True)
class Said:
    """What the holder writes: new values by field, which kind of change, since when, and words."""

    typed: Mapping[str, str]
    kind: str
    since: date | None
    text: str


@dataclass(frozen=True)
class Proposal:
    """What an examiner proposes: the outcome, the findings for the office, the answer for the holder."""

    outcome: str
    findings: str
    answer: str


@transaction.atomic
def submit(*, certificate: Certificate, said: Said, actor: Actor, at: datetime) -> ChangeNotice:
    """Receive a notice about one's own certificate, with a number of its own and a mail that confirms it.

    Sent twice it is one notice. Raises NotFound for somebody else's certificate, RuleViolated with what is wrong.
    """
    actor = authorise(actor=actor, act=Act.CHANGE_SUBMIT)
    rows = Certificate.objects.select_for_update(of=("self",)).select_related("subscription__target_system", "holder")
    held = rows.filter(pk=certificate.pk, holder_id=actor.person_id).first()
    if held is None:
        raise NotFound
    ruleset, text = ruleset_for(held), readable("text", said.text)
    changes, violations = rules.changes_of(ruleset, said_now(held), said.typed)
    violations += rules.notice_violations(
        changes=changes, kind=said.kind, since=said.since, text=text, today=tokyo(at).date()
    )
    if not is_usable(held, at):
        message = _("This certificate is revoked or has expired. Nothing needs to be reported about it.")
        violations.append(Violation(None, "certificate_over", message))
    if violations:
        raise RuleViolated(violations)
    same = said_before(held, changes, {"kind": said.kind, "since": said.since, "text": text})
    if same is not None:
        return same
    urgent = rules.is_urgent(changes)
    try:
        with transaction.atomic():
            notice = ChangeNotice.objects.create(
                receipt_number=change_number(tokyo(at).year),
                certificate=held,
                person=held.holder,
                changes=changes,
                kind=said.kind,
                since=said.since,
                text=text,
                urgent=urgent,
                four_eyes=ruleset.four_eyes,
                status_since=at,
                received_at=at,
                due_at=business_calendar().due(at, business_days=URGENT_DAYS if urgent else ruleset.promised_days),
            )
    except IntegrityError as error:  # the database's own word on one open notice per certificate
        message = _("Another notice about this certificate is open. Please wait for its result, or withdraw it.")
        raise RuleViolated([Violation(None, "open_notice", message)]) from error
    fields = [row["key"] for row in changes]
    details = {"number": notice.receipt_number, "fields": fields, "kind": said.kind, "urgent": urgent}
    record(act=Act.CHANGE_SUBMIT, actor=actor, at=at, subject=notice, details=details)
    tell_holder(notice=notice, kind="change_received", at=at)
    return notice


@transaction.atomic
def withdraw(*, notice: ChangeNotice, actor: Actor, at: datetime) -> ChangeNotice:
    """Take a notice back before it goes to an approver, and tell its examiner. Raises NotFound for somebody else's."""
    actor = authorise(actor=actor, act=Act.CHANGE_WITHDRAW)
    row = locked(notice)
    if row.person_id != actor.person_id:
        raise NotFound
    withdrawn = transition(machine=CHANGE, row=row, act=Act.CHANGE_WITHDRAW, actor=actor, at=at)
    tell_holder(notice=withdrawn, kind="change_withdrawn", at=at)
    tell_notice_examiner(notice=withdrawn, word="withdrawn", at=at)
    return withdrawn


@transaction.atomic
def claim(*, notice: ChangeNotice, actor: Actor, at: datetime) -> ChangeNotice:
    """Take a notice to examine it. Raises NotAllowed for one's own, Stale when a colleague has it."""
    actor = authorise(actor=actor, act=Act.CHANGE_CLAIM)
    row = of_another(notice, actor)
    columns = {"examiner_id": person_id_of(actor)}
    return transition(machine=CHANGE, row=row, act=Act.CHANGE_CLAIM, actor=actor, at=at, columns=columns)


@transaction.atomic
def release(*, notice: ChangeNotice, actor: Actor, at: datetime) -> ChangeNotice:
    """Put a notice back among those that nobody has."""
    actor = authorise(actor=actor, act=Act.CHANGE_RELEASE)
    row = examined_by(notice, actor)
    columns = {"examiner": None}
    return transition(machine=CHANGE, row=row, act=Act.CHANGE_RELEASE, actor=actor, at=at, columns=columns)


@transaction.atomic
def propose(*, notice: ChangeNotice, proposal: Proposal, actor: Actor, at: datetime) -> ChangeNotice:
    """Hand a notice to the approver with what is to follow.

    Where that is revocation, it is requested at once (O-15.1.7): an approver decides about it where requests to revoke
    are decided. Raises RuleViolated for an outcome that can't follow.
    """
    actor = authorise(actor=actor, act=Act.CHANGE_PROPOSE)
    row = examined_by(notice, actor)
    answer, findings = readable("answer", proposal.answer), readable("findings", proposal.findings)
    outcomes = rules.outcomes_of(ruleset_for(row.certificate), row.changes, usable=is_usable(row.certificate, at))
    found = rules.outcome_violations(outcomes, proposal.outcome, answer)
    if found:
        raise RuleViolated(found)
    columns = {"outcome": proposal.outcome, "findings": findings, "answer": answer, "return_note": ""}
    if proposal.outcome == rules.REVOCATION and not row.revocation_number:
        wish = Wish("lra:information_changed", f"{row.receipt_number} {findings or answer}"[:LONGEST_WISH])
        case = requests.request_by_staff(certificate=row.certificate, wish=wish, actor=actor, at=at)
        columns["revocation_number"] = case.number
    details = {"outcome": proposal.outcome, "findings": findings}
    return transition(
        machine=CHANGE, row=row, act=Act.CHANGE_PROPOSE, actor=actor, at=at, details=details, columns=columns
    )


LONGEST_WISH = 1000


@transaction.atomic
def send_back(*, notice: ChangeNotice, note: str, actor: Actor, at: datetime) -> ChangeNotice:
    """Give a notice back to its examiner with a note, and tell them. Raises as `settle`."""
    actor = authorise(actor=actor, act=Act.CHANGE_RETURN)
    row = awaiting(notice, actor)
    text = readable("note", note)
    if not text:
        raise RuleViolated([Violation("note", "note_missing", _("Please write what is to be looked at again."))])
    columns = {"return_note": text}
    returned = transition(
        machine=CHANGE, row=row, act=Act.CHANGE_RETURN, actor=actor, at=at, details={"note": text}, columns=columns
    )
    tell_notice_examiner(notice=returned, word="returned", at=at, note=text)
    return returned


@transaction.atomic
def settle(*, notice: ChangeNotice, seen: str, actor: Actor, at: datetime) -> ChangeNotice:
    """Decide that what was proposed follows, and tell the holder; `seen` is the digest of what the page showed.

    Raises NotAllowed for the holder's side and, with four eyes, for the examiner; Stale when the proposal changed
    meanwhile; RuleViolated for a reissue of a certificate that is revoked or over by now.
    """
    actor = authorise(actor=actor, act=Act.CHANGE_SETTLE)
    row = awaiting(notice, actor)
    if row.seen != seen:
        raise Stale(outcome=row.outcome)
    outcome = row.outcome
    if outcome == rules.REISSUE and not is_usable(row.certificate, at):
        message = _("The certificate was revoked or has expired meanwhile. Please send the notice back.")
        raise RuleViolated([Violation(None, "certificate_over", message)])
    settled = transition(
        machine=CHANGE,
        row=row,
        act=Act.CHANGE_SETTLE,
        actor=actor,
        at=at,
        details={"outcome": outcome, "changes": row.changes},
        columns={"decided_by_id": actor.person_id, "decided_at": at},
    )
    if outcome == rules.CORRECTION:
        file_corrected(settled.certificate)
    tell_holder(notice=settled, kind="change_settled", at=at)
    return settled


def file_corrected(certificate: Certificate) -> None:
    """File the index card of the application behind a certificate anew, so that it is found by what holds now."""
    rows = Application.objects.filter(order=certificate.order_id, contents_erased_at=None)
    application = rows.select_related("rules", "applicant", "contract__corporation").first()
    if application is not None:
        file_card(application, said_now(certificate))


def locked(notice: ChangeNotice) -> ChangeNotice:
    """The notice as it stands, held until the transaction ends."""
    rows = ChangeNotice.objects.select_for_update(of=("self",))
    return rows.select_related("certificate__subscription__target_system", "person").get(pk=notice.pk)


def of_another(notice: ChangeNotice, actor: Actor) -> ChangeNotice:
    """The locked notice of somebody else. Raises NotAllowed for whoever stands on the holder's side."""
    row = locked(notice)
    refuse_own(involved=side_of(row), person=actor.person_id)
    return row


def examined_by(notice: ChangeNotice, actor: Actor) -> ChangeNotice:
    """The locked notice that `actor` is examining; raises Stale otherwise."""
    row = of_another(notice, actor)
    if row.status != "examining" or row.examiner_id != actor.person_id:
        raise Stale(state=row.status)
    return row


def awaiting(notice: ChangeNotice, actor: Actor) -> ChangeNotice:
    """The locked notice that waits for this approver."""
    row = of_another(notice, actor)
    if row.status != "awaiting_approval":
        raise Stale(state=row.status)
    if row.four_eyes and row.examiner_id == actor.person_id:
        raise NotAllowed(_("You examined this yourself. Another person has to decide it."))
    return row


def readable(field: str, text: str) -> str:
    """Free text as it is kept. Raises RuleViolated for what nobody can see."""
    try:
        return clean(text, multiline=True)
    except TextError as error:
        raise RuleViolated([Violation(field, error.code, error.message)]) from error
