"""`manage.py walk_demo FOLDER`: one certificate of every demo target system, from application to revocation."""

import json
import logging
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from audit.refusals import Refused
from lra_portal.demo.journey import Journey, JourneyFailedError
from lra_portal.demo.scenarios import SCENARIOS
from lra_portal.demo.timeline import timeline_of
from lra_portal.demo.verifying import UnverifiedError, verifiers, verify
from lra_portal.quickstart.steps import step
from regulations.models import TargetSystem


class Command(BaseCommand):
    """Walk the demo's people through the services; signer, publisher, responder and worker run elsewhere."""

    help = "Walk one certificate of every demo target system from application to revocation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *_arguments: Any, folder: Path, **_options: Any) -> None:
        if not settings.QUICKSTART:
            raise CommandError("The demo is for the quick start alone.")
        translation.activate("en")
        logging.getLogger().setLevel(logging.WARNING)
        for target_system in TargetSystem.objects.all():
            began = time.monotonic()
            print(f"\n{target_system.slug}")
            try:
                walk(target_system.slug, folder / target_system.slug)
            except (Refused, JourneyFailedError, UnverifiedError) as problem:
                raise CommandError(f"{target_system.slug}: {problem}") from problem
            print(f"  {time.monotonic() - began:.1f} s, in {folder / target_system.slug}")
        print(f"\nEverything verified by {verifiers()}.")


def walk(slug: str, folder: Path) -> None:
    """Go one path to its end, write what it leaves, and let others verify it."""
    if slug not in SCENARIOS:
        raise JourneyFailedError("lra_portal/demo/scenarios.py says nothing about this target system")
    journey = Journey(SCENARIOS[slug])
    steps = {
        "apply": journey.apply,
        "examine": journey.examine,
        "approve": journey.approve,
        "sign": journey.await_certificate,
        "deliver": journey.fetch,
        "accept": journey.accept,
        "good in CRL and OCSP": journey.check_good,
        "ask for revocation": journey.ask_for_revocation,
        "revoke": journey.revoke,
        "revoked in OCSP and CRL": journey.check_revoked,
    }
    for title, go in steps.items():
        with step(title):
            go()
    journey.keep_authorities()
    keep(journey, folder)
    for title, check in verify(folder):
        with step(f"verify: {title}"):
            check()


def keep(journey: Journey, folder: Path) -> None:
    """Write the files of one path; the PIN's is for its owner alone."""
    folder.mkdir(parents=True)
    for name, content in journey.kept.items():
        path = folder / name
        path.touch(mode=0o600 if name == "pin.txt" else 0o644)
        path.write_bytes(content)
    text = json.dumps(timeline_of(journey.application.story), ensure_ascii=False, indent=2)
    (folder / "timeline.json").write_text(f"{text}\n")
