"""Reads for the pages of the office: who works here, in which role, with which second factor."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Prefetch

from accounts.models import RoleGrant, StaffInvitation, User
from accounts.roles import STAFF


@dataclass(frozen=True)
class StaffRow:
    """One person of the office, as the staff page shows them."""

    person: User
    grants: list[RoleGrant]
    status: str


def staff() -> list[StaffRow]:
    """Return everybody who holds a granted role, by name."""
    held = RoleGrant.objects.held().select_related("granted_by").order_by("role")
    people = (
        User.objects.filter(grants__in=held)
        .distinct()
        .order_by("name", "email")
        .prefetch_related(Prefetch("grants", queryset=held, to_attr="held_grants"))
    )
    protected = set(
        Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES).values_list("user_id", flat=True)
    )
    return [StaffRow(person, person.held_grants, _status(person.held_grants, protected)) for person in people]


def _status(grants: list[RoleGrant], protected: set[UUID]) -> str:
    """Tell whether somebody can work: a role of the office wants a second factor, others do not."""
    in_office = any(grant.role in STAFF for grant in grants)
    return "no_second_factor" if in_office and grants[0].user_id not in protected else "active"


def open_invitations(at: datetime) -> list[StaffInvitation]:
    """Return the invitations that wait for a second administrator or for their person, newest first."""
    rows = StaffInvitation.objects.filter(joined=None, declined_at=None, expires_at__gt=at)
    return list(rows.select_related("invited_by", "confirmed_by").order_by("-invited_at"))


def grants_of(email: str) -> list[RoleGrant]:
    """Return what the person of an address holds now."""
    return list(RoleGrant.objects.held().filter(user__email=email).order_by("role"))
