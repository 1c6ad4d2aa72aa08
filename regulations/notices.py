"""What the site announces, and how the call center is reached."""

from uuid import uuid4

from django.db import models


class Announcement(models.Model):
    """A notice on the service site."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    title = models.JSONField()
    body = models.JSONField()
    posted_at = models.DateTimeField()

    class Meta:
        ordering = ["-posted_at"]

    def __str__(self) -> str:
        return f"announcement of {self.posted_at}"


class ContactPoint(models.Model):
    """How the call center is reached; told to subscribers in the start-of-service notice (O-8.2)."""

    name = models.JSONField()
    operator = models.JSONField()
    phone = models.CharField(max_length=20)
    urgent_phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField()
    address = models.JSONField(default=dict)
    opens = models.TimeField()
    closes = models.TimeField()
    valid_from = models.DateTimeField()

    def __str__(self) -> str:
        return self.phone
