"""Reads for the pages of the office: who works here, in which role, with which second factor."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Prefetch

from accounts.models import RoleGrant, StaffInvitation, User


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
    return [
        StaffRow(person, person.held_grants, "active" if person.pk in protected else "no_second_factor")
        for person in people
    ]


def open_invitations(at: datetime) -> list[StaffInvitation]:
    """Return the invitations that may still be used, newest first."""
    rows = StaffInvitation.objects.filter(joined=None, expires_at__gt=at).select_related("invited_by")
    return list(rows.order_by("-invited_at"))
