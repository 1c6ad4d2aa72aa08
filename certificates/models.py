"""Orders, approvals, intents and certificates.

An order is what the registration authority decided; the signer does what a decided order says and
looks nothing up elsewhere. Whatever was signed has a stored intent first (G3).
"""

from datetime import datetime
from uuid import uuid4

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from accounts.models import User
from certificates.authority_models import AuthorityCertificate, CertificationAuthority, DistributionPoint, RootCrl
from certificates.pin_letters import LetterBatch, PinLetter
from certificates.rules import KEY_IN_BROWSER
from certificates.signer_models import CertificateCheck, SignerHeartbeat
from regulations.models import Subscription
from vault.models import SealedBlob

# What has a file of its own is found here as well.
__all__ = [
    "AuthorityCertificate",
    "CertificateCheck",
    "CertificationAuthority",
    "DistributionPoint",
    "LetterBatch",
    "PinLetter",
    "RootCrl",
    "SignerHeartbeat",
]


class Order(models.Model):
    """What is to be printed and signed, made when the application is submitted.

    `frozen` is the part that approvals are given to; `digest` is taken of its canonical form. An edit
    raises `round`, which voids all approvals of earlier rounds.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    story = models.UUIDField(unique=True)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="orders")
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="orders")
    frozen = models.JSONField()
    digest = models.CharField(max_length=64)
    round = models.PositiveIntegerField(default=1)
    four_eyes = models.BooleanField(default=True)
    replaces = models.ForeignKey("Certificate", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    status = models.CharField(max_length=12, default="proposed")
    status_since = models.DateTimeField()
    created_at = models.DateTimeField()
    failure = models.JSONField(default=list)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["status_since"], name="order_queued", condition=Q(status="queued")),
            models.Index(
                fields=["status_since"],
                name="order_waits_for_key",
                condition=Q(status="queued", frozen__key_mode="lra"),
            ),
            models.Index(fields=["status", "status_since"], name="order_by_status"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(status__in=["proposed", "awaiting_key", "queued", "signing", "failed"]),
                name="one_open_order_per_subscription",
            )
        ]

    def __str__(self) -> str:
        return f"order {self.pk}"

    @property
    def seen(self) -> str:
        """Return what a page shows of the order: its round and contents. A page of an earlier round is stale."""
        return f"{self.round}.{self.digest}"

    @property
    def made_in_browser(self) -> bool:
        """Whether the holder's browser makes the key, when everything that is printed was approved."""
        return bool(self.frozen["key_mode"] == KEY_IN_BROWSER)

    def required_roles(self) -> tuple[str, ...]:
        """Return the roles whose approval the signer wants in the current round."""
        return ("applicant", "examiner", "approver")


class HolderKey(models.Model):
    """The request for a key that the holder's browser made at pick-up; append-only, the newest of an order counts.

    The approvals cover everything that is printed; the key comes afterwards, from the holder alone.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="holder_keys")
    turn = models.PositiveSmallIntegerField()
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    csr = models.BinaryField()
    public_key_sha256 = models.CharField(max_length=64, unique=True)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "turn"], name="holder_key_by_turn")]
        ordering = ["order", "turn"]

    def __str__(self) -> str:
        return f"key {self.turn} of order {self.order_id}"


class Approval(models.Model):
    """One person's yes to one digest in one round of an order; append-only (four eyes)."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="approvals")
    round = models.PositiveIntegerField()
    role = models.CharField(max_length=20)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="approvals")
    digest = models.CharField(max_length=64)
    four_eyes = models.BooleanField(default=True)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "round", "role"], condition=~Q(role="applicant"), name="one_approval_per_role"
            ),
            models.UniqueConstraint(
                fields=["order", "round", "person"],
                condition=Q(four_eyes=True),
                name="one_approval_per_person",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["applicant", "examiner", "approver"]), name="approval_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of order {self.order_id}"


class Intent(models.Model):
    """The signer's promise to sign exactly this, written before any signature is made.

    Only a serial that a journal knows and a restored database does not has no order: it is burnt.
    `statement` holds what the certificate will say; the to-be-signed bytes are a pure function of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="intents")
    round = models.PositiveIntegerField()
    authority = models.ForeignKey(CertificationAuthority, on_delete=models.PROTECT, related_name="intents")
    serial = models.CharField(max_length=40)
    statement = models.JSONField()
    status = models.CharField(max_length=12, default="open")
    status_since = models.DateTimeField()
    signer = models.CharField(max_length=80)
    lock_key = models.BigIntegerField()
    lease_until = models.DateTimeField()
    pkcs12 = models.ForeignKey(SealedBlob, null=True, on_delete=models.PROTECT, related_name="+")
    pin = models.ForeignKey(SealedBlob, null=True, on_delete=models.PROTECT, related_name="+")
    key_blob = models.ForeignKey(SealedBlob, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "serial"], name="serial_once_per_issuer"),
            models.UniqueConstraint(fields=["order"], condition=Q(status="open"), name="one_open_intent_per_order"),
            models.UniqueConstraint(fields=["order"], condition=Q(status="signed"), name="one_signed_intent_per_order"),
        ]

    def __str__(self) -> str:
        return f"intent {self.serial}"


class CertificateQuerySet(models.QuerySet["Certificate"]):
    """Read vocabulary of certificates."""

    def valid(self, at: datetime) -> "CertificateQuerySet":
        """Return what is within its period and not revoked at `at`."""
        return self.filter(not_before__lte=at, not_after__gte=at).filter(Q(revoked_at=None) | Q(revoked_at__gt=at))

    def held_by(self, person: User) -> "CertificateQuerySet":
        """Return the certificates of one holder, newest first."""
        return self.filter(holder=person).order_by("-not_before", "-pk")


class Certificate(models.Model):
    """A certificate as it was signed, with what has become of it since."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    story = models.UUIDField()
    management_number = models.CharField(max_length=20, unique=True)
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="certificate")
    intent = models.OneToOneField(Intent, on_delete=models.PROTECT, related_name="certificate")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="certificates")
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="certificates")
    authority = models.ForeignKey(CertificationAuthority, on_delete=models.PROTECT, related_name="certificates")
    shard = models.PositiveSmallIntegerField(default=0)
    serial = models.CharField(max_length=40)
    der = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    public_key_sha256 = models.CharField(max_length=64)
    subject_text = models.CharField(max_length=600)
    common_name = models.CharField(max_length=64)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    issued_at = models.DateTimeField()
    slot = models.CharField(max_length=10, default="current")
    delivery = models.CharField(max_length=12, default="undelivered")
    delivery_since = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    reported_text = models.TextField(blank=True)
    revocation_requested_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revocation_xid = models.BigIntegerField(null=True)
    ground = models.CharField(max_length=40, blank=True)
    reason_code = models.PositiveSmallIntegerField(null=True)
    invalidity_date = models.DateTimeField(null=True)
    pkcs12 = models.ForeignKey(SealedBlob, null=True, on_delete=models.PROTECT, related_name="+")
    pin = models.ForeignKey(SealedBlob, null=True, on_delete=models.PROTECT, related_name="+")
    # When the holder is to be told something next (`certificates.reminders`); None: nobody has looked yet.
    look_at = models.DateTimeField(null=True)
    # Off when nothing is left to tell.
    watched = models.BooleanField(default=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["holder", "-not_before"], name="certificate_by_holder"),
            models.Index(fields=["story"], name="certificate_by_story"),
            models.Index(fields=["public_key_sha256"], name="certificate_by_key"),
            models.Index(fields=["not_after"], name="certificate_by_end"),
            models.Index(fields=["-issued_at", "-id"], name="certificate_by_issue"),
            models.Index(OpClass(Upper("common_name"), name="varchar_pattern_ops"), name="certificate_by_name"),
            models.Index(fields=["look_at"], name="certificate_to_look_at", condition=Q(watched=True)),
            models.Index(
                fields=["issued_at"],
                name="certificate_unaccepted",
                condition=Q(delivery__in=["undelivered", "downloaded"], revoked_at=None),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["authority", "serial"], name="certificate_serial_once"),
            models.UniqueConstraint(
                fields=["subscription"], condition=Q(slot="current"), name="one_current_certificate"
            ),
            models.UniqueConstraint(
                fields=["subscription"], condition=Q(slot="successor"), name="one_successor_certificate"
            ),
            models.CheckConstraint(
                condition=Q(slot__in=["current", "successor", "past"]), name="certificate_slot_is_known"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, ground="", reason_code=None)
                | (Q(revoked_at__isnull=False) & ~Q(ground="")),
                name="revocation_has_its_ground",
            ),
            # RFC 5280 5.3.1: unspecified(0) is never encoded.
            models.CheckConstraint(
                condition=Q(reason_code=None) | Q(reason_code__in=[1, 2, 3, 4, 5, 6, 9, 10]),
                name="reason_code_is_encodable",
            ),
            models.CheckConstraint(condition=Q(not_after__gt=F("not_before")), name="certificate_has_a_period"),
        ]

    def __str__(self) -> str:
        return self.management_number


class DeliveryLink(models.Model):
    """A way to fetch one certificate: bound to its holder, used once, short-lived (O-14.2, O-14.3)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="delivery_links")
    token_digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    failed_attempts = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"delivery link {self.pk}"


class Recovery(models.Model):
    """A key officer's wish to hand a backed-up key to its holder once more; another one releases it (J-5.2)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="recoveries")
    reason = models.CharField(max_length=400)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    released_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(released_by=None) | ~Q(released_by=F("asked_by")), name="recovery_takes_two_people"
            ),
            models.CheckConstraint(
                condition=Q(released_by=None, released_at=None)
                | Q(released_by__isnull=False, released_at__isnull=False),
                name="recovery_is_released_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"recovery of {self.certificate_id}"


class SampleCertificate(models.Model):
    """A certificate by rules that are not in force yet, built and linted like a real one, never signed by a CA (O-1.3).

    `rules_digest` names the rules; they are kept here as well, because a draft may be written anew or thrown away.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    rules_digest = models.CharField(max_length=64, unique=True)
    rules = models.JSONField()
    status = models.CharField(max_length=10, default="waiting")
    status_since = models.DateTimeField()
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    der = models.BinaryField(null=True)
    findings = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["asked_at"], name="sample_to_build", condition=Q(status="waiting"))]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="clean") | Q(der__isnull=False, done_at__isnull=False, findings=[]),
                name="clean_sample_was_built",
            )
        ]

    def __str__(self) -> str:
        return f"sample of {self.rules_digest[:12]}"


class BlockedKey(models.Model):
    """A public key that must never be certified again (key compromise)."""

    public_key_sha256 = models.CharField(max_length=64, primary_key=True)
    reason = models.CharField(max_length=40)
    blocked_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.public_key_sha256
