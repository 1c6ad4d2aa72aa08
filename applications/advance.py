"""Advance notices of a coming version: to whom, how far, and with which result per recipient (O-3.3)."""

from uuid import UUID, uuid4

from django.db import models
from django.db.models import Q

from accounts.models import Notice, User
from regulations.models import Contract, DocumentVersion, TargetSystem


class AdvanceNotice(models.Model):
    """One mailing about a reviewed version that is to be posted; it can be stopped and goes on where it stopped."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="advance_notices")
    target_system = models.ForeignKey(TargetSystem, null=True, on_delete=models.PROTECT, related_name="+")
    contract = models.ForeignKey(Contract, null=True, on_delete=models.PROTECT, related_name="+")
    message = models.JSONField(default=dict)
    planned_for = models.DateField()
    status = models.CharField(max_length=10, default="sending")
    status_since = models.DateTimeField()
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(target_system=None) | Q(contract=None), name="advance_touches_one_circle"
            )
        ]

    def __str__(self) -> str:
        return f"advance notice {self.pk}"

    @property
    def story(self) -> UUID:
        """Return the id under which the mailing is told."""
        return self.pk


class AdvanceRecipient(models.Model):
    """One person of a mailing; `notice` is the mail once it lies in the outbox, with its own result."""

    advance = models.ForeignKey(AdvanceNotice, on_delete=models.PROTECT, related_name="recipients")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    notice = models.OneToOneField(Notice, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["advance", "person"], name="advance_reaches_each_once")]
        indexes = [models.Index(fields=["advance", "id"], name="advance_waiting", condition=Q(notice=None))]

    def __str__(self) -> str:
        return f"{self.advance_id} to {self.person_id}"
