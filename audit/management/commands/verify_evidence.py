"""`manage.py verify_evidence`: reads the whole evidence out of the database and checks it, as an outsider would."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.exporting import export
from audit.models import SealKey
from audit.verifier import Keys, Verifier, report


class Command(BaseCommand):
    """Check events, details, leaves and seals; exit non-zero where something does not hold."""

    help = "Check the evidence in the database, against heads kept elsewhere where they are given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fingerprint", action="append", help="trust these keys, not those in the database")
        parser.add_argument("--heads", type=Path, help="heads kept elsewhere, such as the publisher's journal")

    def handle(self, *_arguments: object, **options: Any) -> None:
        trusted = options["fingerprint"] or list(SealKey.objects.values_list("fingerprint", flat=True))
        verifier = Verifier(Keys(trusted))
        result = verifier.read(export(details=True))
        if options["heads"]:
            with options["heads"].open(encoding="utf-8") as kept:
                verifier.compare(kept)
        for line in report(result):
            self.stdout.write(line)
        if result.findings:
            raise CommandError("The evidence does not hold.")
