"""Many certificates revoked by one decision of two people: what was meant, what is left out and why, how far it is."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from certificates.models import Certificate


class MassRevocation(models.Model):
    """One proposal to revoke many certificates on one ground; another person approves, the worker does it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)
    story = models.UUIDField(default=uuid4)
    ground = models.CharField(max_length=40)
    statement = models.TextField()
    # What was selected, in words for people: a file's name, a target system, a contract's number.
    selection = models.CharField(max_length=200)
    status = models.CharField(max_length=12, default="proposed")
    status_since = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("made_by")), name="mass_revocation_by_two"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "discarded"]) | Q(approved_by__isnull=False),
                name="mass_revocation_runs_approved",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class MassMember(models.Model):
    """One line of a mass revocation: a certificate to revoke, or what is left out and why."""

    mass = models.ForeignKey(MassRevocation, on_delete=models.PROTECT, related_name="members")
    named = models.CharField(max_length=64)
    certificate = models.ForeignKey(Certificate, null=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12)
    # Why it was left out, or found done when its turn came (`revocation.mass_rules.WHY`).
    why = models.CharField(max_length=12, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["mass", "status", "id"], name="mass_member_by_status")]
        constraints = [
            models.UniqueConstraint(fields=["mass", "certificate"], name="mass_member_once"),
            models.CheckConstraint(
                condition=Q(status="left_out") | Q(certificate__isnull=False), name="mass_member_has_certificate"
            ),
        ]

    def __str__(self) -> str:
        return self.named
