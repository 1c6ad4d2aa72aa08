"""Tickets of the call center, what was said in them, and how callers were verified (O-8)."""

from typing import Final
from uuid import uuid4

from django.db import models
from django.db.models import Q

from accounts.models import User
from applications.models import Application
from certificates.models import Certificate
from regulations.models import Contract
from support_desk.mail_models import MailboxState, TakenMail

__all__ = ["MailboxState", "TakenMail"]

OPEN: Final = Q(status="open")


class Ticket(models.Model):
    """One matter of one caller, with the instants by which it is to be answered and solved.

    `counts_from` and the two promises of the first round stay for the reports; `due_at` is the promise that runs now,
    and is empty while nothing does. `version` grows with everything that happens, so that nobody overwrites.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)
    story = models.UUIDField(null=True)
    channel = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    priority = models.PositiveSmallIntegerField(default=2)
    subject = models.CharField(max_length=200, blank=True)
    caller_name = models.CharField(max_length=120)
    callback_number = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=5, default="ja")
    person = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="tickets")
    certificate = models.ForeignKey(Certificate, null=True, on_delete=models.PROTECT, related_name="tickets")
    application = models.ForeignKey(Application, null=True, on_delete=models.PROTECT, related_name="tickets")
    contract = models.ForeignKey(Contract, null=True, on_delete=models.PROTECT, related_name="tickets")
    matter = models.TextField()
    agent = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    escalated_to = models.CharField(max_length=20, blank=True)
    escalated_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=12, default="open")
    status_since = models.DateTimeField()
    outcome = models.CharField(max_length=20, blank=True)
    received_at = models.DateTimeField()
    counts_from = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    runs_from = models.DateTimeField()
    solution_due_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    paused_seconds = models.PositiveIntegerField(default=0)
    waiting_since = models.DateTimeField(null=True)
    first_answered_at = models.DateTimeField(null=True)
    solved_at = models.DateTimeField(null=True)
    reopened_count = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], name="ticket_open_by_due", condition=OPEN),
            models.Index(fields=["agent", "due_at", "id"], name="ticket_open_by_agent", condition=OPEN),
            models.Index(fields=["due_at", "id"], name="ticket_unassigned", condition=OPEN & Q(agent=None)),
            models.Index(fields=["kind", "due_at", "id"], name="ticket_open_by_kind", condition=OPEN),
            models.Index(
                fields=["escalated_to", "due_at", "id"],
                name="ticket_escalated",
                condition=OPEN & ~Q(escalated_to=""),
            ),
            models.Index(fields=["waiting_since", "id"], name="ticket_waiting", condition=Q(status="waiting")),
            models.Index(fields=["received_at", "id"], name="ticket_by_receipt"),
            models.Index(fields=["person", "-received_at"], name="ticket_by_person"),
            models.Index(fields=["email", "-received_at"], name="ticket_by_email", condition=~Q(email="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=["telephone", "mail", "portal", "form"]), name="ticket_channel_is_known"
            ),
            models.CheckConstraint(condition=Q(priority__in=[1, 2, 3]), name="ticket_priority_is_known"),
            models.CheckConstraint(
                condition=Q(status="open", due_at__isnull=False) | (~Q(status="open") & Q(due_at=None)),
                name="ticket_clock_runs_while_open",
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", waiting_since__isnull=False)
                | (~Q(status="waiting") & Q(waiting_since=None)),
                name="ticket_waits_since",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["answered", "closed"], solved_at__isnull=False)
                | (~Q(status__in=["answered", "closed"]) & Q(solved_at=None)),
                name="ticket_solved_when",
            ),
            models.CheckConstraint(
                condition=(Q(status="closed") & ~Q(outcome="")) | (~Q(status="closed") & Q(outcome="")),
                name="ticket_closed_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(escalated_to="", escalated_at=None)
                | (Q(escalated_to__in=["examiner", "approver"]) & Q(escalated_at__isnull=False)),
                name="ticket_escalated_to_office",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class TicketEntry(models.Model):
    """What was said or done in a ticket; append-only. `mail` is the mail in which the caller wrote it.

    `notice` is the id of the outbox's row that carried it to the caller.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12)
    text = models.TextField()
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    mail = models.ForeignKey(TakenMail, null=True, on_delete=models.PROTECT, related_name="entries")
    notice = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.ticket_id}"


class TicketFile(models.Model):
    """A file that came with a caller's message: kept sealed where it only shows something, else refused and why."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    entry = models.ForeignKey(TicketEntry, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=130)
    media_type = models.CharField(max_length=40, blank=True)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    blob = models.ForeignKey("vault.SealedBlob", null=True, on_delete=models.PROTECT, related_name="+")
    refused = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(blob__isnull=False, refused="") | (Q(blob=None) & ~Q(refused="")),
                name="ticket_file_kept_or_refused",
            )
        ]

    def __str__(self) -> str:
        return self.name


class TicketAlarm(models.Model):
    """An alarm about the promised time of a ticket, raised once for each stage and due time; append-only."""

    NEAR, OVER = "near", "over"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="alarms")
    stage = models.CharField(max_length=4)
    due_at = models.DateTimeField()
    raised_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "stage", "due_at"], name="ticket_alarm_raised_once"),
            models.CheckConstraint(condition=Q(stage__in=["near", "over"]), name="ticket_alarm_stage_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.stage} of {self.ticket_id}"


class Presence(models.Model):
    """Who has a ticket open in the browser now; not evidence, only courtesy between colleagues."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="presences")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "person"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.ticket_id}"


class CallerCheck(models.Model):
    """One attempt to match an item of the caller's with what is registered; append-only.

    Only whether it matched is kept, never the answer: at least three matches verify a caller.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="checks")
    item = models.CharField(max_length=30)
    matched = models.BooleanField()
    agent = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "item"], condition=Q(matched=True), name="item_matches_once")
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.matched}"


class CallerGuard(models.Model):
    """How often answers about one person failed lately, over all tickets; five lock it (fault 24).

    The counter is raised and committed before an answer is judged, so that many guesses at once count too.
    """

    person = models.OneToOneField(User, on_delete=models.PROTECT, primary_key=True, related_name="caller_guard")
    failures = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.failures} failures"
