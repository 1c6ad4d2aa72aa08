"""Suspending the service for one subscriber while a name is in dispute or in doubt, and resuming it (O-11.1, O-11.2).

It is visible to the holder and to the office, and can be taken back; whether the certificate is revoked is another
decision.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Violation
from audit.services import transition
from regulations.models import Subscription
from regulations.states import SUBSCRIPTION

LONGEST_REASON = 500


@transaction.atomic
def suspend(*, subscription: Subscription, reason: str, actor: Actor, at: datetime) -> Subscription:
    """Suspend the service; `reason` is read by the holder.

    Raises RuleViolated without a reason or for one's own, Stale where it is not in use.
    """
    actor = authorise(actor=actor, act=Act.SUBSCRIPTION_SUSPEND)
    _refuse_own(subscription, actor)
    reason = _readable(reason)
    return transition(
        machine=SUBSCRIPTION,
        row=subscription,
        act=Act.SUBSCRIPTION_SUSPEND,
        actor=actor,
        at=at,
        details={"reason": reason},
        columns={"suspended_at": at, "suspension_reason": reason},
    )


@transaction.atomic
def resume(*, subscription: Subscription, reason: str, actor: Actor, at: datetime) -> Subscription:
    """Resume the service; `reason` says what settled the matter. Raises as `suspend`, Stale where it goes on."""
    actor = authorise(actor=actor, act=Act.SUBSCRIPTION_RESUME)
    _refuse_own(subscription, actor)
    return transition(
        machine=SUBSCRIPTION,
        row=subscription,
        act=Act.SUBSCRIPTION_RESUME,
        actor=actor,
        at=at,
        details={"reason": _readable(reason)},
        columns={"suspended_at": None, "suspension_reason": ""},
    )


def _readable(reason: str) -> str:
    if not reason.strip() or len(reason) > LONGEST_REASON:
        message = _("Please write down the reason, in up to 500 characters. The holder reads it.")
        raise RuleViolated([Violation("reason", "reason", message)])
    return reason.strip()


def _refuse_own(subscription: Subscription, actor: Actor) -> None:
    if subscription.holder_id == actor.person_id:
        raise RuleViolated([Violation(None, "own", _("This is your own. Another approver has to decide."))])
