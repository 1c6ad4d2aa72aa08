"""manage.py update_messages: see lra_portal.messages."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from lra_portal import messages


class Command(BaseCommand):
    """Bring the message catalogues up to date, or say what they lack."""

    help = "Brings the message catalogues up to date with the sources."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only list what is missing, fuzzy or obsolete")
        parser.add_argument("--prune", action="store_true", help="drop what is used no more")

    def handle(self, *args: Any, **options: Any) -> None:
        code = messages.check() if options["check"] else messages.update(prune=options["prune"])
        if code == 0 and not options["check"]:
            messages.compile_all()
        if code:
            raise SystemExit(code)
