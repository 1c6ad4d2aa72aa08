"""`manage.py export_evidence`: the evidence as a file that is checked without us (docs/evidence.md)."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from audit.exporting import export


class Command(BaseCommand):
    """Write lines of JSON to a file or to standard output."""

    help = "Write events, leaves, seals and heads as lines of JSON; audit/verifier.py checks the file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, help="file to write; standard output without it")
        parser.add_argument("--from-seal", type=int, default=1, help="first seal to write")
        parser.add_argument("--details", action="store_true", help="with what the events say: personal data among it")

    def handle(self, *_arguments: object, **options: Any) -> None:
        lines = export(details=options["details"], first=options["from_seal"])
        if options["to"] is None:
            sys.stdout.writelines(lines)
            return
        half = options["to"].with_suffix(".half")
        with half.open("w", encoding="utf-8") as file:
            file.writelines(lines)
        half.rename(options["to"])
        self.stdout.write(f"Written: {options['to']}")
