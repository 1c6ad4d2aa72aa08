"""Seals over the evidence: which key signs them, the heads, the place of each event (docs/evidence.md)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import F, Q


class SealKey(models.Model):
    """A key that signs heads; the newest one does. Its private half lies with the publisher alone."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    fingerprint = models.CharField(max_length=64, unique=True)
    public_der = models.BinaryField()
    reference = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.fingerprint


class Seal(models.Model):
    """One signed head: the root over its events, and the head before it."""

    number = models.BigIntegerField(primary_key=True)
    follows = models.BigIntegerField()
    previous = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    total = models.BigIntegerField()
    complete = models.BooleanField()
    root = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    key = models.ForeignKey(SealKey, on_delete=models.PROTECT, related_name="seals")
    signature = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(number__gt=F("follows")) & Q(follows__gte=0), name="seals_go_on"),
            models.UniqueConstraint(fields=["follows"], name="one_seal_follows_another"),
            models.CheckConstraint(condition=Q(size__gt=0), name="seal_covers_something"),
        ]

    def __str__(self) -> str:
        return f"seal {self.number}"

    def head(self) -> dict[str, Any]:
        """Return the head as it is signed and exported."""
        return {
            "number": self.number,
            "follows": self.follows,
            "previous": self.previous,
            "size": self.size,
            "total": self.total,
            "complete": int(self.complete),
            "root": self.root,
            "sealed_at": f"{self.sealed_at:%Y-%m-%dT%H:%M:%S.%f}Z",
            "key": self.key.fingerprint,
        }


class SealLeaf(models.Model):
    """The place of one event in a seal's tree; without foreign keys, so that it tells of an event that is gone."""

    event_id = models.BigIntegerField(primary_key=True)
    seal_number = models.BigIntegerField()
    position = models.PositiveIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seal_number", "position"], name="one_leaf_at_each_place"),
        ]

    def __str__(self) -> str:
        return f"event {self.event_id} in seal {self.seal_number}"
