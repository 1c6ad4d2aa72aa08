"""Names that may be a third party's trademark, kept by staff: entries are added and ended, never changed (O-11.1)."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import models
from django.db.models import Q

from accounts.models import User


class WatchedName(models.Model):
    """One name to look out for; `form` is what spellings are compared by (`applications.rules.watching`)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=120)
    form = models.CharField(max_length=240, db_index=True)
    matching = models.CharField(max_length=5)
    reason = models.TextField()
    added_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(null=True)  # NULL until it ends: the guard lets a value be set once

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(matching__in=["whole", "part"]), name="watch_matching_is_known"),
            models.CheckConstraint(condition=Q(form__gt="", reason__gt=""), name="watched_name_has_its_reason"),
            models.UniqueConstraint(
                fields=["form", "matching"], condition=Q(ended_at=None), name="name_is_watched_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end_reason=None) | Q(ended_at__isnull=False, end_reason__gt=""),
                name="end_of_watching_has_its_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def story(self) -> UUID:
        """Return the id under which the entry is told."""
        return self.pk
