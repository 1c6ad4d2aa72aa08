"""Whom a campaign touches, how far it is, and which offers wait for a person (O-19.2.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, QuerySet

from accounts.models import User
from applications.campaigns import OPEN_MEMBER, Campaign, CampaignMember
from certificates.key_kinds import has_key
from certificates.models import Certificate, CertificationAuthority
from regulations.models import TargetSystem
from regulations.ruleset import RuleSet

MOST_OFFERS = 50


@dataclass(frozen=True)
class Population:
    """What a campaign is about: certificates of a target system, of one issuer or any, for one kind of key or any."""

    target_system: TargetSystem
    authority: CertificationAuthority | None = None
    key_type: str = ""

    def certificates(self, at: datetime) -> QuerySet[Certificate]:
        """Return the certificates to be offered something: valid, with no later one, in no other campaign."""
        newer = Certificate.objects.filter(subscription=OuterRef("subscription"), issued_at__gt=OuterRef("issued_at"))
        taken = CampaignMember.objects.filter(certificate=OuterRef("pk"), status__in=OPEN_MEMBER)
        rows = Certificate.objects.valid(at).filter(
            ~Exists(newer.filter(revoked_at=None)),
            ~Exists(taken),
            subscription__target_system=self.target_system,
            slot="current",
            revocation_requested_at=None,
        )
        if self.authority is not None:
            rows = rows.filter(authority=self.authority)
        return rows.filter(has_key(self.key_type)) if self.key_type else rows


def population_of(campaign: Campaign) -> Population:
    """Return whom a stored campaign is about."""
    return Population(campaign.target_system, campaign.authority, campaign.key_type)


def rules_for(target_system: TargetSystem) -> RuleSet | None:
    """Return the rules in force, by which reissued certificates will be made."""
    version = target_system.versions.filter(status="in_force").first()
    return version.ruleset if version is not None else None


@dataclass(frozen=True)
class Progress:
    """How many members of a campaign stand how."""

    counts: dict[str, int]

    @property
    def total(self) -> int:
        """Return how many certificates it is about."""
        return sum(self.counts.values())

    @property
    def settled(self) -> int:
        """Return of how many nothing more is expected."""
        return self.total - sum(self.counts.get(status, 0) for status in OPEN_MEMBER)

    @property
    def rows(self) -> list[tuple[str, int]]:
        """Return each status with its count, in the order of a member's life."""
        return [(status, self.counts.get(status, 0)) for status in STATUSES]


STATUSES = ("waiting", "offered", "opened", "issued", "declined", "expired", "skipped")


def progress_of(campaign: Campaign) -> Progress:
    """Return how far a campaign is, by its members."""
    counted = campaign.members.values_list("status").order_by("status").annotate(n=Count("pk"))
    return Progress(dict(counted))


def members_of(campaign: Campaign, status: str = "") -> QuerySet[CampaignMember]:
    """Return the members of a campaign, or those of one status."""
    rows = campaign.members.select_related("certificate", "notice")
    return rows.filter(status=status) if status in STATUSES else rows


def campaigns() -> QuerySet[Campaign]:
    """Return all campaigns, the newest first."""
    return Campaign.objects.select_related("target_system", "authority", "prepared_by", "started_by").order_by(
        "-prepared_at", "-pk"
    )


def offers_to(person: User, at: datetime) -> list[CampaignMember]:
    """Return the offers that wait for a person's answer, the next limit first."""
    rows = CampaignMember.objects.filter(certificate__holder=person, status="offered")
    related = rows.select_related("campaign", "certificate__subscription__target_system")
    open_ones = related.order_by("campaign__answer_by", "pk")[:MOST_OFFERS]
    return [row for row in open_ones if at < row.campaign.ends_at]
