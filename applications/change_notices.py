"""Notices that something submitted has changed or was wrong (O-13, J-5.4, O-16.2.5)."""

import json
from hashlib import sha256
from uuid import UUID, uuid4

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from certificates.models import Certificate


class ChangeNotice(models.Model):
    """What the holder of a certificate says has changed or was wrong: old beside new, never altered afterwards.

    `changes` is a list of key, label, old, new and whether the certificate prints it. A correction takes effect by
    being settled here; what was submitted and approved stays as it was. What was said is erased when the contents of
    the application behind the certificate were, their retention having passed; that there was a notice stays.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    receipt_number = models.CharField(max_length=20, unique=True)
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="change_notices")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="change_notices")
    changes = models.JSONField()
    kind = models.CharField(max_length=10)
    since = models.DateField(null=True)
    text = models.TextField(blank=True)
    urgent = models.BooleanField(default=False)
    four_eyes = models.BooleanField(default=True)
    status = models.CharField(max_length=20, default="received")
    status_since = models.DateTimeField()
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    examiner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, blank=True)
    findings = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    return_note = models.TextField(blank=True)
    revocation_number = models.CharField(max_length=20, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    contents_erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["status", "due_at"], name="change_by_status")]
        constraints = [
            models.CheckConstraint(
                condition=Q(contents_erased_at=None)
                | Q(status__in=["settled", "withdrawn"], changes=[], text="", findings="", answer="", return_note=""),
                name="erased_change_stays_erased",
            ),
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(status__in=["received", "examining", "awaiting_approval"]),
                name="one_open_change_notice",
            ),
            models.CheckConstraint(
                condition=Q(examiner=None) | ~Q(examiner=F("person")), name="change_examiner_is_another"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("person")), name="change_approver_is_another"
            ),
            models.CheckConstraint(
                condition=Q(four_eyes=False) | Q(decided_by=None) | ~Q(decided_by=F("examiner")),
                name="change_approver_did_not_examine",
            ),
            models.CheckConstraint(
                condition=~Q(status="settled") | Q(outcome__in=["reissue", "revocation", "correction", "none"]),
                name="settled_change_has_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return self.receipt_number

    @property
    def story(self) -> UUID:
        """Return the id under which it is told: the certificate's."""
        return self.certificate.story

    @property
    def seen(self) -> str:
        """Return the digest of what an approver decides about: what is proposed, in which words, since when."""
        said = [self.outcome, self.findings, self.answer, self.revocation_number, self.status_since.isoformat()]
        return sha256(json.dumps([str(self.pk), self.status, *said]).encode()).hexdigest()


class ChangeAlarm(models.Model):
    """That the promised time of a notice is half gone, near or over was said, once each; rows are only added."""

    notice = models.ForeignKey(ChangeNotice, on_delete=models.PROTECT, related_name="alarms")
    stage = models.CharField(max_length=4)
    raised_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "stage"], name="change_alarm_raised_once"),
            models.CheckConstraint(condition=Q(stage__in=["half", "near", "over"]), name="change_alarm_stage_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.stage} at {self.raised_at}"
