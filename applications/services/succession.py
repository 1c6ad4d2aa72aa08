"""Beginning a reissue or a renewal: for the same holder, filled in from before (O-12.2, O-15.1.2, O-18.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.services import authorise
from applications.models import Application
from applications.rules import kinds
from applications.rules.intake import check_fields
from applications.rules.kinds import NEW, REISSUE, RENEWAL
from applications.selectors import succession
from applications.selectors.intake import prefilled, subject_of_application
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated
from audit.services import record
from certificates.models import Certificate
from regulations.models import Subscription
from regulations.services.suspensions import ensure_running
from regulations.text import TextError, clean


@transaction.atomic
def start_reissue(*, certificate: Certificate, reason: str, text: str, actor: Actor, at: datetime) -> Application:
    """Begin the reissue of one's own certificate, for one of the reasons of `rules.kinds`; a draft is taken up again.

    Raises NotFound for anybody else's certificate, RuleViolated when it can't be reissued now, Suspended (O-6).
    """
    actor = authorise(actor=actor, act=Act.APPLICATION_START)
    held = own_locked(certificate, actor)
    violations = kinds.reason_violations(reason, text) or succession.refusals(REISSUE, held, at)
    if violations:
        raise RuleViolated(violations)
    return begun(held, {"kind": REISSUE, "reason": reason, "reason_text": readable(text)}, actor, at)


@transaction.atomic
def start_renewal(*, certificate: Certificate, actor: Actor, at: datetime) -> Application:
    """Begin the renewal of one's own certificate once it is open (O-18.2, O-19.2.11). Raises as a reissue."""
    actor = authorise(actor=actor, act=Act.APPLICATION_START)
    held = own_locked(certificate, actor)
    violations = succession.refusals(RENEWAL, held, at)
    if violations:
        raise RuleViolated(violations)
    return begun(held, {"kind": RENEWAL}, actor, at)


def own_locked(certificate: Certificate, actor: Actor) -> Certificate:
    """The certificate as it stands, held until the transaction ends: who asks twice at once gets one draft."""
    rows = Certificate.objects.select_for_update(of=("self",)).select_related("subscription__contract", "holder")
    held = rows.filter(pk=certificate.pk, holder_id=actor.person_id).first()
    if held is None:
        raise NotFound
    return held


def begun(certificate: Certificate, wanted: dict[str, str], actor: Actor, at: datetime) -> Application:
    """The draft that follows `certificate`: a new one, or the one that is there with its reason brought up to date."""
    earlier = Application.objects.filter(previous=certificate, kind=wanted["kind"], status="draft")
    draft = earlier.select_related("rules", "previous").first()
    if draft is None:
        ensure_running(at=at)
        draft = Application(
            applicant=certificate.holder,
            rules=certificate.subscription.target_system.version_in_force(),
            contract=certificate.subscription.contract,
            previous=certificate,
            status_since=at,
            created_at=at,
            saved_at=at,
            **wanted,
        )
        draft.typed, draft.values = taken_over(draft)
        draft.save(force_insert=True)
    else:
        draft.reason, draft.reason_text = wanted.get("reason", ""), wanted.get("reason_text", "")
        draft.values = draft.values | succession.fixed_values(draft)
        draft.save(update_fields=["reason", "reason_text", "values"])
    details = {"rules": str(draft.rules_id), "previous": certificate.management_number, **wanted}
    record(act=Act.APPLICATION_START, actor=actor, at=at, subject=draft, details=details)
    return draft


def taken_over(draft: Application) -> tuple[dict[str, str], dict[str, str]]:
    """What a draft begins with, as typed and as values: the answers of last time, contract and account for the rest.

    What the rules in force no longer take is left to be filled in anew.
    """
    ruleset = draft.rules.ruleset
    typed, values = prefilled(ruleset=ruleset, person=draft.applicant, contract=draft.contract)
    asked = [field for field in ruleset.fields if not field.from_contract]
    if draft.previous is not None:
        answers = succession.answers_of(draft.previous)
        typed |= {field.key: answers[field.key] for field in asked if answers.get(field.key)}
    kept, _wrong = check_fields(asked, typed)
    return typed, values | kept


def kept_subscription(draft: Application) -> Subscription:
    """The subscription of the certificate that `draft` follows, locked; the caller has asked for every other refusal.

    Raises RuleViolated where the draft is for anybody but its holder (O-12.2).
    """
    if draft.previous is None or draft.kind == NEW:
        raise NotFound
    rows = Subscription.objects.select_for_update(of=("self",))
    subscription = rows.get(pk=draft.previous.subscription_id)
    subject = subject_of_application(draft)
    if subject.key != subscription.subject_key or subject.holder.pk != subscription.holder_id:
        raise RuleViolated([kinds.holder_changed()])
    other = succession.open_application_of(subscription)
    if other is not None:
        raise RuleViolated([kinds.open_application(other.receipt_number)])
    return subscription


def readable(text: str) -> str:
    """The words to a reason as they are kept. Raises RuleViolated for what nobody can see."""
    try:
        return clean(text, multiline=True)
    except TextError as error:
        raise RuleViolated([kinds.unreadable(error.code, error.message)]) from error


def last_facts(draft: Application) -> dict[str, Any]:
    """What the event of receiving a reissue or renewal tells beside the rest."""
    if draft.previous is None:
        return {}
    return {"kind": draft.kind, "previous": draft.previous.management_number, "reason": draft.reason}
