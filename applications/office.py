"""What the office keeps beside an application: index card, words of unjudged items, who gave it to whom, alarms."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.pairs import Pairs


class IndexCard(models.Model):
    """What an application is found by: names, readings and numbers, folded to one spelling (`accounts.spelling`).

    Cards are filed when an application is received, so that a higher id means a later receipt. They lie apart from
    the application because that changes often, and an index of letter pairs is slow to change.
    """

    application = models.OneToOneField("applications.Application", on_delete=models.CASCADE, related_name="index_card")
    text = models.TextField()

    class Meta:
        indexes = [GinIndex(Pairs(F("text")), name="card_by_pairs")]

    def __str__(self) -> str:
        return f"card {self.pk}"


class ItemWords(models.Model):
    """What an examiner wrote about one item before the server took a result for it: a draft, and no finding.

    It goes when a result is kept or what was filled in is erased; nothing is decided by it.
    """

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="item_words")
    key = models.CharField(max_length=60)
    typed = models.JSONField()
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "key"], name="words_of_item_once")]

    def __str__(self) -> str:
        return f"words about {self.key}"


class HandOver(models.Model):
    """One application given from examiner to examiner, by the one who had it or by an approver; rows are only added."""

    application = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="hand_overs")
    giver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    taker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="handed_over_to_another"),
            models.CheckConstraint(condition=Q(note__gt=""), name="hand_over_says_why"),
        ]

    def __str__(self) -> str:
        return f"handed over at {self.at}"


class Alarm(models.Model):
    """That a promised time is half gone, near or over was said, once for each due time; rows are only added."""

    HALF, NEAR, OVER = "half", "near", "over"

    application = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="alarms")
    stage = models.CharField(max_length=4)
    due_at = models.DateTimeField()
    raised_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "stage", "due_at"], name="alarm_raised_once"),
            models.CheckConstraint(condition=Q(stage__in=["half", "near", "over"]), name="alarm_stage_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.stage} at {self.raised_at}"
