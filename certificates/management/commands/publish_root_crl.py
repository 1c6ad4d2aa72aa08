"""`manage.py publish_root_crl`: the root's own CRL, made anew where the root's key is."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.actors import Actor
from audit.acts import Act
from audit.services import record
from certificates.models import CertificationAuthority
from certificates.worker import authorities, keys


class Command(BaseCommand):
    """Sign the root's next CRL and store it."""

    help = "Sign and store the next CRL of a root."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--root-name", default="root")

    def handle(self, *_arguments: object, **options: Any) -> None:
        at = timezone.now()
        try:
            root = CertificationAuthority.objects.get(name=options["root_name"], issuer=None)
            crl = authorities.publish_root_crl(root=root, at=at)
        except CertificationAuthority.DoesNotExist:
            raise CommandError(f"There is no root named “{options['root_name']}”.") from None
        except keys.KeyUnavailableError as missing:
            raise CommandError(str(missing)) from missing
        details = {"number": str(crl.number), "next_update": crl.next_update.isoformat()}
        record(act=Act.CRL_PUBLISH, actor=Actor.system("ceremony"), at=at, subject=root, details=details)
        self.stdout.write(f"CRL {crl.number} of {root.name}, next update by {crl.next_update:%F %T} UTC")
