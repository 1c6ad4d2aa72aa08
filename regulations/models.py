"""The rules of the service as data: what people agree to, what is asked of them, and until when.

Versions are rows that never change; what is in force is the newest published one.
"""

from datetime import date, datetime, timedelta
from uuid import uuid4

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from accounts.models import User
from regulations.calendar import tokyo
from regulations.notices import Announcement, ContactPoint
from regulations.registers import (
    ApiAnswer,
    ApiToken,
    ContractChange,
    ContractFault,
    ContractFile,
    ContractFilePart,
    ContractLine,
)
from regulations.systems import ParentService, TargetSystem, TargetSystemVersion

__all__ = [
    "Announcement",
    "ApiAnswer",
    "ApiToken",
    "ContactPoint",
    "ContractChange",
    "ContractFault",
    "ContractFile",
    "ContractFilePart",
    "ContractLine",
    "ParentService",
    "TargetSystem",
    "TargetSystemVersion",
]


class DocumentKind(models.TextChoices):
    """Kinds of documents, in their order of precedence where they disagree (O-2.1)."""

    TERMS = "terms"
    REGULATION = "regulation"
    POLICY = "policy"
    PRIVACY = "privacy"
    MANUAL = "manual"
    STATEMENT = "statement"
    ANSWER = "answer"


class Document(models.Model):
    """A document of the service site; its text is in versions (O-3.1)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    slug = models.SlugField(unique=True)
    kind = models.CharField(max_length=12, choices=DocumentKind.choices)
    precedence = models.PositiveSmallIntegerField(default=100)
    target_systems = models.ManyToManyField(TargetSystem, related_name="documents", blank=True)
    # The procedures that a manual governs (O-12.1): issue, reissue, revocation.
    procedures = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["precedence", "slug"]

    def __str__(self) -> str:
        return self.slug

    def version_in_force(self, at: datetime) -> "DocumentVersion":
        """Return the newest version posted by `at`; raises DoesNotExist when none is."""
        return self.versions.posted(at).latest("posted_at")


class DocumentVersionQuerySet(models.QuerySet["DocumentVersion"]):
    """Read vocabulary of document versions."""

    def posted(self, at: datetime) -> "DocumentVersionQuerySet":
        """Return what had been posted by `at`; a version applies from the moment of posting (O-3.2)."""
        return self.filter(posted_at__lte=at)

    def unposted(self) -> "DocumentVersionQuerySet":
        """Return what somebody is still working on."""
        return self.exclude(status="published")


class DocumentVersion(models.Model):
    """One version: its text per language, or address, version and hash of a document kept elsewhere (J-1.2).

    Once published it never changes. `consent_within_days` says that subscribers whose rules name the document
    must agree to it anew, and within how many days; None leaves their earlier consent as it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(max_length=20)
    title = models.JSONField()
    what_changed = models.JSONField(default=dict)
    body = models.JSONField(default=dict)
    external_url = models.URLField(blank=True)
    external_sha256 = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64)
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    consent_within_days = models.PositiveSmallIntegerField(null=True)
    review_note = models.TextField(blank=True)
    status = models.CharField(max_length=12, default="draft")
    status_since = models.DateTimeField()
    posted_at = models.DateTimeField(null=True)

    objects = DocumentVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "version"], name="document_version_once"),
            models.UniqueConstraint(
                fields=["document"], condition=~Q(status="published"), name="one_open_version_per_document"
            ),
            models.CheckConstraint(
                condition=Q(reviewer=None) | Q(author__isnull=False) & ~Q(reviewer=F("author")),
                name="reviewer_is_not_the_author",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["reviewed", "published"]) | Q(author=None) | Q(reviewer__isnull=False),
                name="reviewed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status="published", posted_at__isnull=False) | ~Q(status="published") & Q(posted_at=None),
                name="published_when_posted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.version}"


class Consent(models.Model):
    """Who agreed to what, word for word, when and from where; append-only evidence (O-4.1, J-5)."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="consents")
    story = models.UUIDField()
    item = models.CharField(max_length=60)
    document_version = models.ForeignKey(DocumentVersion, null=True, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    wording = models.TextField()
    language = models.CharField(max_length=5)
    given_at = models.DateTimeField()
    origin = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["story"], name="consent_by_story")]
        constraints = [models.UniqueConstraint(fields=["story", "item", "person", "sha256"], name="consent_given_once")]

    def __str__(self) -> str:
        return f"{self.item} by {self.person_id}"


class Corporation(models.Model):
    """A corporation with contracts; the corporate number's check digit is verified at intake."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    corporate_number = models.CharField(max_length=13, unique=True)
    name = models.CharField(max_length=120)
    name_reading = models.CharField(max_length=160, blank=True)
    name_latin = models.CharField(max_length=64)
    postal_code = models.CharField(max_length=8, blank=True)
    address = models.CharField(max_length=200, blank=True)
    locality_latin = models.CharField(max_length=64, blank=True)
    state_latin = models.CharField(max_length=64, blank=True)
    phone = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.name


class Period(Func):
    """The time from the first instant to the second one, which no longer belongs to it; without an end, for ever."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class ContractQuerySet(models.QuerySet["Contract"]):
    """Read vocabulary of contracts."""

    def in_force(self, at: datetime) -> "ContractQuerySet":
        """Return the contracts in force at the instant `at`."""
        return self.filter(begins_at__lte=at).filter(Q(ends_at=None) | Q(ends_at__gt=at))


class Contract(models.Model):
    """A contract with a parent service; certificates never outlast it (O-18.1).

    A number may come back in a later period, but two periods of one number never overlap. Periods are whole
    days of Tokyo: `begins_at` is the first day's midnight, `ends_at` the midnight after the last day
    (exclusive), so that the last day counts to 23:59:59.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    number = models.CharField(max_length=40)
    parent_service = models.ForeignKey(ParentService, on_delete=models.PROTECT, related_name="contracts")
    corporation = models.ForeignKey(Corporation, null=True, on_delete=models.PROTECT, related_name="contracts")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    fee_note = models.CharField(max_length=200, blank=True)

    objects = ContractQuerySet.as_manager()

    class Meta:
        constraints = [
            # Says no more than the next one, but one lookup finds one row by it.
            models.UniqueConstraint(fields=["parent_service", "number", "begins_at"], name="contract_begins_once"),
            ExclusionConstraint(
                name="contract_periods_apart",
                expressions=[
                    ("parent_service", RangeOperators.EQUAL),
                    ("number", RangeOperators.EQUAL),
                    (Period("begins_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("begins_at")), name="contract_ends_after_it_begins"
            ),
        ]
        indexes = [models.Index(fields=["number", "id"], name="contract_by_number")]

    def __str__(self) -> str:
        return self.number

    @property
    def last_day(self) -> date | None:
        """Return the last day of the contract in Tokyo, which counts whole; None for an open-ended one."""
        return None if self.ends_at is None else tokyo(self.ends_at - timedelta(seconds=1)).date()

    def is_in_force(self, at: datetime) -> bool:
        """Tell whether the contract is in force at the instant `at`."""
        return self.begins_at <= at and (self.ends_at is None or self.ends_at > at)


class ContractMember(models.Model):
    """A person whom a contract lists: a member; an authorised person too (J-2), or the contract's administrator."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="memberships")
    email = models.EmailField()
    name = models.CharField(max_length=80)
    is_authorised_person = models.BooleanField(default=False)
    is_administrator = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contract", "email"], name="contract_member_once")]

    def __str__(self) -> str:
        return f"{self.name} of {self.contract_id}"


class Subscription(models.Model):
    """The right of one subject to use one target system under one contract: what the terms turn on.

    `subject_key` is the subject's identity, normalised by the target system's rules: two mail
    addresses are still one person. Start, suspension and end of use are columns here.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    target_system = models.ForeignKey(TargetSystem, on_delete=models.PROTECT, related_name="subscriptions")
    contract = models.ForeignKey(Contract, null=True, on_delete=models.PROTECT, related_name="subscriptions")
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="subscriptions")
    subject_key = models.CharField(max_length=200)
    ordinal = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=12, default="applied")
    status_since = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    # Why the service is suspended now (O-11.1), in words that the holder reads; empty while it is not.
    suspension_reason = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["subject_key", "target_system"], name="subscription_by_subject")]
        constraints = [
            models.UniqueConstraint(
                fields=["target_system", "subject_key", "ordinal"],
                condition=~Q(status="ended"),
                name="one_subscription_per_subject",
            )
        ]

    def __str__(self) -> str:
        return f"{self.target_system_id} {self.subject_key}"


class Closure(models.Model):
    """An extra day on which the office is closed (O-1.7)."""

    day = models.DateField(unique=True)
    reason = models.JSONField()

    def __str__(self) -> str:
        return f"{self.day}"


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    """Read vocabulary of suspensions."""

    def running(self, at: datetime) -> "SuspensionQuerySet":
        """Return the suspensions that last at `at`."""
        return self.filter(begins_at__lte=at, ends_at__gt=at)


class Suspension(models.Model):
    """An announced window in which intake and issuance pause (O-6)."""

    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.JSONField()

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="suspension_has_a_length")]

    def __str__(self) -> str:
        return f"suspension from {self.begins_at}"


class NumberSeries(models.Model):
    """The last number given in a series such as receipts of a year; counted under a row lock, without gaps."""

    name = models.CharField(max_length=40, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"
