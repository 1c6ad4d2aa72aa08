"""Campaigns that offer holders a reissue with a new key: to whom, how fast, and what became of each (O-19.2.6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import models
from django.db.models import F, Q

from accounts.models import Notice, User
from certificates.models import Certificate, CertificationAuthority
from regulations.models import TargetSystem
from regulations.periods import midnight

# A member whose certificate no other campaign may take up.
OPEN_MEMBER = ("waiting", "offered", "opened")


class Campaign(models.Model):
    """One campaign: prepared by one person, started by another, stopped and resumed by either."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    target_system = models.ForeignKey(TargetSystem, on_delete=models.PROTECT, related_name="+")
    authority = models.ForeignKey(CertificationAuthority, null=True, on_delete=models.PROTECT, related_name="+")
    key_type = models.CharField(max_length=12, blank=True)
    message = models.JSONField(default=dict)
    answer_by = models.DateField()
    per_minute = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, default="prepared")
    status_since = models.DateTimeField()
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    started_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(started_by=None) | ~Q(started_by=F("prepared_by")), name="campaign_takes_two_people"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["prepared", "discarded"], started_by=None, started_at=None)
                | Q(status__in=["running", "stopped", "finished"], started_by__isnull=False, started_at__isnull=False),
                name="campaign_was_started_by_somebody",
            ),
            models.CheckConstraint(condition=Q(per_minute__gte=1), name="campaign_goes_on"),
        ]

    def __str__(self) -> str:
        return f"campaign {self.pk}"

    @property
    def story(self) -> UUID:
        """Return the id under which the campaign is told."""
        return self.pk

    @property
    def ends_at(self) -> datetime:
        """Return the instant at which offers lapse: the end of the last day."""
        return midnight(self.answer_by) + timedelta(days=1)

    @property
    def last_minute(self) -> datetime:
        """Return the last minute in which an offer stands, for pages: it lies on the day that is named."""
        return self.ends_at - timedelta(minutes=1)


class CampaignMember(models.Model):
    """One certificate of a campaign, and what became of the offer to its holder."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="members")
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, default="waiting")
    status_since = models.DateTimeField()
    reason = models.CharField(max_length=40, blank=True)
    offered_at = models.DateTimeField(null=True)
    notice = models.OneToOneField(Notice, null=True, on_delete=models.PROTECT, related_name="+")
    application = models.ForeignKey(
        "applications.Application", null=True, on_delete=models.PROTECT, related_name="campaign_members"
    )

    class Meta:
        indexes = [
            models.Index(fields=["campaign", "status", "id"], name="member_by_status"),
            models.Index(fields=["campaign", "offered_at"], name="member_by_offer"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "certificate"], name="member_once"),
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(status__in=["waiting", "offered", "opened"]),
                name="one_open_offer_per_certificate",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "skipped", "expired"])
                | Q(offered_at__isnull=False, notice__isnull=False),
                name="offer_was_written",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.certificate_id}"

    @property
    def story(self) -> UUID:
        """Return the id under which the campaign is told."""
        return self.campaign_id
