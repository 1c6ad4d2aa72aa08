"""Tables of PIN letters: each is printed at most once, after a person has released it (J-5.2)."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q

from accounts.models import User


class LetterBatch(models.Model):
    """Letters that one person released together: who and when; append-only."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-released_at"], name="letter_batch_by_time")]

    def __str__(self) -> str:
        return f"letters of {self.released_at}"


class PinLetter(models.Model):
    """One letter with the PIN of one certificate; it holds neither PIN nor address, which the worker looks up.

    `number` counts the letters of a certificate and is printed: the same PIN sent again is another letter.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    certificate = models.ForeignKey("certificates.Certificate", on_delete=models.PROTECT, related_name="pin_letters")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=12, default="waiting")
    status_since = models.DateTimeField()
    created_at = models.DateTimeField()
    batch = models.ForeignKey(LetterBatch, null=True, on_delete=models.PROTECT, related_name="letters")
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["status", "created_at"], name="pin_letter_by_status"),
            models.Index(fields=["batch"], name="pin_letter_by_batch"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["certificate", "number"], name="pin_letter_number_once"),
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(status__in=["waiting", "released", "printing"]),
                name="one_pin_letter_under_way",
            ),
            # Nothing is printed without somebody who released it.
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "cancelled"]) | Q(batch__isnull=False),
                name="printed_letter_was_released",
            ),
        ]

    def __str__(self) -> str:
        return f"PIN letter {self.number} of {self.certificate_id}"
