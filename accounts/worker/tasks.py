"""Entry points of the worker; the work is in `mailing` and in the rooms of the app."""

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import throttling
from accounts.worker import mailing


@shared_task(name="accounts.send_notices")
def send_notices() -> None:
    """Hand over what waits in the outbox."""
    mailing.send_waiting()


@shared_task(name="accounts.forget")
def forget() -> None:
    """Delete sessions and counts of attempts whose time is over."""
    at = timezone.now()
    throttling.forget(at)
    Session.objects.filter(expire_date__lt=at).delete()
