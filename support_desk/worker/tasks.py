"""Entry points of the worker; the work is in the services."""

from celery import shared_task
from django.utils import timezone

from support_desk.services import due_times


@shared_task(name="support_desk.follow_calendar")
def follow_calendar() -> None:
    """Let due times follow closed days."""
    due_times.follow_calendar(at=timezone.now())
