"""What examiners and approvers leave on record about an application; rows are added, never changed."""

from django.db import models
from django.db.models import F, Q

from accounts.models import User


class Decision(models.Model):
    """One word on an application: handed on, sent back, approved or refused; what was said before stays.

    `round` and `digest` are those of the order that was looked at, `text` is what the next reader is to know:
    the examiner's findings, the note on sending back, or what the applicant reads.
    """

    RECOMMENDED, REFUSAL_PROPOSED, RETURNED, APPROVED, REFUSED = (
        "recommended", "refusal_proposed", "returned", "approved", "refused",
    )  # fmt: skip
    KINDS = (RECOMMENDED, REFUSAL_PROPOSED, RETURNED, APPROVED, REFUSED)

    application = models.ForeignKey("Application", on_delete=models.PROTECT, related_name="decisions")
    round = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    ground = models.CharField(max_length=12, blank=True)
    text = models.TextField(blank=True)
    applicant = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["recommended", "refusal_proposed", "returned", "approved", "refused"]),
                name="decision_kind_is_known",
            ),
            models.CheckConstraint(condition=~Q(person=F("applicant")), name="nobody_decides_about_themselves"),
            models.CheckConstraint(
                condition=~Q(kind__in=["refusal_proposed", "refused"]) | Q(ground__gt="", text__gt=""),
                name="refusal_on_record_has_ground_and_text",
            ),
            models.CheckConstraint(condition=~Q(kind="returned") | Q(text__gt=""), name="return_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in round {self.round}"


class Override(models.Model):
    """A finding that stops the case, overridden by the examiner with a reason where the rules allow it.

    It holds for exactly what was found (`about`) in exactly the contents that were looked at (`digest`).
    """

    application = models.ForeignKey("Application", on_delete=models.PROTECT, related_name="overrides")
    code = models.CharField(max_length=40)
    about = models.CharField(max_length=400, blank=True)
    digest = models.CharField(max_length=64)
    found = models.TextField()
    reason = models.TextField()
    applicant = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["application", "code", "about", "digest"], name="overridden_once"),
            models.CheckConstraint(condition=Q(reason__gt=""), name="override_says_why"),
            models.CheckConstraint(condition=~Q(person=F("applicant")), name="nobody_overrides_for_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.about}"
