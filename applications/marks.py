"""Where on a page an examiner read what a row of the sheet says: the number that ties the paper to the row (J-3.2)."""

from django.db import models
from django.db.models import Q

from accounts.models import User


class DocumentMark(models.Model):
    """One numbered mark; `x` and `y` are thousandths of the upright page, from its left and its top."""

    application = models.ForeignKey("Application", on_delete=models.PROTECT, related_name="marks")
    key = models.CharField(max_length=60)
    upload = models.ForeignKey("Upload", on_delete=models.PROTECT, related_name="marks")
    page = models.PositiveSmallIntegerField()
    x = models.PositiveSmallIntegerField()
    y = models.PositiveSmallIntegerField()
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "key"], name="one_mark_per_item"),
            models.CheckConstraint(condition=Q(x__lte=1000, y__lte=1000), name="mark_is_on_the_page"),
        ]

    def __str__(self) -> str:
        return f"{self.key} on page {self.page}"
