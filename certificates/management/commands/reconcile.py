"""`manage.py reconcile`: two key officers burn the serials that a restored database no longer knows."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from audit.refusals import Refused
from certificates.models import CertificationAuthority
from certificates.worker import reconciling


class Command(BaseCommand):
    """Compare journal and database, and agree to what only the journal knows."""

    help = "Burn serials that only the journal knows; two key officers run it within one hour."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="short name of the issuing CA")
        parser.add_argument("--person", required=True, help="mail address of the key officer at the console")
        parser.add_argument("--reason", required=True)

    def handle(self, *_arguments: object, **options: Any) -> None:
        try:
            authority = CertificationAuthority.objects.get(name=options["name"])
            person = User.objects.get(email=options["person"].lower(), is_active=True)
            said = reconciling.reconcile(
                authority=authority, reason=options["reason"], actor=person.actor("console"), at=timezone.now()
            )
        except (CertificationAuthority.DoesNotExist, User.DoesNotExist) as unknown:
            raise CommandError(str(unknown)) from None
        except (Refused, ValueError) as refused:
            raise CommandError(str(getattr(refused, "message", refused))) from refused
        self.stdout.write(said)
