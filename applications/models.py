"""Applications, what is uploaded with them, how they are examined and what is asked of the applicant."""

from uuid import UUID, uuid4

from django.db import models
from django.db.models import Q

from accounts.models import User
from applications.advance import AdvanceNotice, AdvanceRecipient
from applications.batches import Batch
from applications.campaigns import Campaign, CampaignMember
from applications.change_notices import ChangeAlarm, ChangeNotice
from applications.filings import Confirmation
from applications.marks import DocumentMark
from applications.office import Alarm, HandOver, IndexCard, ItemWords
from applications.records import Decision, Override
from applications.rules.kinds import KIND_WORDS
from applications.watch_list import WatchedName
from certificates.models import Certificate, Order
from regulations.models import Contract, DocumentVersion, Subscription, TargetSystem, TargetSystemVersion
from vault.models import SealedBlob

__all__ = [
    "AdvanceNotice",
    "AdvanceRecipient",
    "Alarm",
    "Batch",
    "Campaign",
    "CampaignMember",
    "ChangeAlarm",
    "ChangeNotice",
    "Confirmation",
    "Decision",
    "DocumentMark",
    "HandOver",
    "IndexCard",
    "ItemWords",
    "Override",
    "WatchedName",
]

# In the office's hands, or waiting for an answer that the office asked for.
UNDECIDED = ["submitted", "examining", "waiting_information", "awaiting_approval"]
OPEN = ["submitted", "examining", "waiting_information", "awaiting_approval", "approved"]


class Application(models.Model):
    """One application for one certificate; its rules version is pinned when it is submitted.

    `values` are the answers by field key as normalised; `typed` keeps what was typed in a draft, right
    or wrong, so that nothing is lost. The story of a certificate begins with the application's id.

    `applicant` is the one who is to hold the certificate. Where somebody else filed it for them, an agent by
    proxy or the contract's administrator, that is `filed_by`, and stays on record when the applicant takes over.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    receipt_number = models.CharField(max_length=20, unique=True, null=True)
    kind = models.CharField(max_length=12, default="new")
    # The certificate of the same holder that a reissue replaces or a renewal follows (O-12.2, O-18.2), and why.
    previous = models.ForeignKey(Certificate, null=True, on_delete=models.PROTECT, related_name="followed_by")
    reason = models.CharField(max_length=20, blank=True)
    reason_text = models.TextField(blank=True)
    applicant = models.ForeignKey(User, on_delete=models.PROTECT, related_name="applications")
    filed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="filed")
    # The name by which whoever filed it knows the applicant: they are shown nothing of the other's account.
    filed_for = models.CharField(max_length=80, blank=True)
    taken_over_at = models.DateTimeField(null=True)
    # The file of which this is one line.
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="applications")
    rules = models.ForeignKey(TargetSystemVersion, on_delete=models.PROTECT, related_name="applications")
    contract = models.ForeignKey(
        Contract, null=True, on_delete=models.PROTECT, related_name="applications", db_index=False
    )
    subscription = models.ForeignKey(Subscription, null=True, on_delete=models.PROTECT, related_name="applications")
    # The manual that governed the procedure when the application was received (O-12.1).
    manual = models.ForeignKey(DocumentVersion, null=True, on_delete=models.PROTECT, related_name="+")
    order = models.OneToOneField(Order, null=True, on_delete=models.PROTECT, related_name="application")
    # What lists of the office are sorted and filtered by, written when the application is received.
    target_system = models.ForeignKey(
        TargetSystem, null=True, on_delete=models.PROTECT, related_name="applications", db_index=False
    )
    sort_name = models.CharField(max_length=80, blank=True)
    # The common name as it will be printed, by which other applications for the same name are found.
    printed_name = models.CharField(max_length=64, blank=True)
    values = models.JSONField(default=dict)
    typed = models.JSONField(default=dict)
    csr_der = models.BinaryField(null=True)
    # Of the request's public key, to see at once that another open application has the same.
    key_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=24, default="draft")
    status_since = models.DateTimeField()
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    examiner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="examining")
    four_eyes = models.BooleanField(default=True)
    findings_note = models.TextField(blank=True)
    recommendation = models.CharField(max_length=10, blank=True)
    refusal_ground = models.CharField(max_length=12, blank=True)
    refusal_text = models.TextField(blank=True)
    return_note = models.TextField(blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="decided")
    decided_at = models.DateTimeField(null=True)
    # When retention had passed (services/retention.py): of the documents, and of what was filled in.
    documents_destroyed_at = models.DateTimeField(null=True)
    contents_erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["applicant", "-created_at"], name="application_by_applicant"),
            # The queue in each of its orders, by tab and by target system; small, because most is decided.
            models.Index(
                fields=["due_at", "id"], include=["status"], name="application_queue", condition=Q(status__in=UNDECIDED)
            ),
            models.Index(fields=["status", "due_at", "id"], name="queue_by_status", condition=Q(status__in=UNDECIDED)),
            models.Index(
                fields=["examiner", "due_at", "id"],
                include=["status"],
                name="queue_by_examiner",
                condition=Q(status__in=UNDECIDED),
            ),
            models.Index(
                fields=["target_system", "due_at", "id"], name="queue_by_system", condition=Q(status__in=UNDECIDED)
            ),
            models.Index(fields=["submitted_at", "id"], name="queue_by_receipt", condition=Q(status__in=UNDECIDED)),
            models.Index(fields=["sort_name", "id"], name="queue_by_name", condition=Q(status__in=UNDECIDED)),
            models.Index(
                fields=["printed_name", "submitted_at"], name="open_by_printed_name", condition=Q(status__in=UNDECIDED)
            ),
            models.Index(fields=["contract", "submitted_at"], name="application_by_contract"),
            models.Index(fields=["status", "status_since", "id"], name="application_by_status"),
            models.Index(
                fields=["key_digest"], name="application_by_open_key", condition=Q(status__in=OPEN) & ~Q(key_digest="")
            ),
            models.Index(
                fields=["rules", "status_since"], name="documents_kept", condition=Q(documents_destroyed_at=None)
            ),
            models.Index(fields=["rules", "status_since"], name="contents_kept", condition=Q(contents_erased_at=None)),
            models.Index(
                fields=["submitted_at"],
                include=["target_system"],
                name="application_by_receipt",
                condition=Q(submitted_at__isnull=False),
            ),
            models.Index(
                fields=["decided_at"],
                include=["submitted_at", "rules"],
                name="application_by_decision",
                condition=Q(decided_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(status__in=["submitted", "examining", "waiting_information", "awaiting_approval"]),
                name="one_open_application",
            ),
            models.UniqueConstraint(
                fields=["previous", "kind"], condition=Q(status="draft"), name="one_draft_per_certificate"
            ),
            models.CheckConstraint(
                condition=Q(kind="new", previous=None) | Q(kind__in=["reissue", "renewal"], previous__isnull=False),
                name="kind_and_previous_agree",
            ),
            models.CheckConstraint(
                condition=Q(examiner=None) | ~Q(examiner=models.F("applicant")), name="examiner_is_another"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("applicant")), name="approver_is_another"
            ),
            models.CheckConstraint(
                condition=Q(four_eyes=False)
                | Q(decided_by=None)
                | Q(examiner=None)
                | ~Q(decided_by=models.F("examiner")),
                name="approver_did_not_examine",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "waiting_consent", "withdrawn", "lapsed"])
                | Q(receipt_number__isnull=False),
                name="submitted_has_a_receipt",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None) | Q(target_system__isnull=False), name="received_stands_in_the_lists"
            ),
            models.CheckConstraint(
                condition=Q(filed_by=None, taken_over_at=None)
                | Q(filed_by__isnull=False) & ~Q(filed_by=models.F("applicant")),
                name="filed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(examiner=None) | Q(filed_by=None) | ~Q(examiner=models.F("filed_by")),
                name="examiner_did_not_file",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(filed_by=None) | ~Q(decided_by=models.F("filed_by")),
                name="approver_did_not_file",
            ),
            models.CheckConstraint(
                condition=Q(contents_erased_at=None) | Q(values={}, typed={}, csr_der=None, key_digest=""),
                name="erased_contents_stay_erased",
            ),
            models.CheckConstraint(
                condition=Q(status="refused", refusal_ground__gt="", refusal_text__gt="") | ~Q(status="refused"),
                name="refusal_has_ground_and_text",
            ),
        ]

    def __str__(self) -> str:
        return self.receipt_number or str(self.pk)

    @property
    def kind_word(self) -> str:
        """Return what kind of application it is, in words."""
        return str(KIND_WORDS.get(self.kind, self.kind))

    @property
    def story(self) -> UUID:
        """Return the id under which everything that follows is told."""
        return self.pk

    @property
    def consent_stories(self) -> list[UUID]:
        """Return the stories under which consents to it were given: its own, and that of the file it came by."""
        return [self.pk, *filter(None, [self.batch_id])]

    @property
    def is_filed(self) -> bool:
        """Tell whether somebody acts for the applicant."""
        return self.filed_by_id is not None and self.taken_over_at is None

    @property
    def by_proxy(self) -> bool:
        """Tell whether an agent with a letter of proxy acts for the applicant."""
        return self.is_filed and self.batch_id is None

    @property
    def editor_id(self) -> UUID:
        """Return who fills in the draft."""
        return self.filed_by_id if self.filed_by_id is not None and self.taken_over_at is None else self.applicant_id

    @property
    def side(self) -> frozenset[UUID]:
        """Return who acts on the applicant's side."""
        return frozenset({self.applicant_id, self.editor_id})


class Upload(models.Model):
    """A document handed in; its bytes are sealed, its pages are images made by the worker.

    When its retention has passed, bytes and pages are destroyed; the row stays and says when.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="uploads")
    key = models.CharField(max_length=40)
    file_name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    issued_on = models.DateField(null=True)
    blob = models.ForeignKey(SealedBlob, null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)
    render_status = models.CharField(max_length=10, default="waiting")
    render_error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["application"], name="upload_by_application"),
            models.Index(fields=["uploaded_at"], name="upload_to_render", condition=Q(render_status="waiting")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(destroyed_at=None, blob__isnull=False) | Q(destroyed_at__isnull=False, blob=None),
                name="destroyed_upload_holds_nothing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.pk}"


class UploadPage(models.Model):
    """One page of an upload as a sealed PNG image."""

    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="pages")
    number = models.PositiveSmallIntegerField()
    blob = models.ForeignKey(SealedBlob, on_delete=models.PROTECT, related_name="+")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="upload_page_once")]

    def __str__(self) -> str:
        return f"{self.upload_id} p{self.number}"


class ExaminationItem(models.Model):
    """The result of one item of the pinned checklist: what, on which evidence, who, when."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="items")
    key = models.CharField(max_length=60)
    result = models.CharField(max_length=12)
    evidence = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)
    telephone = models.JSONField(default=dict)
    person = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "key"], name="item_once")]

    def __str__(self) -> str:
        return f"{self.key}: {self.result}"


class InformationRequest(models.Model):
    """What the examiner asks for, item by item and by when, and the answer (O-4.2).

    `answers` are the applicant's words by item, a draft until `answered_at`; `answer` is what belongs to none.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="information_requests")
    items = models.JSONField()
    message = models.TextField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True)
    answers = models.JSONField(default=dict)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(answered_at=None), name="one_open_information_request"
            )
        ]

    def __str__(self) -> str:
        return f"request of {self.asked_at}"


class Contact(models.Model):
    """A telephone call or mail that the office made about an application (O-17.1)."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="contacts")
    channel = models.CharField(max_length=10)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    with_whom = models.CharField(max_length=120)
    text = models.TextField()

    def __str__(self) -> str:
        return f"{self.channel} at {self.at}"
