"""Staff are invited: an administrator names address and roles, the person sets name and password.

The link's secret is kept as a hash; in the outbox it lies sealed until the worker writes the mail.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import RoleGrant, StaffInvitation, User
from accounts.notices import notify
from accounts.roles import Role
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Violation
from audit.services import record
from vault.models import Purpose
from vault.services import seal

VALID_FOR = timedelta(days=3)
DOOR = Actor.system("invitation")


@dataclass(frozen=True)
class Newcomer:
    """What somebody who was invited tells about themselves."""

    name: str
    password: str = ""
    name_reading: str = ""
    phone: str = ""
    language: str = "ja"


def digest_of(token: str) -> bytes:
    """Return what is stored of a link's secret."""
    return hashlib.sha256(token.encode()).digest()


@transaction.atomic
def invite(
    *, email: str, name: str, roles: Collection[str], site_url: str, actor: Actor, at: datetime
) -> StaffInvitation:
    """Invite `email` to the office with `roles`; the mail carries a link of three days.

    Raises NotAllowed for others than administrators, RuleViolated for one's own address.
    """
    actor = authorise(actor=actor, act=Act.STAFF_INVITE)
    email = email.lower()
    if actor.person_id and User.objects.filter(pk=actor.person_id, email=email).exists():
        raise RuleViolated([Violation("email", "self_grant", _("Nobody grants a role to themselves."))])
    token = secrets.token_urlsafe(32)
    invitation = StaffInvitation.objects.create(
        email=email,
        name=name,
        roles=sorted(Role(role).value for role in roles),
        token_digest=digest_of(token),
        invited_by_id=actor.person_id,
        invited_at=at,
        expires_at=at + VALID_FOR,
    )
    record(act=Act.STAFF_INVITE, actor=actor, at=at, subject=invitation, details={"roles": invitation.roles})
    notify(
        kind="accounts/staff_invitation",
        email=email,
        context={"name": name, "site_url": site_url},
        secret=seal(purpose=Purpose.DOCUMENTS, plaintext=token.encode()),
        at=at,
        dedupe=f"staff_invitation:{invitation.pk}",
    )
    return invitation


def open_invitation(*, token: str, at: datetime) -> StaffInvitation:
    """Return the invitation behind a link; raises NotFound when it was used, is over, or never was."""
    found = StaffInvitation.objects.filter(token_digest=digest_of(token), joined=None, expires_at__gt=at).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def join(*, invitation: StaffInvitation, newcomer: Newcomer, at: datetime) -> User:
    """Make the account of somebody who was invited, or add the roles to the account of that address.

    Whoever holds the link has shown that they read the address. Raises NotFound when it was used meanwhile.
    """
    held = StaffInvitation.objects.select_for_update().filter(pk=invitation.pk, joined=None).first()
    if held is None:
        raise NotFound
    user = User.objects.filter(email=held.email).first() or _new_account(held.email, newcomer)
    for role in held.roles:
        _grant(user, role, held, at)
    StaffInvitation.objects.filter(pk=held.pk).update(joined=user, joined_at=at)
    record(act=Act.STAFF_JOIN, actor=DOOR, at=at, subject=user, details={"invitation": str(held.pk)})
    return user


def _new_account(email: str, newcomer: Newcomer) -> User:
    user = User.objects.create_user(
        email,
        newcomer.password,
        name=newcomer.name,
        name_reading=newcomer.name_reading,
        phone=newcomer.phone,
        language=newcomer.language,
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _grant(user: User, role: str, invitation: StaffInvitation, at: datetime) -> None:
    _grant_row, created = RoleGrant.objects.get_or_create(
        user=user,
        role=role,
        ended_at=None,
        defaults={"granted_by_id": invitation.invited_by_id, "granted_at": at},
    )
    if created:
        details = {"role": role, "granted_by": str(invitation.invited_by_id)}
        record(act=Act.ROLE_GRANT, actor=DOOR, at=at, subject=user, details=details)
