"""Who may do what, and how roles come and go."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import RoleGrant, User
from accounts.roles import Role, clashes, roles_for
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotAllowed, RuleViolated, Violation
from audit.services import record


def authorise(*, actor: Actor, act: Act) -> Actor:
    """Return the actor acting in a role that permits `act`; raises NotAllowed when none does.

    Where several roles permit it, the narrower (staff) role is the one on record.
    """
    permitted = {role.value for role in roles_for(act)}
    kind, _colon, part = actor.acting_as.partition(":")
    if part and kind in permitted:  # a part of the system or a parent service, known by its name
        return actor
    fitting = sorted(actor.roles & permitted, key=lambda name: (name == Role.APPLICANT, name))
    if not fitting:
        raise NotAllowed(act=act.value)
    return actor.acting(fitting[0])


@transaction.atomic
def grant_role(*, user: User, role: Role, actor: Actor, at: datetime) -> RoleGrant:
    """Give `user` a role in the name of the installation; people do it by two (`accounts.invitations`).

    Granting twice changes nothing. Raises NotAllowed for a person, RuleViolated for a role that clashes with one held.
    """
    actor = authorise(actor=actor, act=Act.ROLE_GRANT)
    refuse_clashes(user.role_names() | {role.value})
    grant, created = RoleGrant.objects.get_or_create(user=user, role=role, ended_at=None, defaults={"granted_at": at})
    if created:
        record(act=Act.ROLE_GRANT, actor=actor, at=at, subject=user, details={"role": role.value})
    return grant


def refuse_clashes(roles: Collection[str], field: str | None = None) -> None:
    """Raise RuleViolated, at `field`, where nobody may hold all of `roles` together."""
    said = _("Nobody is %(one)s and %(two)s at once.")
    pairs = [{"one": one.label, "two": two.label} for one, two in clashes(roles)]
    if pairs:
        raise RuleViolated([Violation(field, "roles_clash", said % pair) for pair in pairs])


@transaction.atomic
def end_role(*, grant: RoleGrant, actor: Actor, at: datetime) -> None:
    """End a grant; ending twice changes nothing."""
    actor = authorise(actor=actor, act=Act.ROLE_END)
    if RoleGrant.objects.filter(pk=grant.pk, ended_at=None).update(ended_at=at):
        record(act=Act.ROLE_END, actor=actor, at=at, subject=grant.user, details={"role": grant.role})


PROFILE_COLUMNS = ("name", "name_reading", "name_latin", "phone", "language")


@transaction.atomic
def change_profile(*, user: User, columns: Mapping[str, str], actor: Actor, at: datetime) -> None:
    """Store what a person says about themselves. Raises NotAllowed for anybody else's account."""
    actor = authorise(actor=actor, act=Act.ACCOUNT_MANAGE_OWN)
    if actor.person_id != user.pk:
        raise NotAllowed(act=Act.ACCOUNT_MANAGE_OWN.value)
    changed = [name for name in PROFILE_COLUMNS if columns.get(name, "") != getattr(user, name)]
    if changed:
        User.objects.filter(pk=user.pk).update(**{name: columns.get(name, "") for name in changed})
        record(act=Act.ACCOUNT_MANAGE_OWN, actor=actor, at=at, subject=user, details={"changed": changed})
