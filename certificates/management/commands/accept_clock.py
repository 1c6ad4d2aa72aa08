"""`manage.py accept_clock`: two key officers say that the clock is right, so that signing goes on."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from audit.refusals import Refused
from certificates.worker import clock, reconciling


class Command(BaseCommand):
    """Put one officer's word on record; the second one's within the hour ends the refusal."""

    help = "Say that the clock is right although later acts are on record; two key officers within one hour."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--person", required=True, help="mail address of the key officer at the console")
        parser.add_argument("--reason", required=True)

    def handle(self, *_arguments: object, **options: Any) -> None:
        before = clock.accepted_up_to()
        try:
            person = User.objects.get(email=options["person"].lower(), is_active=True)
            reconciling.accept_clock(reason=options["reason"], actor=person.actor("console"), at=timezone.now())
        except User.DoesNotExist:
            raise CommandError(f"There is no account “{options['person']}”.") from None
        except (Refused, ValueError) as refused:
            raise CommandError(str(getattr(refused, "message", refused))) from refused
        done = clock.accepted_up_to() != before
        self.stdout.write(
            "The clock is accepted." if done else "A second key officer has to accept it within one hour."
        )
