"""What somebody is asked to confirm: an application that another person has filed for them (O-4.1, J-5).

An agent by proxy or a contract's administrator fills in and uploads; the consents are the applicant's own, so the
application is received only with the applicant's word. One row is one time of asking.
"""

from uuid import UUID, uuid4

from django.db import models
from django.db.models import Q

from accounts.models import User

# "filed": the administrator of the contract agreed for the filing, nobody was asked.
ANSWERS = ("confirmed", "filed", "declined", "taken_over", "recalled", "withdrawn", "lapsed")


class Confirmation(models.Model):
    """The applicant was asked; `answer` says what became of it. The link's secret is kept as a hash."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    application = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="confirmations")
    token_digest = models.BinaryField(max_length=32, unique=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=12, blank=True)
    note = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(answered_at=None), name="one_open_confirmation"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="") | Q(answered_at__isnull=False, answer__in=ANSWERS),
                name="confirmation_has_its_answer",
            ),
        ]
        indexes = [models.Index(fields=["until"], name="confirmation_waiting", condition=Q(answered_at=None))]

    def __str__(self) -> str:
        return f"confirmation of {self.application_id}"

    @property
    def story(self) -> UUID:
        """Return the id under which the application is told."""
        return self.application_id
