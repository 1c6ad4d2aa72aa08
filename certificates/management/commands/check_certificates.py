"""`manage.py check_certificates`: everything stored against rows, intents, approvals and lint, now and whole."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.acts import Act
from audit.services import record
from certificates.models import Certificate
from certificates.services import alarms
from certificates.worker import check_rounds, checking


class Command(BaseCommand):
    """Look at every authority and every certificate; stop at the first finding."""

    help = "Re-audit every stored certificate; exits non-zero on the first finding."

    def handle(self, *_arguments: object, **_options: Any) -> None:
        at, first = timezone.now(), next(checking.everything(), None)
        details = {"checked": Certificate.objects.count(), "findings": [first] if first else [], "by": "command"}
        record(act=Act.CERTIFICATE_CHECK, actor=check_rounds.CHECKER, at=at, details=details)
        if first:
            alarms.raise_alarm(what=first, key="check", at=at)
            raise CommandError(first)
        self.stdout.write(f"All {details['checked']} certificates and their authorities are as they were approved.")
