"""The report on roles: who holds what, since when, by whom, and what of it somebody should look at (J-3.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Max
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import RoleGrant
from accounts.roles import STAFF, clashes
from audit.acts import Act
from audit.models import Event

UNUSED_AFTER = timedelta(days=90)
FINDINGS: dict[str, str | Promise] = {
    "clash": gettext_lazy("holds roles that clash"),
    "no_second_factor": gettext_lazy("no second factor"),
    "unused": gettext_lazy("not signed in for 90 days"),
    "locked": gettext_lazy("account is locked, role is not ended"),
    "installation": gettext_lazy("given by the installation, not by two administrators"),
}


@dataclass(frozen=True)
class ReviewRow:
    """One role of one person, with what there is to look at."""

    grant: RoleGrant
    signed_in_at: datetime | None
    findings: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """Return the findings in words."""
        return [str(FINDINGS[code]) for code in self.findings]


def reviewed(at: datetime) -> list[ReviewRow]:
    """Return every role that is held at `at`, by person."""
    order = ("user__name", "user__email", "role")
    grants = list(RoleGrant.objects.held().select_related("user", "granted_by", "confirmed_by").order_by(*order))
    people = {grant.user_id for grant in grants}
    held: dict[UUID, set[str]] = {}
    for grant in grants:
        held.setdefault(grant.user_id, set()).add(grant.role)
    protected = set(
        Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES).values_list("user_id", flat=True)
    )
    signed_in = dict(
        Event.objects.filter(act=Act.ACCOUNT_SIGN_IN, person_id__in=people)
        .values_list("person_id")
        .annotate(last=Max("at"))
    )
    return [
        ReviewRow(grant, signed_in.get(grant.user_id), tuple(_findings(grant, held, protected, signed_in, at)))
        for grant in grants
    ]


def _findings(
    grant: RoleGrant, held: dict[UUID, set[str]], protected: set[UUID], signed_in: dict[UUID, datetime], at: datetime
) -> Iterator[str]:
    if any(grant.role in pair for pair in clashes(held[grant.user_id])):
        yield "clash"
    if not grant.user.is_active:
        yield "locked"
    if grant.role in STAFF and grant.user_id not in protected:
        yield "no_second_factor"
    if signed_in.get(grant.user_id, grant.granted_at) < at - UNUSED_AFTER:
        yield "unused"
    if grant.confirmed_by_id is None:
        yield "installation"


def review_lines(rows: list[ReviewRow]) -> Iterator[list[object]]:
    """Return the cells of the report, headings first."""
    yield [
        _("Name"), _("Mail address"), _("Role"), _("Target systems"), _("Held since"), _("Proposed by"),
        _("Confirmed by"), _("Last signed in"), _("To look at"),
    ]  # fmt: skip
    for row in rows:
        grant = row.grant
        day = timezone.localtime(row.signed_in_at).date() if row.signed_in_at else ""
        yield [
            grant.user.name, grant.user.email, grant.get_role_display(), ", ".join(grant.systems) or _("all"),
            timezone.localtime(grant.granted_at).date(), grant.granted_by or "", grant.confirmed_by or "", day,
            "; ".join(row.words),
        ]  # fmt: skip
