"""`manage.py reconcile_evidence`: two key officers let sealing go on after a database has lost seals."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from audit.refusals import Refused
from certificates.worker import sealing


class Command(BaseCommand):
    """Compare journal and database, and agree to what is lost."""

    help = "Go on sealing although the database has lost seals; two key officers run it within one hour."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--person", required=True, help="mail address of the key officer at the console")
        parser.add_argument("--reason", required=True)

    def handle(self, *_arguments: object, **options: Any) -> None:
        try:
            person = User.objects.get(email=options["person"].lower(), is_active=True)
            said = sealing.reconcile(reason=options["reason"], actor=person.actor("console"), at=timezone.now())
        except User.DoesNotExist as unknown:
            raise CommandError(str(unknown)) from None
        except (Refused, ValueError) as refused:
            raise CommandError(str(getattr(refused, "message", refused))) from refused
        self.stdout.write(said)
