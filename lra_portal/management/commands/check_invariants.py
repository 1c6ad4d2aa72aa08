"""`manage.py check_invariants`: what must hold after every fault; exits non-zero on the first breach."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Ask every app that keeps invariants for its breaches, and say what people are late with."""

    help = "Check over the whole database what must always hold."

    def handle(self, *_arguments: object, **_options: Any) -> None:
        checked = []
        for app in settings.LOCAL_APPS:
            if importlib.util.find_spec(f"{app}.invariants") is None:
                continue
            kept = importlib.import_module(f"{app}.invariants")
            for breach in kept.breaches():
                raise CommandError(breach)
            for remark in getattr(kept, "remarks", tuple)():
                self.stdout.write(remark)
            checked.append(app)
        self.stdout.write(f"Everything holds ({', '.join(checked)}).")
