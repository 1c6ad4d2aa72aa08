"""Staff are invited: one administrator proposes address and roles, another one confirms, the person sets a password.

Changing somebody's roles or target systems is the same: two administrators, and the person's own yes. The link's secret
is made when it is confirmed and kept as a hash; in the outbox it lies sealed until the worker writes the mail.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.leaving import readmit
from accounts.models import RoleGrant, StaffInvitation, User
from accounts.notices import notify
from accounts.roles import Role
from accounts.services import authorise, end_role, refuse_clashes
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Stale, Violation
from audit.services import record
from vault.models import Purpose
from vault.services import seal

VALID_FOR = timedelta(days=3)
DOOR = Actor.system("invitation")
INSTALLATION = Actor.system("installation")
ENOUGH = 2


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


@dataclass(frozen=True)
class Post:
    """What somebody is invited to: roles, for which target systems (none: for all), and why."""

    roles: Collection[str]
    systems: Collection[str] = ()
    reason: str = ""


@transaction.atomic
def invite(*, email: str, name: str, post: Post, actor: Actor, at: datetime) -> StaffInvitation:
    """Propose `email` for a post in the office; nothing is sent until another administrator confirms it.

    Raises NotAllowed for others than administrators, RuleViolated for one's own address and for roles that clash.
    """
    actor = authorise(actor=actor, act=Act.STAFF_INVITE)
    email = email.lower()
    if actor.person_id and User.objects.filter(pk=actor.person_id, email=email).exists():
        raise RuleViolated([Violation("email", "self_grant", _("Nobody grants a role to themselves."))])
    refuse_clashes(_held_by(email) | {Role(role).value for role in post.roles}, "roles")
    invitation = StaffInvitation.objects.create(
        email=email,
        name=name,
        roles=sorted(Role(role).value for role in post.roles),
        systems=sorted(post.systems),
        reason=post.reason,
        invited_by_id=actor.person_id,
        invited_at=at,
        expires_at=at + VALID_FOR,
    )
    details = {"roles": invitation.roles, "systems": invitation.systems, "reason": post.reason}
    record(act=Act.STAFF_INVITE, actor=actor, at=at, subject=invitation, details=details)
    return invitation


@transaction.atomic
def confirm(*, invitation: StaffInvitation, site_url: str, actor: Actor, at: datetime) -> StaffInvitation:
    """Agree as another administrator, and send the link of three days.

    Raises NotAllowed, RuleViolated for who proposed it or is to get it, Stale where it is decided or over.
    """
    actor = authorise(actor=actor, act=Act.STAFF_CONFIRM)
    held = _undecided(invitation, at)
    own = User.objects.filter(email=held.email).values_list("pk", flat=True)
    if actor.person_id == held.invited_by_id or actor.person_id in own:
        raise RuleViolated([Violation(None, "same_person", _("Another administrator has to confirm this."))])
    refuse_clashes(_held_by(held.email) | set(held.roles))
    held.confirmed_by_id, held.confirmed_at = actor.person_id, at
    _send_link(held, site_url, at)
    record(act=Act.STAFF_CONFIRM, actor=actor, at=at, subject=held, details={"roles": held.roles})
    return held


@transaction.atomic
def invite_first(*, email: str, name: str, site_url: str, reason: str, at: datetime) -> StaffInvitation:
    """Invite an administrator in the name of the installation, for a portal that has not yet two of them.

    Raises RuleViolated where two administrators can already do it themselves.
    """
    if len(RoleGrant.objects.people(Role.ADMINISTRATOR)) >= ENOUGH:
        raise RuleViolated([Violation(None, "enough", _("Two administrators are there: they invite others."))])
    post = Post([Role.ADMINISTRATOR], reason=reason)
    invitation = invite(email=email, name=name, post=post, actor=INSTALLATION, at=at)
    _send_link(invitation, site_url, at)
    return invitation


@transaction.atomic
def decline(*, invitation: StaffInvitation, actor: Actor, at: datetime) -> None:
    """Take an invitation back, or decline it; also a link that was sent is dead then. Raises NotAllowed, Stale."""
    actor = authorise(actor=actor, act=Act.STAFF_DECLINE)
    held = StaffInvitation.objects.select_for_update().get(pk=invitation.pk)
    if held.joined_id or held.declined_at:
        raise Stale(invitation=str(held.pk))
    StaffInvitation.objects.filter(pk=held.pk).update(expires_at=at)
    if held.confirmed_at is None:
        StaffInvitation.objects.filter(pk=held.pk).update(declined_by_id=actor.person_id, declined_at=at)
    record(act=Act.STAFF_DECLINE, actor=actor, at=at, subject=held)


def _undecided(invitation: StaffInvitation, at: datetime) -> StaffInvitation:
    held = StaffInvitation.objects.select_for_update().get(pk=invitation.pk)
    if held.confirmed_at or held.declined_at or held.joined_id or held.expires_at <= at:
        raise Stale(invitation=str(held.pk))
    return held


def _held_by(email: str) -> frozenset[str]:
    person = User.objects.filter(email=email).first()
    return person.role_names() if person else frozenset()


def _send_link(invitation: StaffInvitation, site_url: str, at: datetime) -> None:
    """Make the secret of an invitation's link and put the mail with it into the outbox."""
    token = secrets.token_urlsafe(32)
    invitation.token_digest, invitation.expires_at = digest_of(token), at + VALID_FOR
    invitation.save(update_fields=["confirmed_by", "confirmed_at", "token_digest", "expires_at"])
    notify(
        kind="accounts/staff_invitation",
        email=invitation.email,
        context={"name": invitation.name, "site_url": site_url},
        secret=seal(purpose=Purpose.DOCUMENTS, plaintext=token.encode()),
        at=at,
        dedupe=f"staff_invitation:{invitation.pk}",
    )


def open_invitation(*, token: str, at: datetime) -> StaffInvitation:
    """Return the invitation behind a link; raises NotFound when it was used, is over, or never was."""
    open_ones = StaffInvitation.objects.filter(joined=None, declined_at=None, expires_at__gt=at)
    found = open_ones.filter(token_digest=digest_of(token)).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def join(*, invitation: StaffInvitation, newcomer: Newcomer, at: datetime) -> User:
    """Make the account of somebody who was invited, or add the roles to the account of that address.

    Whoever holds the link has shown that they read the address. Raises NotFound when it was used meanwhile, and
    RuleViolated when the person came to hold a role meanwhile that clashes.
    """
    held = StaffInvitation.objects.select_for_update().filter(pk=invitation.pk, joined=None).first()
    if held is None:
        raise NotFound
    user = User.objects.filter(email=held.email).first() or _new_account(held.email, newcomer)
    refuse_clashes(user.role_names() | set(held.roles))
    if not user.is_active:
        readmit(user=user, actor=DOOR, at=at)
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
    """Give one role; held for other target systems before, that grant ends."""
    held = user.grants.held().filter(role=role).first()
    if held and held.systems == invitation.systems:
        return
    if held:
        end_role(grant=held, actor=DOOR, at=at)
    givers = {"granted_by_id": invitation.invited_by_id, "confirmed_by_id": invitation.confirmed_by_id}
    RoleGrant.objects.create(user=user, role=role, systems=invitation.systems, granted_at=at, **givers)
    said = {key: str(value) for key, value in givers.items()}
    details = {"role": role, "systems": invitation.systems, **said}
    record(act=Act.ROLE_GRANT, actor=DOOR, at=at, subject=user, details=details)
