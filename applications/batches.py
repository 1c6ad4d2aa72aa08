"""Applications of many people by one file: the file, its lines and faults, its common documents, what is done to it.

A contract's administrator files them; one line is one application (`Application.batch`). The file is checked as a whole
before anything of it is used. Each line is examined and approved on a record of its own, however many at a time.
"""

from uuid import UUID, uuid4

from django.db import models
from django.db.models import Q

from accounts.models import User
from regulations.models import Contract, TargetSystem, TargetSystemVersion
from regulations.registers import LineFile
from vault.models import SealedBlob

KINDS = ["recommend", "propose", "approve", "refuse"]
AT_WORK = ("received", "checking", "filing")


class Batch(LineFile):
    """A file of applications for one target system under one contract.

    `rules` are those that the lines were checked by, `consent` says whose consent counts: that of each person, by a
    link in a mail, or the administrator's for the filing. `origin` is from where it was confirmed.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="batches")
    target_system = models.ForeignKey(TargetSystem, on_delete=models.PROTECT, related_name="+")
    rules = models.ForeignKey(TargetSystemVersion, on_delete=models.PROTECT, related_name="+")
    consent = models.CharField(max_length=16)
    line_count = models.PositiveIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)
    origin = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-uploaded_at"]
        indexes = [
            models.Index(fields=["contract", "-uploaded_at"], name="batch_by_contract"),
            models.Index(fields=["uploaded_at"], name="batch_at_work", condition=Q(status__in=AT_WORK)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["filing", "halted", "filed"], confirmed_by__isnull=False)
                | ~Q(status__in=["filing", "halted", "filed"]),
                name="batch_is_filed_by_somebody",
            )
        ]

    @property
    def story(self) -> UUID:
        """Return the id under which the file is told."""
        return self.pk


class BatchPart(models.Model):
    """One megabyte of a file, sealed; destroyed once its lines are filed or it is thrown away."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    blob = models.ForeignKey(SealedBlob, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="batch_part_once")]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.position}"


class BatchLine(models.Model):
    """One checked line: for whom, with which answers. `left_out` says, in every language, why nothing came of it.

    The answers are in the application once there is one; here they are emptied then. `found` is what the system found
    about it at `found_at`, so that lines can be chosen by it; who decides has it looked up again.
    """

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField()
    email = models.CharField(max_length=254)
    name = models.CharField(max_length=80)
    values = models.JSONField(default=dict)
    csr_der = models.BinaryField(null=True)
    subject_key = models.CharField(max_length=200)
    key_digest = models.CharField(max_length=64, blank=True)
    left_out = models.JSONField(default=dict)
    found = models.JSONField(default=list)
    found_at = models.DateTimeField(null=True)
    application = models.OneToOneField(
        "applications.Application", null=True, on_delete=models.PROTECT, related_name="batch_line"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="batch_line_once")]
        indexes = [
            models.Index(fields=["subject_key"], name="batch_line_by_subject"),
            models.Index(
                fields=["batch", "line"], name="batch_line_to_file", condition=Q(application=None, left_out={})
            ),
            models.Index(fields=["batch", "line"], name="batch_line_with_findings", condition=~Q(found=[])),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} line {self.line}"


class BatchFault(models.Model):
    """What is wrong in a file, by line and column; `message` is said in every language of the portal."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="faults")
    line = models.PositiveIntegerField()
    column = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=40)
    message = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["batch", "line", "column"], name="batch_fault_by_place")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.line}:{self.column} {self.code}"


class BatchDocument(models.Model):
    """A document that stands for every line of a file; sealed and drawn once, listed with each application."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="documents")
    key = models.CharField(max_length=40)
    file_name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    issued_on = models.DateField(null=True)
    blob = models.ForeignKey(SealedBlob, null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    render_status = models.CharField(max_length=10, default="waiting")

    class Meta:
        indexes = [
            models.Index(fields=["uploaded_at"], name="batch_document_to_draw", condition=Q(render_status="waiting"))
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.pk}"


class BatchDocumentPage(models.Model):
    """One page of a common document as a sealed PNG image."""

    document = models.ForeignKey(BatchDocument, on_delete=models.PROTECT, related_name="pages")
    number = models.PositiveSmallIntegerField()
    blob = models.ForeignKey(SealedBlob, on_delete=models.PROTECT, related_name="+")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="batch_page_once")]

    def __str__(self) -> str:
        return f"{self.document_id} p{self.number}"


class BatchTask(models.Model):
    """What somebody of the office did to many lines at once; the worker carries it out line by line, in their name.

    An examiner recommends all clean lines with `verdicts`, item by item, or proposes to refuse chosen ones with one
    `ground` and `text`; an approver approves or refuses what was handed on, refusing each as it was proposed.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=12)
    verdicts = models.JSONField(default=dict)
    ground = models.CharField(max_length=12, blank=True)
    text = models.TextField(blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    origin = models.CharField(max_length=64, blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["batch"], condition=Q(finished_at=None), name="one_task_at_a_time"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="batch_task_is_known"),
            models.CheckConstraint(
                condition=Q(kind="propose", ground__gt="", text__gt="") | ~Q(kind="propose") & Q(ground="", text=""),
                name="refusal_together_has_ground_and_text",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.batch_id}"

    @property
    def story(self) -> UUID:
        """Return the id under which the file is told."""
        return self.batch_id


class BatchTaskLine(models.Model):
    """One line of a task, with the digest of the order as it was when the page was shown, and what became of it."""

    task = models.ForeignKey(BatchTask, on_delete=models.PROTECT, related_name="lines")
    application = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=80)
    outcome = models.CharField(max_length=8, blank=True)
    message = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "application"], name="task_line_once"),
            models.CheckConstraint(condition=Q(outcome__in=["", "done", "left"]), name="task_line_outcome_is_known"),
        ]
        indexes = [models.Index(fields=["task", "id"], name="task_line_waiting", condition=Q(outcome=""))]

    def __str__(self) -> str:
        return f"{self.task_id} {self.application_id}"
