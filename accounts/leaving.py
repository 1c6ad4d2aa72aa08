"""Somebody leaves the office: roles, sessions and open invitations end in one moment, whoever else is asleep.

What the rooms above hold for the person (claims, keys of the API) is let go by `applications.services.leaving`.
"""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import RoleGrant, StaffInvitation, User
from accounts.services import authorise, end_role
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Violation
from audit.services import record


@transaction.atomic
def lock(*, user: User, reason: str, actor: Actor, at: datetime) -> User:
    """Lock an account of the office: nobody signs in to it any more, and who is signed in is out.

    One administrator is enough, because it takes and gives nothing. Locking twice changes nothing. Raises NotAllowed,
    and RuleViolated without a reason, for one's own account and for the last administrator but one.
    """
    actor = authorise(actor=actor, act=Act.STAFF_LOCK)
    held = User.objects.select_for_update().get(pk=user.pk)
    _refuse(held, reason, actor)
    if not held.is_active:
        return held
    for grant in held.grants.held():
        end_role(grant=grant, actor=actor, at=at)
    User.objects.filter(pk=held.pk).update(is_active=False)
    StaffInvitation.objects.filter(email=held.email, joined=None, expires_at__gt=at).update(expires_at=at)
    ended = end_sessions(held)
    record(act=Act.STAFF_LOCK, actor=actor, at=at, subject=held, details={"reason": reason, "sessions": ended})
    held.refresh_from_db()
    return held


def _refuse(user: User, reason: str, actor: Actor) -> None:
    if not reason.strip():
        raise RuleViolated([Violation("reason", "required", _("Say why."))])
    if actor.person_id == user.pk:
        raise RuleViolated([Violation(None, "own_account", _("Another administrator has to lock your account."))])


def end_sessions(user: User, but: str = "") -> int:
    """End the sessions of a person, all but the one with the key `but`; returns how many."""
    rows = UserSession.objects.filter(user=user).exclude(session_key=but)
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    rows.delete()
    return len(keys)


@transaction.atomic
def readmit(*, user: User, actor: Actor, at: datetime) -> None:
    """Open a locked account again for somebody whom two administrators invited; second factors are set up anew."""
    User.objects.filter(pk=user.pk).update(is_active=True)
    Authenticator.objects.filter(user=user).delete()
    details = {"what": "readmitted", "grants_before": RoleGrant.objects.filter(user=user).count()}
    record(act=Act.ACCOUNT_SECOND_FACTOR_REMOVE, actor=actor, at=at, subject=user, details=details)
