"""`manage.py appoint_administrators`: the installation invites the first two, all others are invited by them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.invitations import invite_first
from audit.refusals import Refused


class Command(BaseCommand):
    """Send an invitation to be an administrator, as long as there are fewer than two."""

    help = "Invite one of the first two administrators; refused as soon as two are there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument("--reason", required=True, help="who decided it, for the record")

    def handle(self, *_arguments: object, **options: Any) -> None:
        try:
            invited = invite_first(
                email=options["email"], name=options["name"], reason=options["reason"],
                site_url=settings.SITE_URL, at=timezone.now(),
            )  # fmt: skip
        except Refused as refused:
            raise CommandError(str(refused.message)) from refused
        self.stdout.write(f"invited {invited.email}; the link is valid until {invited.expires_at:%Y-%m-%d %H:%M} UTC")
