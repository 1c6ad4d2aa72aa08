"""`manage.py load_demo`: the invented people and rules of the quick start. Production refuses it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lra_portal.demo.loading import load_demo


class Command(BaseCommand):
    """Load the demo data; a second time changes nothing."""

    help = "Load the invented people and rules of the quick start."

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        if not settings.QUICKSTART:
            raise CommandError(
                "The demo people have passwords that everybody knows: they are for the quick start alone."
            )
        load_demo(at=timezone.now())
