"""`manage.py create_evidence_key`: the ceremony of the key that signs the seals over the evidence."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.actors import Actor
from audit.models import SealKey
from certificates.worker import keys, sealing


class Command(BaseCommand):
    """Make the key, and print the fingerprint by which outsiders trust it."""

    help = "Make the key that signs seals over the evidence; with --another it takes over from the one before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--key-place", default="file", choices=sorted(keys.BACKENDS), help="where the key is made")
        parser.add_argument("--another", action="store_true", help="make a further key, which signs from now on")

    def handle(self, *_arguments: object, **options: Any) -> None:
        if SealKey.objects.exists() and not options["another"]:
            raise CommandError("There is a key for seals already. Nothing was changed.")
        try:
            row = sealing.create_key(place=options["key_place"], actor=Actor.system("ceremony"), at=timezone.now())
        except (keys.KeyUnavailableError, FileExistsError) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{'Key of seals':<16}{row.reference}")
        self.stdout.write(f"{'SHA-256':<16}{row.fingerprint}")
        self.stdout.write(f"{'Witnesses':<16}________________    ________________")
