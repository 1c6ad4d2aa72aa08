"""The way back for who lost their second factor or their mail address: one administrator checks, another one confirms.

Administrators see nothing of the person but the address that they type.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.leaving import end_sessions
from accounts.models import AccountChange, User
from accounts.notices import notify
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Stale, Violation
from audit.services import record

VALID_FOR = timedelta(days=3)
Kind = AccountChange.Kind


@dataclass(frozen=True)
class Wish:
    """What somebody needs: whose account by its address, what is to change, and how it was checked who asks."""

    email: str
    kind: str
    how_checked: str
    new_email: str = ""


@transaction.atomic
def propose(*, wish: Wish, actor: Actor, at: datetime) -> AccountChange:
    """Propose a change of an account; nothing changes until another administrator confirms it.

    Raises NotAllowed, and RuleViolated for an address that nobody signs in with, one's own account, or a new address
    that is taken.
    """
    actor = authorise(actor=actor, act=Act.ACCOUNT_CHANGE_PROPOSE)
    user = User.objects.filter(email=wish.email.lower(), is_active=True).first()
    violations = list(_violations(user, wish, actor))
    if violations or user is None or actor.person_id is None:
        raise RuleViolated(violations)
    row = AccountChange.objects.create(
        user=user,
        kind=wish.kind,
        new_email=wish.new_email.lower() if wish.kind == Kind.ADDRESS else "",
        how_checked=wish.how_checked,
        proposed_by_id=actor.person_id,
        proposed_at=at,
        expires_at=at + VALID_FOR,
    )
    details = {"kind": row.kind, "how_checked": row.how_checked, "account": str(user.pk)}
    record(act=Act.ACCOUNT_CHANGE_PROPOSE, actor=actor, at=at, subject=row, details=details)
    return row


def _violations(user: User | None, wish: Wish, actor: Actor) -> list[Violation]:
    if user is None:
        return [Violation("email", "unknown", _("Nobody signs in with this address."))]
    if user.pk == actor.person_id:
        return [Violation("email", "own_account", _("Another administrator has to do this for you."))]
    if wish.kind != Kind.ADDRESS:
        return []
    if not wish.new_email:
        return [Violation("new_email", "required", _("Enter the new address."))]
    taken = User.objects.filter(email__iexact=wish.new_email).exists()
    taken = (
        taken or EmailAddress.objects.filter(email__iexact=wish.new_email, verified=True).exclude(user=user).exists()
    )
    return [Violation("new_email", "taken", _("This address belongs to another account."))] if taken else []


@transaction.atomic
def confirm(*, change: AccountChange, site_url: str, actor: Actor, at: datetime) -> AccountChange:
    """Make the change as another administrator, end all sessions of the person and tell them, at the old address too.

    Raises NotAllowed, RuleViolated for who proposed it or whose account it is, Stale where it is decided or over.
    """
    actor = authorise(actor=actor, act=Act.ACCOUNT_CHANGE_CONFIRM)
    held = _open(change, at)
    if actor.person_id is None or actor.person_id in (held.proposed_by_id, held.user_id):
        raise RuleViolated([Violation(None, "same_person", _("Another administrator has to confirm this."))])
    user = User.objects.select_for_update().get(pk=held.user_id)
    told = {user.email, held.new_email} - {""}
    if held.kind == Kind.ADDRESS:
        _readdress(user, held.new_email)
    else:
        Authenticator.objects.filter(user=user).delete()
    held.confirmed_by_id, held.confirmed_at = actor.person_id, at
    held.save(update_fields=["confirmed_by", "confirmed_at"])
    ended = end_sessions(user)
    details = {"kind": held.kind, "sessions": ended, "account": str(user.pk)}
    record(act=Act.ACCOUNT_CHANGE_CONFIRM, actor=actor, at=at, subject=held, details=details)
    for email in sorted(told):
        context = {"kind": held.kind, "site_url": site_url}
        notify(kind="accounts/way_back", to=user, email=email, context=context, at=at, dedupe=f"way_back:{uuid4()}")
    return held


def _readdress(user: User, email: str) -> None:
    """Let somebody sign in with another address; they show that they read it by the link of the next sign-in."""
    if User.objects.filter(email=email).exclude(pk=user.pk).exists():
        raise RuleViolated([Violation(None, "taken", _("This address belongs to another account."))])
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
    User.objects.filter(pk=user.pk).update(email=email)
    user.email = email


@transaction.atomic
def decline(*, change: AccountChange, actor: Actor, at: datetime) -> None:
    """Decline a change, or take it back. Raises NotAllowed, and Stale where it is decided or over."""
    actor = authorise(actor=actor, act=Act.ACCOUNT_CHANGE_DECLINE)
    held = _open(change, at)
    AccountChange.objects.filter(pk=held.pk).update(declined_by=actor.person_id, declined_at=at)
    record(act=Act.ACCOUNT_CHANGE_DECLINE, actor=actor, at=at, subject=held, details={"kind": held.kind})


def _open(change: AccountChange, at: datetime) -> AccountChange:
    held = AccountChange.objects.open(at).select_for_update().filter(pk=change.pk).first()
    if held is None:
        raise Stale(change=str(change.pk))
    return held
