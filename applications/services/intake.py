"""From a draft to a received application, and back: start, save, submit, withdraw (O-4.1, O-4.2, O-16.1.1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import authorise
from applications.emails import link_to
from applications.models import Application
from applications.rules import kinds
from applications.rules.batches import BY_ADMINISTRATOR
from applications.rules.intake import check_fields, check_printed, storable
from applications.rules.kinds import RENEWAL
from applications.selectors.intake import (
    MINE_ALONE,
    contents_digest,
    key_violations,
    manual_of,
    prefilled,
    refusals_to_submit,
    subject_of_application,
    uploads_of,
    valid_certificate_of,
)
from applications.selectors.succession import asked_in, changed, fixed_values, open_application_of
from applications.services import confirming
from applications.services.finding import file_card, listed_columns
from applications.services.ordering import frozen_part
from applications.services.succession import kept_subscription, last_facts
from applications.services.telling import tell_editor, tell_examiner, tell_side
from applications.states import APPLICATION
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Stale, Violation
from audit.services import record, transition
from certificates import csr
from certificates.rules import digest_of
from certificates.services import orders
from regulations.calendar import tokyo
from regulations.models import Contract, Subscription, TargetSystem, TargetSystemVersion
from regulations.numbers import receipt_number
from regulations.selectors import business_calendar, contracts_to_apply_under
from regulations.services import consents, subscriptions
from regulations.services.suspensions import ensure_running

DRAFT_LIFE = timedelta(days=30)
UNRECEIVED = ("draft", "waiting_consent", "withdrawn", "lapsed")
OPEN_TO_RULES = ("draft", "waiting_consent")
WITHDRAWABLE = APPLICATION.move(Act.APPLICATION_WITHDRAW).sources


@transaction.atomic
def start(
    *, target_system: TargetSystem, contract: Contract | None, person: User, actor: Actor, at: datetime
) -> Application:
    """Begin an application, prefilled from account and contract; a draft that exists already is taken up again.

    Raises Suspended while intake pauses (O-6) and RuleViolated for someone who may not apply (J-2).
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_START)
    version = target_system.version_in_force()
    ruleset = version.ruleset
    if ruleset.needs_contract and not permitted(person, version, contract, at):
        raise RuleViolated([not_named_violation(ruleset.applicants)])
    contract = contract if ruleset.needs_contract else None
    draft = draft_of(person, target_system, contract)
    if draft is not None:
        return draft
    ensure_running(at=at)
    typed, values = prefilled(ruleset=ruleset, person=person, contract=contract)
    application = Application.objects.create(
        applicant=person,
        rules=version,
        contract=contract,
        typed=typed,
        values=values,
        status_since=at,
        created_at=at,
        saved_at=at,
    )
    record(act=Act.APPLICATION_START, actor=actor, at=at, subject=application, details={"rules": str(version.pk)})
    return application


def draft_of(person: User, target_system: TargetSystem, contract: Contract | None) -> Application | None:
    """The draft of a new application that `person` began for a target system under a contract; the last one saved."""
    drafts = Application.objects.filter(MINE_ALONE, applicant=person, status="draft", contract=contract, kind="new")
    return drafts.filter(rules__target_system=target_system).order_by("-saved_at").first()


def permitted(person: User, version: TargetSystemVersion, contract: Contract | None, at: datetime) -> bool:
    """Whether `person` may apply under `contract` now, by the rules in `version` (J-2)."""
    if contract is None:
        return False
    contracts = contracts_to_apply_under(
        person=person, target_system=version.target_system, applicants=version.ruleset.applicants, at=at
    )
    return contracts.filter(pk=contract.pk).exists()


def not_named_violation(applicants: str) -> Violation:
    """That no contract in force names the person as the rules want it (J-2)."""
    if applicants == "member":
        message = _("Only people whom a contract in force names may apply here.")
        return Violation(None, "not_member", message)
    message = _("Only an authorised person of a corporation with a contract in force may apply here.")
    return Violation(None, "not_authorised_person", message)


@transaction.atomic
def save_step(
    *, application: Application, step: str, typed: Mapping[str, str], actor: Actor, at: datetime
) -> list[Violation]:
    """Keep everything that was typed in one step of the form, and use what is right of it.

    Returns what is still wrong, so that nothing typed is lost to a refusal. Raises Stale for what is no draft any more.
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_EDIT)
    draft = locked_draft(application, actor)
    kept, merged, violations = answered(draft, step, typed)
    wrong = {violation.field for violation in violations} & set(kept)
    draft.values = {key: value for key, value in merged.items() if key not in wrong}
    draft.typed = draft.typed | kept
    draft.saved_at = at
    draft.save(update_fields=["values", "typed", "saved_at"])
    record(act=Act.APPLICATION_EDIT, actor=actor, at=at, subject=draft, details={"step": step})
    application.refresh_from_db()
    return violations


def answered(
    draft: Application, step: str, typed: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str], list[Violation]]:
    """What was typed in a step and is kept, the values of the draft with it, and what is wrong with it.

    What a reissue or renewal takes over is not asked; somebody who sends it all the same is told (O-12.2).
    """
    ruleset, fixed = draft.rules.ruleset, fixed_values(draft)
    fields = asked_in(draft, step)
    kept = {field.key: storable(typed.get(field.key, "")) for field in fields}
    values, violations = check_fields(fields, kept)
    merged = {key: value for key, value in draft.values.items() if key not in kept} | values | fixed
    violations += [row for row in check_printed(ruleset, merged) if row.field in kept]
    taken_over = [field for field in ruleset.fields if field.key in fixed and field.key in typed]
    sent, _wrong = check_fields(taken_over, typed)
    return kept, merged, violations + changed(draft, sent)


@transaction.atomic
def save_request(*, application: Application, data: bytes, actor: Actor, at: datetime) -> list[Violation]:
    """Keep the applicant's certificate signing request; what was pasted stays, whether it can be used or not."""
    actor = authorise(actor=actor, act=Act.APPLICATION_EDIT)
    draft = locked_draft(application, actor, confirming_too=True)
    violations: list[Violation] = []
    try:
        facts = csr.read(data, key_types=draft.rules.ruleset.profile.key_types)
        draft.csr_der, draft.key_digest = facts.der, facts.spki_digest
        violations = key_violations(draft, facts.spki_digest)
    except RuleViolated as error:
        draft.csr_der, draft.key_digest, violations = None, "", error.violations
    binary = data[:1] == b"\x30"
    private = b"PRIVATE KEY" in data
    draft.typed = draft.typed | {"csr": "" if binary or private else storable(data.decode(errors="replace"))}
    draft.saved_at = at
    draft.save(update_fields=["csr_der", "key_digest", "typed", "saved_at"])
    record(act=Act.APPLICATION_EDIT, actor=actor, at=at, subject=draft, details={"step": "csr"})
    application.refresh_from_db()
    return violations


def locked_draft(application: Application, actor: Actor, *, confirming_too: bool = False) -> Application:
    """The draft `application` that this actor fills in, locked; with `confirming_too` also what they are to confirm.

    Raises NotFound for somebody else's, Stale for what is neither.
    """
    row = (
        Application.objects.select_for_update(of=("self",))
        .select_related("rules", "contract", "applicant", "filed_by")
        .get(pk=application.pk)
    )
    if confirming_too and row.status == "waiting_consent" and row.applicant_id == actor.person_id:
        return row
    if row.editor_id != actor.person_id:
        raise NotFound
    if row.status != "draft":
        raise Stale(state=row.status)
    return row


@transaction.atomic
def take_up_rules(*, application: Application, actor: Actor, at: datetime) -> Application:
    """Move a draft to the rules in force; rules are pinned when the application is received, not before (O-1.3)."""
    newest = application.rules.target_system.version_in_force()
    if application.status in OPEN_TO_RULES and newest.pk != application.rules_id:
        actor = authorise(actor=actor, act=Act.APPLICATION_EDIT)
        Application.objects.filter(pk=application.pk, status__in=OPEN_TO_RULES).update(rules=newest)
        record(act=Act.APPLICATION_EDIT, actor=actor, at=at, subject=application, details={"rules": str(newest.pk)})
        application.refresh_from_db()
    return application


@transaction.atomic
def submit(*, application: Application, ticked: Collection[str], seen: str, actor: Actor, at: datetime) -> Application:
    """Hand the application in: consents stored, order proposed, receipt number given, acknowledgement sent.

    `ticked` are the keys of the consents, `seen` the digest of the contents that the page showed. A page that is
    submitted twice gives the same receipt. Raises RuleViolated with everything that is missing, Suspended (O-6).
    What another has filed is submitted by the applicant alone: the consents are theirs (J-5).
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_SUBMIT)
    row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if row.applicant_id != actor.person_id:
        raise NotFound
    if row.status not in UNRECEIVED:
        return row
    ensure_running(at=at)
    draft = locked_draft(row, actor, confirming_too=True)
    violations = refusals_to_submit(application=draft, ticked=ticked, seen=seen, at=at)
    if violations:
        raise RuleViolated(violations)
    subscription = free_subscription(draft, at)
    asked = consents.asked_for(ruleset=draft.rules.ruleset, at=at)
    consents.give(person=draft.applicant, story=draft.story, items=asked, actor=actor, at=at)
    application = received(draft, subscription, actor, at)
    confirming.settle(application, answer="confirmed", at=at)
    return application


def received(draft: Application, subscription: Subscription, actor: Actor, at: datetime) -> Application:
    """The draft as a received application with its order; a part of `submit`."""
    digest = contents_digest(draft)
    frozen = frozen_part(draft, digest)
    involved = [person for person in (draft.applicant, draft.filed_by) if person is not None]
    order = orders.propose(
        story=draft.story, subscription=subscription, frozen=frozen, people=involved, actor=actor, at=at
    )
    columns = {
        "receipt_number": receipt_number(tokyo(at).year),
        "subscription": subscription,
        "order": order,
        "digest": digest,
        "four_eyes": draft.rules.ruleset.four_eyes,
        **listed_columns(draft),
        "manual": manual_of(draft, at),
        "submitted_at": at,
        "due_at": promised(draft, at),
    }
    details = {"digest": digest, "order": digest_of(frozen), "rules": str(draft.rules_id), **last_facts(draft)}
    try:
        with transaction.atomic():
            application = transition(
                machine=APPLICATION,
                row=draft,
                act=Act.APPLICATION_SUBMIT,
                actor=actor,
                at=at,
                details=details,
                columns=columns,
            )
    except IntegrityError as error:  # the database's own word on one open application per subscription
        raise RuleViolated([kinds.open_application(None)]) from error
    file_card(application)
    tell(application, "received", at)
    return application


def promised(draft: Application, at: datetime) -> datetime:
    """When the result is told: as the rules promise, and for a renewal before the certificate ends (O-19.2.11)."""
    due_at = business_calendar().due(at, business_days=draft.rules.ruleset.promised_days)
    return min(due_at, draft.previous.not_after) if draft.kind == RENEWAL and draft.previous is not None else due_at


def free_subscription(draft: Application, at: datetime) -> Subscription:
    """The subscription under which `draft` may be received, locked (O-4.3.3). Raises RuleViolated when none is free."""
    if draft.previous is not None:
        return kept_subscription(draft)

    def is_free(subscription: Subscription) -> bool:
        occupied = open_application_of(subscription) or valid_certificate_of(subscription, at)
        return occupied is None

    found = subscriptions.find_or_create(subject=subject_of_application(draft), is_free=is_free, at=at)
    subscription = Subscription.objects.select_for_update(of=("self",)).get(pk=found.pk)
    other = open_application_of(subscription)
    if other is not None:
        known = other.applicant_id == draft.applicant_id
        raise RuleViolated([kinds.open_application(other.receipt_number if known else None)])
    certificate = valid_certificate_of(subscription, at)
    if certificate is not None:
        message = _("A valid certificate for this person exists already (%(number)s). Please use reissue or renewal.")
        number = certificate.management_number if certificate.holder_id == draft.applicant_id else "—"
        raise RuleViolated([Violation(None, "valid_certificate", message % {"number": number})])
    return subscriptions.take_over(subscription=subscription, subject=subject_of_application(draft))


def may_withdraw(application: Application, person_id: UUID) -> bool:
    """Whether this person may take the application back as it stands.

    Whoever filed it for another may until it is received; from then on it is the applicant's.
    """
    whose = application.applicant_id if application.submitted_at is not None else application.editor_id
    return application.status in WITHDRAWABLE and person_id == whose


@transaction.atomic
def withdraw(*, application: Application, actor: Actor, at: datetime) -> Application:
    """Take an application back before it is decided; its order is cancelled. Withdrawing twice changes nothing."""
    actor = authorise(actor=actor, act=Act.APPLICATION_WITHDRAW)
    row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if actor.person_id != (row.applicant_id if row.submitted_at is not None else row.editor_id):
        raise NotFound
    if row.status == "withdrawn":
        return row
    was_received = row.submitted_at is not None
    withdrawn = transition(machine=APPLICATION, row=row, act=Act.APPLICATION_WITHDRAW, actor=actor, at=at)
    if withdrawn.order is not None:
        orders.cancel(order=withdrawn.order, reason="withdrawn", actor=actor, at=at)
    confirming.settle(withdrawn, answer="withdrawn", at=at)
    if was_received:
        tell(withdrawn, "withdrawn", at)
        tell_examiner(application=withdrawn, word="withdrawn", at=at)
    return withdrawn


@transaction.atomic
def lapse_drafts(*, actor: Actor, at: datetime) -> int:
    """Let drafts lapse that nobody has saved for 30 days, and tell who filled them in; returns how many."""
    actor = authorise(actor=actor, act=Act.APPLICATION_LAPSE)
    old = Application.objects.filter(status="draft", saved_at__lt=at - DRAFT_LIFE)
    rows = list(old.select_for_update(skip_locked=True, of=("self",))[:500])
    for row in rows:
        lapsed = transition(machine=APPLICATION, row=row, act=Act.APPLICATION_LAPSE, actor=actor, at=at)
        tell_editor(lapsed, at)
    return len(rows)


def tell(application: Application, name: str, at: datetime, *, once: str = "") -> None:
    """Put the mail `name` about `application` into the outbox, for the applicant and an agent of theirs.

    `once` tells one time from another, where the same may happen again. Of a line whose administrator agreed for the
    filing the applicant hears by another mail, with a way in.
    """
    if name == "received" and application.batch is not None and application.batch.consent == BY_ADMINISTRATOR:
        return
    ruleset = application.rules.ruleset
    context = {
        "receipt_number": application.receipt_number,
        "target_system": {"ja": ruleset.name.ja, "en": ruleset.name.en},
        "link": link_to("applications:detail", application.pk),
        "due_at": application.due_at.isoformat() if application.due_at else "",
        "documents": len(uploads_of(application)),
    }
    tell_side(
        application=application,
        kind=f"applications/{name}",
        context=context,
        dedupe=f"application:{application.pk}:{name}:{once}" if once else f"application:{application.pk}:{name}",
        at=at,
    )
