"""Mails that came to the call center's mailbox, and how the mailbox is doing (O-8.3)."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from vault.models import SealedBlob


class TakenMail(models.Model):
    """One mail as the server held it: the row that makes taking it in happen once; append-only.

    `became` says what it was: a new ticket, a reply in one, a bounce of our own notice, or something that is kept and
    answered by nobody (an automatic answer, a loop). `digest` is that of what follows the header: the same mail that
    comes again by another way, or after the server numbered its mailbox anew, is known by it. The bytes rest sealed,
    because they say what people wrote (O-9).
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    mailbox = models.CharField(max_length=200)
    uid_validity = models.BigIntegerField()
    uid = models.BigIntegerField()
    message_id = models.CharField(max_length=250, blank=True)
    digest = models.CharField(max_length=64)
    sender = models.CharField(max_length=254, blank=True)
    became = models.CharField(max_length=10)
    notice = models.UUIDField(null=True)
    size = models.PositiveIntegerField()
    raw = models.ForeignKey(SealedBlob, null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["sender", "-taken_at"], name="mail_by_sender"),
            models.Index(fields=["-taken_at"], name="mail_by_time"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "uid_validity", "uid"], name="mail_taken_once"),
            models.UniqueConstraint(
                fields=["message_id", "digest"], condition=~Q(message_id=""), name="mail_message_id_once"
            ),
            models.CheckConstraint(
                condition=Q(became__in=["ticket", "reply", "bounce", "automatic", "loop", "flood"]),
                name="mail_became_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.became} {self.pk}"


class MailboxState(models.Model):
    """How far a mailbox was read, and since when it can't be; one row a mailbox."""

    mailbox = models.CharField(max_length=200, primary_key=True)
    uid_validity = models.BigIntegerField(default=0)
    polled_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.mailbox
