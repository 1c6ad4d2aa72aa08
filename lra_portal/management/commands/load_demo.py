"""`manage.py load_demo`: the invented people and rules of the quick start. Production refuses it."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from applications.models import Application
from lra_portal.demo.journey import Journey
from lra_portal.demo.loading import load_demo
from lra_portal.demo.scenarios import SAMPLES


class Command(BaseCommand):
    """Load the demo data; a second time changes nothing."""

    help = "Load the invented people and rules of the quick start."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--samples", action="store_true", help="file sample applications where there is none yet")

    def handle(self, *_arguments: Any, samples: bool, **_options: Any) -> None:
        if not settings.QUICKSTART:
            raise CommandError(
                "The demo people have passwords that everybody knows: they are for the quick start alone."
            )
        load_demo(at=timezone.now())
        if samples and not Application.objects.exists():
            for scenario in SAMPLES:
                Journey(scenario).apply()
