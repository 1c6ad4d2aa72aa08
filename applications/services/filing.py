"""Applying on behalf of somebody: an agent by proxy fills in, the applicant reads, agrees and confirms.

Everybody involved is on the applicant's side, so none of them examines or approves. Certificate and PIN go to the
applicant alone (O-14.2, O-14.3); the agent sees how the application stands, and never the delivery.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import authorise
from accounts.waiting import account_for
from applications.models import Application
from applications.rules.filing import MOST_FOR_OTHERS
from applications.selectors.intake import contents_digest, filled_from, incomplete
from applications.services import confirming
from applications.services.intake import locked_draft
from applications.states import APPLICATION
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Violation
from audit.services import record, transition
from regulations.models import Contract, TargetSystem
from regulations.selectors import contracts_to_apply_under
from regulations.services.suspensions import ensure_running
from regulations.text import TextError, clean, normalise

LONGEST_NAME = 80
LONGEST_NOTE = 1000


@dataclass(frozen=True)
class Subject:
    """For whom somebody applies: name and mail address as they were typed, and under which contract."""

    name: str
    email: str
    contract_number: str = ""


@transaction.atomic
def start_for(
    *, target_system: TargetSystem, subject: Subject, person: User, actor: Actor, at: datetime
) -> Application:
    """Begin an application for somebody else; a draft for the same person is taken up again.

    Nothing of the other person's account is filled in. Raises RuleViolated where the rules know no agents, for
    one's own address, for too many at once, and when the contract does not name the person (J-2); Suspended (O-6).
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_START)
    version = target_system.version_in_force()
    if version.ruleset.agents == "none":
        message = _("Here everybody applies for themselves. No agents are admitted.")
        raise RuleViolated([Violation(None, "no_agents", message)])
    checked = checked_subject(subject, person)
    applicant = account_for(
        email=checked.email, name=checked.name, language=(get_language() or "ja")[:2], actor=actor, at=at
    )
    contract = contract_for(target_system, applicant, checked, at)
    mine = Application.objects.filter(filed_by=person, taken_over_at=None, batch=None)
    draft = mine.filter(
        status="draft", applicant=applicant, contract=contract, rules__target_system=target_system
    ).first()
    if draft is not None:
        return draft
    if mine.filter(status__in=["draft", "waiting_consent"]).count() >= MOST_FOR_OTHERS:
        message = _("You have %(count)d applications for others under way. Please finish some of them first.")
        raise RuleViolated([Violation(None, "too_many", message % {"count": MOST_FOR_OTHERS})])
    ensure_running(at=at)
    known = {"name": checked.name, "email": checked.email}
    typed, values = filled_from(ruleset=version.ruleset, known=known, contract=contract)
    application = Application.objects.create(
        applicant=applicant,
        filed_by=person,
        filed_for=checked.name,
        rules=version,
        contract=contract,
        typed=typed,
        values=values,
        status_since=at,
        created_at=at,
        saved_at=at,
    )
    details = {"rules": str(version.pk), "filed_for": str(applicant.pk)}
    record(act=Act.APPLICATION_START, actor=actor, at=at, subject=application, details=details)
    return application


def checked_subject(subject: Subject, person: User) -> Subject:
    """The person as they are stored. Raises RuleViolated, each fault at its field."""
    typed = {"name": subject.name, "email": subject.email, "contract_number": subject.contract_number}
    kinds = {"name": ("text", LONGEST_NAME), "email": ("email", 254), "contract_number": ("text", 40)}
    columns, violations = dict.fromkeys(typed, ""), []
    for key, value in typed.items():
        try:
            columns[key] = normalise(kinds[key][0], value, max_length=kinds[key][1])
        except TextError as error:
            violations.append(Violation(key, error.code, error.message))
            continue
        if not columns[key] and key != "contract_number":
            violations.append(Violation(key, "required", _("Please fill this in.")))
    if columns["email"].lower() == person.email:
        message = _("This is your own address. Please apply for yourself.")
        violations.append(Violation("email", "own_address", message))
    if violations:
        raise RuleViolated(violations)
    return Subject(columns["name"], columns["email"].lower(), columns["contract_number"])


def contract_for(target_system: TargetSystem, applicant: User, subject: Subject, at: datetime) -> Contract | None:
    """The contract that was named, if it is in force and lets the applicant apply; None where none is needed.

    The answer is the same for a number that does not exist and for one that does not name the person, so that
    nobody learns by trying who is named in whose contract. Raises RuleViolated.
    """
    ruleset = target_system.version_in_force().ruleset
    if not ruleset.needs_contract:
        return None
    contracts = contracts_to_apply_under(
        person=applicant, target_system=target_system, applicants=ruleset.applicants, at=at
    )
    contract = contracts.filter(number=subject.contract_number).first()
    if contract is None:
        message = _("No contract in force with this number lets this person apply. Please check number and address.")
        raise RuleViolated([Violation("contract_number", "not_authorised_person", message)])
    return contract


@transaction.atomic
def present(*, application: Application, seen: str, actor: Actor, at: datetime) -> Application:
    """Put the filled-in draft before the applicant: from here on it waits for their word.

    Presenting twice writes one mail. Raises RuleViolated with everything that is missing, NotFound for a draft
    that is not filed by the actor.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_PRESENT)
    row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if row.status == "waiting_consent" and row.filed_by_id == actor.person_id:
        return row
    ensure_running(at=at)
    draft = locked_draft(row, actor)
    if not draft.is_filed or draft.filed_by is None:
        raise NotFound
    violations = incomplete(application=draft, at=at)
    if seen != contents_digest(draft):
        message = _("The contents changed after this page was opened. Please look at them again.")
        violations.append(Violation(None, "contents_changed", message))
    if violations:
        raise RuleViolated(violations)
    details = {"digest": contents_digest(draft)}
    presented = transition(
        machine=APPLICATION, row=draft, act=Act.APPLICATION_PRESENT, actor=actor, at=at, details=details
    )
    confirming.ask(presented, asked_by=draft.filed_by, at=at)
    return presented


@transaction.atomic
def recall(*, application: Application, actor: Actor, at: datetime) -> Application:
    """Take an application back to change it, before the applicant has answered; the link in their mail is void."""
    actor = authorise(actor=actor, act=Act.APPLICATION_RECALL)
    row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if not row.is_filed or row.filed_by_id != actor.person_id:
        raise NotFound
    if row.status == "draft":
        return row
    recalled = transition(
        machine=APPLICATION,
        row=row,
        act=Act.APPLICATION_RECALL,
        actor=actor,
        at=at,
        columns={"saved_at": at},
    )
    confirming.settle(recalled, answer="recalled", at=at)
    return recalled


@transaction.atomic
def take_over(*, application: Application, actor: Actor, at: datetime) -> Application:
    """Let the applicant go on alone: the draft is theirs, whoever filed it sees it no more.

    They stay on record, and stay barred from deciding about it.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_TAKE_OVER)
    row = asked_of(application, actor)
    taken = transition(
        machine=APPLICATION,
        row=row,
        act=Act.APPLICATION_TAKE_OVER,
        actor=actor,
        at=at,
        columns={"taken_over_at": at, "saved_at": at},
    )
    confirming.settle(taken, answer="taken_over", at=at)
    return taken


@transaction.atomic
def decline(*, application: Application, note: str, actor: Actor, at: datetime) -> Application:
    """Let the applicant say no: nothing is received, whoever filed it reads why. Raises RuleViolated for bad text."""
    actor = authorise(actor=actor, act=Act.APPLICATION_DECLINE)
    row = asked_of(application, actor)
    try:
        text = clean(note, multiline=True)
    except TextError as error:
        raise RuleViolated([Violation("note", error.code, error.message)]) from error
    if len(text) > LONGEST_NOTE:
        raise RuleViolated([Violation("note", "too_long", _("Please shorten the text."))])
    declined = transition(machine=APPLICATION, row=row, act=Act.APPLICATION_DECLINE, actor=actor, at=at)
    confirming.settle(declined, answer="declined", at=at, note=text)
    return declined


def asked_of(application: Application, actor: Actor) -> Application:
    """The locked row of an application whose applicant is the actor; raises NotFound for anybody else's."""
    row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if row.applicant_id != actor.person_id or row.filed_by_id is None:
        raise NotFound
    return row
