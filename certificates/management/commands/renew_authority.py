"""`manage.py renew_authority`: a new certificate for the key that an authority has; the old one stays on record."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.actors import Actor
from certificates.models import CertificationAuthority
from certificates.worker import authorities, ceremony, keys, records


class Command(BaseCommand):
    """Renew an authority's certificate and print the record to be signed."""

    help = "Make a new certificate for an authority's key. For a new key: create_authority --succeeds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="short name of the root or issuing CA")

    def handle(self, *_arguments: object, **options: Any) -> None:
        try:
            authority = CertificationAuthority.objects.get(name=options["name"])
            renewed = authorities.renew(authority=authority, actor=Actor.system("ceremony"), at=timezone.now())
        except CertificationAuthority.DoesNotExist:
            raise CommandError(f"There is no authority named “{options['name']}”.") from None
        except (ceremony.CeremonyError, keys.KeyUnavailableError) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write("\n".join(records.lines_of(renewed)))
