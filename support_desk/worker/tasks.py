"""Entry points of the worker; the work is in the services and beside this module."""

from celery import shared_task
from django.utils import timezone

from audit.actors import Actor
from support_desk.services import alarms, due_times
from support_desk.worker import mailbox


@shared_task(name="support_desk.follow_calendar")
def follow_calendar() -> None:
    """Let due times follow closed days."""
    due_times.follow_calendar(at=timezone.now())


@shared_task(name="support_desk.sweep")
def sweep() -> None:
    """Raise alarms about promised times."""
    alarms.raise_due(actor=Actor.system("desk sweep"), at=timezone.now())


@shared_task(name="support_desk.take_mail")
def take_mail() -> None:
    """Take in what lies in the call center's mailbox."""
    mailbox.poll()
