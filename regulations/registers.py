"""The register of contracts: how periods changed, files that bring many contracts, and the parent services' API.

A change of a period is a row; what it does to subscribers is found by the sweeps of the apps that own the
effect, so that a mistake corrected in time never happened (O-18.1, O-18.2, O-18.3).
"""

from datetime import date, datetime
from uuid import uuid4

from django.db import models
from django.db.models import Q

from accounts.models import User
from regulations.periods import last_day_of
from vault.models import SealedBlob


class ContractChange(models.Model):
    """One change of a contract's period: from where, by whom, and when its subscribers were told."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    contract = models.ForeignKey("regulations.Contract", on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=12)
    ends_before = models.DateTimeField(null=True)
    ends_after = models.DateTimeField(null=True)
    source = models.CharField(max_length=8)
    reason = models.CharField(max_length=200, blank=True)
    file = models.ForeignKey("regulations.ContractFile", null=True, on_delete=models.PROTECT, related_name="changes")
    token = models.ForeignKey("regulations.ApiToken", null=True, on_delete=models.PROTECT, related_name="changes")
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at"]
        indexes = [
            models.Index(fields=["contract", "-made_at"], name="contract_change_by_contract"),
            models.Index(fields=["made_at"], name="contract_change_unsettled", condition=Q(settled_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["begun", "extended", "shortened", "ended"]), name="contract_change_is_known"
            ),
            models.CheckConstraint(condition=Q(source__in=["staff", "file", "api"]), name="contract_change_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.contract_id}"

    @property
    def last_day(self) -> date | None:
        """Return the contract's last day after this change; None for no end."""
        return last_day_of(self.ends_after)


class LineFile(models.Model):
    """A file of lines that is checked as a whole before anything of it is used.

    `bytes_done` and `lines_done` are where reading goes on after a stop; `ask_stop` is the wish of a
    person, which the reader obeys at its next step.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=160)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    status = models.CharField(max_length=12, default="received")
    status_since = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    encoding = models.CharField(max_length=12, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    columns = models.JSONField(default=list)
    bytes_done = models.PositiveBigIntegerField(default=0)
    lines_done = models.PositiveIntegerField(default=0)
    fault_count = models.PositiveIntegerField(default=0)
    ask_stop = models.BooleanField(default=False)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class ContractFile(LineFile):
    """A file of contracts: checked as a whole, loaded as a whole or not at all (one line, one contract)."""

    parent_service = models.ForeignKey("regulations.ParentService", on_delete=models.PROTECT, related_name="files")
    outcome = models.JSONField(default=dict)

    class Meta:
        ordering = ["-uploaded_at"]
        indexes = [
            models.Index(
                fields=["uploaded_at"],
                name="contract_file_at_work",
                condition=Q(status__in=["received", "checking", "loading"]),
            )
        ]


class ContractFilePart(models.Model):
    """One megabyte of a file, sealed; destroyed once the file is loaded or thrown away."""

    file = models.ForeignKey(ContractFile, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    blob = models.ForeignKey(SealedBlob, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "position"], name="contract_file_part_once")]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.position}"


class ContractLine(models.Model):
    """One checked line of a file, as it will be loaded; gone once it is."""

    file = models.ForeignKey(ContractFile, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField()
    number = models.CharField(max_length=40)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    fee_note = models.CharField(max_length=200)
    corporate_number = models.CharField(max_length=13)
    name = models.CharField(max_length=120)
    name_reading = models.CharField(max_length=160)
    name_latin = models.CharField(max_length=64)
    postal_code = models.CharField(max_length=8)
    address = models.CharField(max_length=200)
    locality_latin = models.CharField(max_length=64)
    state_latin = models.CharField(max_length=64)
    phone = models.CharField(max_length=20)
    authorised_email = models.CharField(max_length=254)
    authorised_name = models.CharField(max_length=80)
    administrator_email = models.CharField(max_length=254)
    administrator_name = models.CharField(max_length=80)
    # One a line: address, tab, name.
    members = models.TextField(default="")

    class Meta:
        indexes = [models.Index(fields=["file", "number"], name="contract_line_by_number")]
        constraints = [models.UniqueConstraint(fields=["file", "line"], name="contract_line_once")]

    def __str__(self) -> str:
        return f"{self.file_id} line {self.line}"


class ContractFault(models.Model):
    """What is wrong in a file, by line and column; `message` is said in every language of the portal."""

    file = models.ForeignKey(ContractFile, on_delete=models.CASCADE, related_name="faults")
    line = models.PositiveIntegerField()
    column = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=40)
    message = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["file", "line", "column"], name="contract_fault_by_place")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.line}:{self.column} {self.code}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Read vocabulary of tokens."""

    def usable(self, at: datetime) -> "ApiTokenQuerySet":
        """Return the tokens that open the API at `at`."""
        return self.filter(ended_at=None).filter(Q(expires_at=None) | Q(expires_at__gt=at))


class ApiToken(models.Model):
    """A parent service's key to the API: shown once, kept as a hash, known by its first characters."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    parent_service = models.ForeignKey("regulations.ParentService", on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80)
    scopes = models.JSONField(default=list)
    prefix = models.CharField(max_length=12)
    digest = models.BinaryField(max_length=32, unique=True)
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.prefix}…"


class ApiAnswer(models.Model):
    """The answer that was given to a call with this key, so that a repeated call changes nothing twice."""

    parent_service = models.ForeignKey("regulations.ParentService", on_delete=models.PROTECT, related_name="answers")
    key = models.CharField(max_length=100)
    call_digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(default=dict)
    given_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["given_at"], name="api_answer_by_age")]
        constraints = [models.UniqueConstraint(fields=["parent_service", "key"], name="api_key_once")]

    def __str__(self) -> str:
        return f"{self.parent_service_id} {self.key}"
