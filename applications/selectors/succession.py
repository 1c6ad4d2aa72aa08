"""What comes after a certificate of the same holder: whether a reissue or renewal may begin, and what it takes over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from applications.models import OPEN, Application
from applications.rules import kinds
from applications.rules.intake import fields_of
from applications.rules.kinds import NEW, REASONS, REISSUE, Held
from applications.selectors.changes import said_now
from applications.selectors.contract_effects import renewal_opened
from applications.selectors.progress import certificate_of
from audit.refusals import Violation
from certificates.models import Certificate
from certificates.superseding import old_ends_at
from regulations.models import Subscription
from regulations.ruleset import Field, RuleSet
from regulations.selectors import contracts_to_apply_under


def open_application_of(subscription: Subscription) -> Application | None:
    """The application that is open for `subscription`; an approved one until its certificate is there."""
    applications = Application.objects.filter(subscription=subscription, status__in=OPEN)
    return applications.exclude(order__status__in=["issued", "cancelled"]).first()


def application_of(certificate: Certificate) -> Application | None:
    """The application that a certificate was issued for."""
    return Application.objects.filter(order=certificate.order_id).select_related("rules").first()


def answers_of(certificate: Certificate) -> dict[str, str]:
    """What the holder answered for a certificate, with what was corrected since; nothing without an application."""
    return said_now(certificate)


def fixed_values(application: Application) -> dict[str, str]:
    """What a draft takes over from the certificate's application and can't change; empty for a new application."""
    if application.kind == NEW or application.previous is None:
        return {}
    ruleset = application.rules.ruleset
    answers = answers_of(application.previous)
    keys = kinds.fixed_keys(ruleset, application.kind, application.reason) & ruleset.field_keys
    return {key: answers[key] for key in keys if answers.get(key)}


def asked_in(application: Application, step: str) -> list[Field]:
    """The fields that a step of the form asks: neither looked up in the contract nor taken over from before."""
    fixed = fixed_values(application)
    fields = fields_of(application.rules.ruleset, step)
    return [field for field in fields if not field.from_contract and field.key not in fixed]


def ruleset_of(certificate: Certificate) -> RuleSet | None:
    """The rules in force for what a certificate is for."""
    version = certificate.subscription.target_system.versions.filter(status="in_force").first()
    return version.ruleset if version is not None else None


def refusals(kind: str, certificate: Certificate, at: datetime, *, draft: Application | None = None) -> list[Violation]:
    """Why no reissue or renewal of `certificate` can begin, or be handed in as `draft`, at `at`."""
    return kinds.refusals(kind, held_facts(kind, certificate, at, draft))


def held_facts(kind: str, certificate: Certificate, at: datetime, draft: Application | None = None) -> Held:
    """How a certificate stands for its holder, read at one instant."""
    ruleset = ruleset_of(certificate)
    subscription = certificate.subscription
    other = open_application_of(subscription)
    newer = Certificate.objects.filter(subscription=subscription, slot="successor").exclude(pk=certificate.pk).first()
    return Held(
        at=at,
        allowed=ruleset is not None and (ruleset.reissue if kind == REISSUE else ruleset.renewal).allowed,
        number=certificate.management_number,
        not_after=certificate.not_after,
        revoked=certificate.revoked_at is not None,
        revoking=certificate.revocation_requested_at is not None,
        slot=certificate.slot,
        successor=newer.management_number if newer is not None else "",
        open_receipt=str(other.receipt_number) if other is not None and other != draft else "",
        named_in_contract=named_in_contract(certificate, ruleset, at),
        opens_at=renewal_opens_at(certificate, at),
        suspended=subscription.status == "suspended",
        contract_ends_at=subscription.contract.ends_at if subscription.contract is not None else None,
    )


def named_in_contract(certificate: Certificate, ruleset: RuleSet | None, at: datetime) -> bool:
    """Whether the contract that a certificate stands under is in force and names its holder, where one is needed."""
    if ruleset is None or not ruleset.needs_contract:
        return True
    subscription = certificate.subscription
    contracts = contracts_to_apply_under(
        person=certificate.holder, target_system=subscription.target_system, applicants=ruleset.applicants, at=at
    )
    return subscription.contract in contracts


def renewal_opens_at(certificate: Certificate, at: datetime) -> datetime | None:
    """When the renewal of a certificate opens; None where the rules have none."""
    ruleset = ruleset_of(certificate)
    if ruleset is None or not ruleset.renewal.allowed:
        return None
    return kinds.renewal_opens_at(
        not_after=certificate.not_after,
        opens_days=ruleset.renewal.opens_days,
        extended=renewal_opened(certificate),
        at=at,
    )


def succession_violations(application: Application, at: datetime) -> list[Violation]:
    """What keeps a reissue or renewal from being handed in: the certificate as it stands, and what had to stay."""
    if application.kind == NEW or application.previous is None:
        return []
    found = refusals(application.kind, application.previous, at, draft=application)
    return found + changed(application, application.values)


def changed(application: Application, values: Mapping[str, str]) -> list[Violation]:
    """What in `values` differs from what `application` has to take over, each at its field."""
    holder = kinds.holder_keys(application.rules.ruleset)
    return [
        kinds.holder_changed(key) if key in holder else kinds.stays(key)
        for key, value in sorted(fixed_values(application).items())
        if key in values and values[key] != value
    ]


@dataclass(frozen=True)
class Follows:
    """Of a reissue or renewal: what it is, which certificate it follows, why, and when that one ends."""

    kind: str
    certificate: Certificate
    reason: str | Promise
    text: str
    ends_at: datetime | None


def follows_of(application: Application) -> Follows | None:
    """What a reissue or renewal says beside its contents; None for a new application."""
    if application.previous is None:
        return None
    made = certificate_of(application)
    reason = REASONS[application.reason].label if application.reason in REASONS else ""
    return Follows(
        kind=application.kind_word,
        certificate=application.previous,
        reason=reason,
        text=application.reason_text,
        ends_at=old_ends_at(made) if made is not None else None,
    )
