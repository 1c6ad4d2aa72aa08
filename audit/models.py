"""Evidence: rows that nobody can change, with details that can be erased without touching them.

An event keeps ids and a salted digest of its details; the details lie in a side row. People are named
by id without a foreign key, so that evidence never depends on an account that is gone.
"""

from uuid import UUID

from django.db import models
from django.db.models import Q

from audit.seal_models import Seal, SealKey, SealLeaf

__all__ = ["Event", "EventDetails", "LegalHold", "RetentionPeriod", "Seal", "SealKey", "SealLeaf"]


class EventQuerySet(models.QuerySet["Event"]):
    """Read vocabulary of evidence."""

    def of_story(self, story: UUID) -> "EventQuerySet":
        """Return the events of one story, in the order in which they were written."""
        return self.filter(story=story).order_by("pk")

    def refused(self) -> "EventQuerySet":
        """Return what was refused."""
        return self.filter(outcome="refused")


class Event(models.Model):
    """One act or refusal: what, who, in which role, from where, on what, when."""

    uid = models.UUIDField(unique=True)
    act = models.CharField(max_length=60)
    outcome = models.CharField(max_length=10, choices=[("done", "done"), ("refused", "refused")])
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    person_id = models.UUIDField(null=True)
    role = models.CharField(max_length=40)
    origin = models.CharField(max_length=64, blank=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    story = models.UUIDField(null=True)
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    details_digest = models.BinaryField(max_length=32)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["story", "id"], name="event_by_story", condition=Q(story__isnull=False)),
            models.Index(fields=["person_id", "id"], name="event_by_person"),
            models.Index(fields=["subject_type", "subject_id", "id"], name="event_by_subject"),
            models.Index(fields=["at"], name="event_by_time"),
        ]
        constraints = [
            # G7: every change of state has an actor.
            models.CheckConstraint(condition=~Q(role=""), name="event_has_a_role"),
            models.CheckConstraint(condition=Q(outcome__in=["done", "refused"]), name="event_outcome_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.at:%Y-%m-%dT%H:%M:%SZ}"


class EventDetails(models.Model):
    """The words of an event, with the salt that ties them to it; erasable, once retention has passed."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True, related_name="details")
    salt = models.BinaryField(max_length=32)
    body = models.JSONField()

    def __str__(self) -> str:
        return f"details of event {self.event_id}"


class RetentionPeriod(models.Model):
    """How many days the details of an act are kept; acts without a row are kept for ever (O-10, J-6.2)."""

    act = models.CharField(max_length=60, unique=True)
    days = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.act}: {self.days} days"


class LegalHold(models.Model):
    """A story whose details must not be erased while the hold stands."""

    story = models.UUIDField()
    reason = models.TextField()
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"hold on {self.story}"
