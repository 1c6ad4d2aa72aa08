"""`manage.py check_invariants`: what must hold after every fault; exits non-zero on the first breach."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Ask every app that keeps invariants for its breaches."""

    help = "Check over the whole database what must always hold."

    def handle(self, *_arguments: object, **_options: Any) -> None:
        checked = []
        for app in settings.LOCAL_APPS:
            if importlib.util.find_spec(f"{app}.invariants") is None:
                continue
            for breach in importlib.import_module(f"{app}.invariants").breaches():
                raise CommandError(breach)
            checked.append(app)
        self.stdout.write(f"Everything holds ({', '.join(checked)}).")
