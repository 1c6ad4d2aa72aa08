"""The right of one subject to use one target system: found by identity, made once (O-4.3.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.refusals import RuleViolated, Violation
from regulations.models import Contract, Subscription, TargetSystem

LONGEST_KEY = 200


@dataclass(frozen=True)
class Subject:
    """Who is to hold a certificate of what, under which contract."""

    target_system: TargetSystem
    contract: Contract | None
    holder: User
    identity: str
    limit: int

    @property
    def key(self) -> str:
        """The identity as it is stored; a long one by its hash."""
        return key_of(self.identity)


def key_of(identity: str) -> str:
    """An identity as it is stored; a long one by its hash."""
    if len(identity) <= LONGEST_KEY:
        return identity
    return "sha256:" + hashlib.sha256(identity.encode()).hexdigest()


@transaction.atomic
def find_or_create(*, subject: Subject, is_free: Callable[[Subscription], bool], at: datetime) -> Subscription:
    """The subscription under which `subject` may apply now; a part of submitting, which records it.

    Existing ones are taken first where `is_free` says that nothing stands in the way, else the next
    number is made as far as the rules allow. Two calls at once end with the same row.
    """
    if not subject.identity.replace("\x1f", ""):
        raise RuleViolated([Violation(None, "identity", _("The person who is to hold the certificate is not named."))])
    existing = list(of_subject(subject))
    for subscription in existing:
        if is_free(subscription):
            return subscription
    if len(existing) >= subject.limit:
        return existing[0]
    taken = {subscription.ordinal for subscription in existing}
    ordinal = next(number for number in range(1, subject.limit + 1) if number not in taken)
    subscription, _created = Subscription.objects.get_or_create(
        target_system=subject.target_system,
        subject_key=subject.key,
        ordinal=ordinal,
        status__in=["applied", "in_use", "suspended"],
        defaults={"contract": subject.contract, "holder": subject.holder, "status": "applied", "status_since": at},
    )
    return subscription


def of_subject(subject: Subject) -> list[Subscription]:
    """The subscriptions of `subject` that have not ended, by number, locked until the transaction ends."""
    rows = Subscription.objects.select_for_update(of=("self",)).filter(
        target_system=subject.target_system, subject_key=subject.key
    )
    return list(rows.exclude(status="ended").order_by("ordinal"))


def take_over(*, subscription: Subscription, subject: Subject) -> Subscription:
    """Put the applicant and the contract into a subscription that was never used.

    Raises RuleViolated where somebody with another account has used it: that is for the office to settle.
    """
    if subscription.holder_id == subject.holder.pk and subscription.contract == subject.contract:
        return subscription
    if subscription.holder_id != subject.holder.pk and subscription.status != "applied":
        message = _("The same person is known under another account. Please ask the call center.")
        raise RuleViolated([Violation(None, "other_account", message)])
    Subscription.objects.filter(pk=subscription.pk).update(contract=subject.contract, holder=subject.holder)
    subscription.refresh_from_db()
    return subscription
