"""What signers and checks say of themselves, for the staff's page and the alarms."""

from django.db import models
from django.db.models import Q


class CertificateCheck(models.Model):
    """One look at everything that is stored, a portion at a time: how far it got and what it found."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    position = models.UUIDField(null=True)
    checked = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(finished_at=None), name="one_certificate_check_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"check of {self.started_at:%F}"


class SignerHeartbeat(models.Model):
    """When a signer process was last well, and what it refuses, if anything."""

    name = models.CharField(max_length=80, primary_key=True)
    seen_at = models.DateTimeField()
    refuses = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name
