"""`manage.py check_crl FILE-or-URL`: whether a published list is what it must be, by the library's reading alone."""

from __future__ import annotations

import urllib.request
from argparse import ArgumentParser
from itertools import islice
from pathlib import Path
from typing import Any

from cryptography import x509
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from revocation import list_examination, selectors
from revocation.list_examination import UnreadableListError

LARGEST = 512 * 1024 * 1024
SECONDS = 60
SHOWN = 20


class Command(BaseCommand):
    """Examine one list, alone or beside the one before it; exits with 1 and the findings."""

    help = "Examine a revocation list from a file or an http address; exits with 1 and what was found."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("place", metavar="FILE-or-URL")
        parser.add_argument("--previous", metavar="FILE-or-URL", help="the list before: nothing of it may be lost")
        parser.add_argument("--issuer", metavar="FILE-or-URL", help="the issuer's certificate, to check the signature")

    def handle(self, *_arguments: object, place: str, previous: str | None, issuer: str | None, **_rest: Any) -> None:
        try:
            crl = list_examination.read(contents(place))
            before = list_examination.read(contents(previous)) if previous else None
            signer = certificate(contents(issuer)) if issuer else None
        except (UnreadableListError, OSError, ValueError) as error:
            raise CommandError(f"{place}: {error}") from error
        found = list(islice(list_examination.findings(crl, issuer=signer, now=timezone.now()), SHOWN))
        if before is not None:
            gone = ended(list_examination.lost_from(before, crl), before)
            found += islice(list_examination.findings_beside(before, crl, ended=gone), SHOWN)
        if found:
            raise CommandError("\n".join(f"{place}: {finding}" for finding in found))
        unchecked = "" if signer else " Its signature was not checked: no --issuer."
        number, count = list_examination.number_of(crl), len(crl)
        self.stdout.write(f"List {number} of {crl.issuer.rfc4514_string()} is sound: {count} entries.{unchecked}")


def contents(place: str) -> bytes:
    """Return the bytes of a file, or of an http address. Raises OSError or ValueError."""
    if not place.startswith(("http://", "https://")):
        return Path(place).read_bytes()
    with urllib.request.build_opener().open(place, timeout=SECONDS) as answer:
        data: bytes = answer.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError("it is too large")
    return data


def certificate(data: bytes) -> x509.Certificate:
    """Read a certificate in DER or PEM. Raises ValueError."""
    if data.lstrip().startswith(b"-----BEGIN"):
        return x509.load_pem_x509_certificate(data)
    return x509.load_der_x509_certificate(data)


def ended(serials: set[int], before: x509.CertificateRevocationList) -> set[int]:
    """Return those serials whose certificates had ended when the list before was issued; none without a register."""
    try:
        return selectors.ended_entries(before.issuer.public_bytes(), serials, before.last_update_utc)
    except DatabaseError:
        return set()
