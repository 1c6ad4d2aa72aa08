"""Tickets of the call center, what was said in them, and how callers were verified (O-8)."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from accounts.models import User
from applications.models import Application
from certificates.models import Certificate


class Ticket(models.Model):
    """One matter of one caller, with the instant by which it is to be answered."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)
    story = models.UUIDField(null=True)
    channel = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    caller_name = models.CharField(max_length=120)
    callback_number = models.CharField(max_length=30, blank=True)
    person = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="tickets")
    certificate = models.ForeignKey(Certificate, null=True, on_delete=models.PROTECT, related_name="tickets")
    application = models.ForeignKey(Application, null=True, on_delete=models.PROTECT, related_name="tickets")
    matter = models.TextField()
    agent = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, default="open")
    status_since = models.DateTimeField()
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], name="ticket_open_by_due", condition=Q(status="open")),
            models.Index(fields=["person", "-received_at"], name="ticket_by_person"),
        ]

    def __str__(self) -> str:
        return self.number


class TicketEntry(models.Model):
    """What was said or done in a ticket; append-only."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12)
    text = models.TextField()
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.ticket_id}"


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
