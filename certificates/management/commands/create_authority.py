"""`manage.py create_authority`: the ceremony that makes an issuing CA, and its root when there is none.

With `--succeeds` the new one, with a new key, takes over what is ordered from the old name; the old one stays.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from audit.actors import Actor
from certificates.models import CertificationAuthority
from certificates.names import Part, check_parts
from certificates.profiles import MOST_SHARDS
from certificates.worker import authorities, ceremony, keys, records
from certificates.worker.authorities import Ceremony


class Command(BaseCommand):
    """Make an issuing CA and, the first time, its root; print the record to be signed."""

    help = "Make an issuing CA (and its root, the first time). Refuses to overwrite anything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="short name of the issuing CA, as the rules name it")
        parser.add_argument(
            "--succeeds", default="", help="name of the issuing CA that this one follows, with a new key"
        )
        parser.add_argument("--root-name", default="root", help="short name of its root (default: root)")
        parser.add_argument("--status-url", required=True, help="http base of CRLs and CA certificates")
        parser.add_argument("--ocsp-url", required=True, help="http address of the responder")
        parser.add_argument("--country", default="JP")
        parser.add_argument("--organization", default="Demo LRA", help="organization in both names")
        parser.add_argument("--common-name", default="", help="common name of the issuing CA")
        parser.add_argument("--root-common-name", default="", help="common name of the root")
        parser.add_argument("--key-type", default="p256", choices=["p256", "p384", "rsa2048", "rsa3072", "rsa4096"])
        parser.add_argument("--key-place", default="file", choices=sorted(keys.BACKENDS), help="where its key is made")
        parser.add_argument(
            "--shards", type=int, default=1, help="revocation lists that its certificates may be spread over (1 to 64)"
        )
        parser.add_argument("--root-key-place", default="file", choices=sorted(keys.BACKENDS))
        parser.add_argument("--root-key-type", default="p384", choices=["p256", "p384", "rsa3072", "rsa4096"])

    def handle(self, *_arguments: object, **options: Any) -> None:
        if CertificationAuthority.objects.filter(name=options["name"]).exists():
            raise CommandError(f"There is an authority named “{options['name']}” already. Nothing was changed.")
        if not 1 <= options["shards"] <= MOST_SHARDS:
            raise CommandError(f"--shards is a number from 1 to {MOST_SHARDS}. Nothing was changed.")
        try:
            with transaction.atomic():
                made = self._hold(options)
        except (ceremony.CeremonyError, keys.KeyUnavailableError) as refused:
            raise CommandError(str(refused)) from refused
        for authority in made:
            self.stdout.write("\n".join(records.lines_of(authority)))

    def _hold(self, options: dict[str, Any]) -> list[CertificationAuthority]:
        actor, at = Actor.system("ceremony"), timezone.now()
        made = []
        root = CertificationAuthority.objects.filter(name=options["root_name"], issuer=None).first()
        if root is None:
            root = authorities.create_root(wanted=_wanted(options, root=True), actor=actor, at=at)
            made.append(root)
        issuing = authorities.create_issuing(
            wanted=_wanted(options, root=False), root=root, actor=actor, at=at, succeeds=_predecessor(options)
        )
        return [*made, issuing]


def _predecessor(options: dict[str, Any]) -> CertificationAuthority | None:
    """Return the authority to be succeeded, or None; raises CeremonyError for a name that nobody has."""
    if not options["succeeds"]:
        return None
    found = CertificationAuthority.objects.filter(name=options["succeeds"]).first()
    if found is None:
        raise ceremony.CeremonyError(f"there is no authority named “{options['succeeds']}”")
    return found


def _wanted(options: dict[str, Any], *, root: bool) -> Ceremony:
    """Return one authority's part of the ceremony; raises CeremonyError for a name that can't stand."""
    name = options["root_name"] if root else options["name"]
    given = options["root_common_name"] if root else options["common_name"]
    title = given or f"{options['organization']} {'Root' if root else 'Issuing'} CA{'' if root else ' ' + name}"
    subject = (Part("C", options["country"]), Part("O", options["organization"]), Part("CN", title))
    violations = check_parts(subject)
    if violations:
        raise ceremony.CeremonyError("; ".join(f"{v.field}: {v.message}" for v in violations))
    return Ceremony(
        name=name,
        subject=subject,
        key_type=options["root_key_type"] if root else options["key_type"],
        addresses=ceremony.addresses(name=name, status_url=options["status_url"], ocsp_url=options["ocsp_url"]),
        key_place=options["root_key_place"] if root else options["key_place"],
        shards=1 if root else options["shards"],
    )
