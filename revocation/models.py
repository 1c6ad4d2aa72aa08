"""Requests to revoke, entries and lists as they were published, and the responder's keys.

The revocation itself is a committed row (`certificates.Certificate.revoked_at` with its entry here);
publishing follows and never undoes it.
"""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from accounts.models import User
from certificates.models import Certificate, CertificationAuthority
from regulations.models import DocumentVersion
from revocation.mass_models import MassMember, MassRevocation

__all__ = [
    "Crl",
    "CrlChunk",
    "CrlEntry",
    "KeyChallenge",
    "MassMember",
    "MassRevocation",
    "ResponderCertificate",
    "ResponderKey",
    "ResponderProbe",
    "RevocationRequest",
]


class RevocationRequest(models.Model):
    """Somebody's request to revoke (O-15.*), from a provisional receipt to the notice of completion."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)
    story = models.UUIDField(null=True)
    certificate = models.ForeignKey(
        Certificate, null=True, on_delete=models.PROTECT, related_name="revocation_requests"
    )
    named = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=12)
    requester = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="revocation_requests")
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    requester_name = models.CharField(max_length=120, blank=True)
    requester_contact = models.CharField(max_length=200, blank=True)
    relation = models.CharField(max_length=20)
    # What a stranger reported (`grounds.REPORTS`); the ground is then chosen by staff, never by the stranger.
    report = models.CharField(max_length=20, blank=True)
    ground = models.CharField(max_length=40, blank=True)
    # The manual that governed the procedure when the request came in (O-12.1).
    manual = models.ForeignKey(DocumentVersion, null=True, on_delete=models.PROTECT, related_name="+")
    # Set on a later report about a certificate for which a request is open already.
    joined_to = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="joined")
    statement = models.TextField(blank=True)
    invalidity_date = models.DateTimeField(null=True)
    urgent = models.BooleanField(default=False)
    verification = models.JSONField(default=dict)
    status = models.CharField(max_length=20, default="received")
    status_since = models.DateTimeField()
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)
    # Set where one person, or a proof of the key, was enough: another approver has to look by then.
    countersign_due_at = models.DateTimeField(null=True)
    countersigned_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    countersigned_at = models.DateTimeField(null=True)
    countersign_note = models.TextField(blank=True)
    # The second approver found that it should not have been revoked; that can't be undone and is alarmed.
    objected = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["status", "due_at"], name="revocation_by_due"),
            models.Index(fields=["certificate"], name="revocation_by_certificate"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(status__in=["received", "verifying", "awaiting_approval", "processing"])
                & Q(certificate__isnull=False),
                name="one_open_revocation_per_certificate",
            ),
            # Four eyes: who asked, or wrote the request down, does not decide, or another one countersigns.
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | Q(requester=None)
                | ~Q(decided_by=models.F("requester"))
                | Q(countersign_due_at__isnull=False),
                name="revocation_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | Q(recorded_by=None)
                | ~Q(decided_by=models.F("recorded_by"))
                | Q(countersign_due_at__isnull=False),
                name="revocation_decided_by_non_recorder",
            ),
            models.CheckConstraint(
                condition=Q(countersign_due_at=None) | Q(ground__in=["lra:key_compromise", "holder:key_compromise"]),
                name="revocation_at_once_is_compromise",
            ),
            models.CheckConstraint(
                condition=Q(countersigned_by=None, countersigned_at=None, objected=False)
                | Q(countersigned_by__isnull=False, countersigned_at__isnull=False, countersign_due_at__isnull=False),
                name="revocation_countersigned_whole",
            ),
            models.CheckConstraint(
                condition=Q(countersigned_by=None) | Q(decided_by=None) | ~Q(countersigned_by=models.F("decided_by")),
                name="revocation_countersigned_by_another",
            ),
            models.CheckConstraint(
                condition=Q(countersigned_by=None)
                | (
                    (Q(requester=None) | ~Q(countersigned_by=models.F("requester")))
                    & (Q(recorded_by=None) | ~Q(countersigned_by=models.F("recorded_by")))
                ),
                name="revocation_countersigned_by_outsider",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class KeyChallenge(models.Model):
    """A text that whoever reported a certificate puts into a PKCS#10 request, to prove that they hold its key (O-15.3).

    It belongs to one report, ends soon and is used once; the request that answered it stays beside it as evidence.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    request = models.ForeignKey(RevocationRequest, on_delete=models.PROTECT, related_name="challenges")
    text = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    answer = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at=None, answer=None)
                | Q(used_at__isnull=False, answer__isnull=False, used_at__lt=models.F("expires_at")),
                name="key_challenge_used_in_time",
            )
        ]

    def __str__(self) -> str:
        return self.text


class CrlEntry(models.Model):
    """One revoked serial with its entry's DER, made in the transaction that revokes.

    `xid` is the writing transaction: what a list had to contain is decided by snapshot, not by time.
    An entry without a certificate is the burnt serial of an abandoned intent.
    """

    authority = models.ForeignKey(CertificationAuthority, on_delete=models.PROTECT, related_name="crl_entries")
    shard = models.PositiveSmallIntegerField(default=0)
    serial = models.CharField(max_length=40)
    certificate = models.OneToOneField(Certificate, null=True, on_delete=models.PROTECT, related_name="crl_entry")
    entry_der = models.BinaryField()
    revoked_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    xid = models.BigIntegerField()
    dropped_after = models.DecimalField(max_digits=20, decimal_places=0, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["authority", "shard", "id"], name="crl_entry_live", condition=Q(dropped_after=None))
        ]
        constraints = [models.UniqueConstraint(fields=["authority", "serial"], name="crl_entry_once")]

    def __str__(self) -> str:
        return self.serial


class Crl(models.Model):
    """A published list. The newest checked one of an authority and shard is current."""

    authority = models.ForeignKey(CertificationAuthority, on_delete=models.PROTECT, related_name="crls")
    shard = models.PositiveSmallIntegerField(default=0)
    number = models.DecimalField(max_digits=20, decimal_places=0)
    this_update = models.DateTimeField()
    next_update = models.DateTimeField()
    snapshot = models.TextField()
    entry_count = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    # When it is served at the earliest; 1970 once the publisher has seen that it is.
    current_from = models.DateTimeField(null=True)
    built_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["authority", "shard", "-number"], name="crl_newest")]
        constraints = [models.UniqueConstraint(fields=["authority", "shard", "number"], name="crl_number_once")]

    def __str__(self) -> str:
        return f"CRL {self.number}"


class CrlChunk(models.Model):
    """One megabyte of a list's bytes; never stored or served as one value."""

    crl = models.ForeignKey(Crl, on_delete=models.CASCADE, related_name="chunks")
    position = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["crl", "position"], name="crl_chunk_once")]

    def __str__(self) -> str:
        return f"{self.crl_id}/{self.position}"


class ResponderKey(models.Model):
    """A responder process's public key as a CSR, and the short certificate that answers it (RFC 6960).

    The only table on which the responder's role may INSERT; the private key never leaves its process.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    process = models.CharField(max_length=80)
    csr_der = models.BinaryField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"responder key {self.pk}"


class ResponderCertificate(models.Model):
    """The certificate with which one responder key answers for one authority."""

    key = models.ForeignKey(ResponderKey, on_delete=models.PROTECT, related_name="certificates")
    authority = models.ForeignKey(
        CertificationAuthority, on_delete=models.PROTECT, related_name="responder_certificates"
    )
    serial = models.CharField(max_length=40)
    der = models.BinaryField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "serial"], name="responder_serial_once")]

    def __str__(self) -> str:
        return f"responder certificate {self.serial}"


class ResponderProbe(models.Model):
    """How the responder answered for one authority when it was asked last; `finding` is empty when all was well."""

    authority = models.OneToOneField(
        CertificationAuthority, primary_key=True, on_delete=models.PROTECT, related_name="responder_probe"
    )
    asked_at = models.DateTimeField()
    finding = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.authority_id}: {self.finding or 'well'}"
