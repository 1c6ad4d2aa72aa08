"""`manage.py rotate_keys`: what older vault keys have closed is put under the new ones; stop and go on at will."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from cryptography.exceptions import InvalidTag
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import key_rotation
from accounts.models import User
from audit.refusals import Refused
from vault.models import Purpose
from vault.resealing import KeyProblemError

STOPS = (signal.SIGINT, signal.SIGTERM)


class Command(BaseCommand):
    """Work through the purposes that this process holds keys of, one portion after the other."""

    help = "Seal everything of some purposes anew under the key that comes first in their ring; a key officer's."
    stopped = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("purposes", nargs="+", metavar="purpose", help=", ".join(Purpose.values))
        parser.add_argument("--person", required=True, help="mail address of the key officer at the console")
        parser.add_argument("--reason", required=True)

    def handle(self, *_arguments: object, **options: Any) -> None:
        before = [signal.signal(number, self._stop) for number in STOPS]
        try:
            officer = User.objects.get(email=options["person"].lower(), is_active=True)
            for name in options["purposes"]:
                self._rotate(Purpose(name), officer, options["reason"])
        except User.DoesNotExist:
            raise CommandError(f"There is no account “{options['person']}”.") from None
        except InvalidTag:
            raise CommandError("A blob does not open under its key: it was tampered with. It stays as it is.") from None
        except (Refused, ValueError, KeyProblemError, ImproperlyConfigured) as refused:
            raise CommandError(str(getattr(refused, "message", refused))) from refused
        finally:
            for number, handler in zip(STOPS, before, strict=True):
                signal.signal(number, handler)

    def _rotate(self, purpose: Purpose, officer: User, reason: str) -> None:
        def go_on(done: int, total: int) -> bool:
            self._show(f"{purpose}: {done} of {total}", last=done >= total)
            return not self.stopped

        actor = officer.actor("console")
        if not key_rotation.rotate(purpose=purpose, actor=actor, reason=reason, clock=timezone.now, go_on=go_on):
            raise CommandError(f"Stopped within {purpose}. Everything opens; the same command goes on.")
        self.stdout.write(f"{purpose}: everything is under the new key; older ones can be taken out of the ring.")

    def _show(self, line: str, *, last: bool) -> None:
        """Show how far it is: on one line where somebody looks on, else line by line."""
        self.stdout.write(line, ending="\r" if self.stdout.isatty() and not last else "\n")
        self.stdout.flush()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        """End the work after the portion that is under way."""
        self.stopped = True
