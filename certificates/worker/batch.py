"""Signing in batches: exactly once, whatever dies (O-1.1).

    claim and store intents → build and lint → sign, note in the journal → store in one commit

A batch is held by one signer under a session advisory lock and a lease. Only when the lock is free and
the lease has run out does the sweep give its orders to another batch, with new serials.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import connection

from certificates.models import CertificationAuthority, Order
from certificates.profiles import CertificateProfile
from certificates.rules import KEY_BY_LRA
from certificates.worker import claims, crash, keys, linting, signing, storing, vitals
from certificates.worker.claims import Berth, Claim, KeyPool
from certificates.worker.storing import Signed
from regulations.models import Suspension

log = structlog.get_logger(__name__)
LIMIT: Final = 100
KEYS_PER_BATCH: Final = 8
SECONDS: Final = 20.0
LEASE: Final = timedelta(seconds=float(os.environ.get("SIGNER_LEASE_SECONDS", "60")))


def signer_name() -> str:
    """Return how this process is named in intents and heartbeats."""
    return f"signer@{socket.gethostname()}:{os.getpid()}"


def run(*, limit: int = LIMIT) -> int:
    """Sign batch after batch until nothing waits or the time for one task is over; returns how many."""
    until = time.monotonic() + SECONDS
    total = 0
    while True:
        done = sign_one_batch(limit=limit)
        total += done
        if not done or time.monotonic() > until:
            return total


def sign_one_batch(*, limit: int = LIMIT) -> int:
    """Claim, lint, sign and store up to `limit` orders; returns how many were claimed.

    Does nothing, and says so in the signer's heartbeat, when the clock, the journal or a key forbids it.
    """
    name = signer_name()
    try:
        at = vitals.fit_to_sign()
    except vitals.NotFitError as refusal:
        vitals.beat(name, refuses=str(refusal))
        return 0
    issuers, missing = _open_keys()
    vitals.beat(name, at=at, refuses=missing)
    if Suspension.objects.running(at).exists():
        return 0
    pool = _new_keys(issuers)
    with _berth(name) as berth:
        claimed = claims.claim(berth=berth, keys=pool, issuers=issuers, limit=limit, at=at)
        if claimed:
            _finish(claimed, at)
    return len(claimed)


def _finish(claimed: Sequence[Claim], at: datetime) -> None:
    released, failed = _linted(claimed)
    crash.point("before_signing")
    signed, broken = _signed(released)
    _note(signed, at)
    crash.point("before_storing")
    rows = storing.store(signed, [*failed, *broken], at=at)
    crash.point("after_storing")
    log.info("batch signed", claimed=len(claimed), issued=len(rows), failed=len(failed) + len(broken))


def _linted(
    claimed: Sequence[Claim],
) -> tuple[list[tuple[Claim, linting.LintedCertificate]], list[tuple[Claim, list[str]]]]:
    """Lint each as it will be issued; a finding stops that one order and no other."""
    released, failed = [], []
    for claim in claimed:
        try:
            released.append((claim, linting.lint(claim.plan)))
        except linting.LintFailedError as error:
            failed.append((claim, error.findings))
        except (ValueError, TypeError) as error:
            failed.append((claim, [f"lra.build: {error}"]))
    return released, failed


def _signed(
    released: Sequence[tuple[Claim, linting.LintedCertificate]],
) -> tuple[list[Signed], list[tuple[Claim, list[str]]]]:
    signed, broken = [], []
    for claim, linted in released:
        key = keys.load(claim.intent.authority.key_reference)
        try:
            signed.append(storing.packed(claim, signing.sign(linted, key)))
        except signing.SignatureMismatchError as error:
            broken.append((claim, [f"lra.signature: {error}"]))
    return signed, broken


def _note(signed: Sequence[Signed], at: datetime) -> None:
    """Flush the signatures made to each authority's journal, before the database hears of them."""
    for authority in {item.claim.intent.authority_id for item in signed}:
        mine = [item for item in signed if item.claim.intent.authority_id == authority]
        vitals.journal(authority).note_certificates(((item.serial, item.sha256) for item in mine), at=at)


def _open_keys() -> tuple[list[str], str]:
    """Open the keys of the issuers before anything is claimed; returns those at hand and what is missing."""
    at_hand, missing = [], []
    for authority in CertificationAuthority.objects.exclude(issuer=None).order_by("name"):
        try:
            keys.load(authority.key_reference)
        except keys.KeyUnavailableError as error:
            missing.append(f"{authority.name}: {error}")
        else:
            at_hand.append(authority.name)
    return at_hand, "; ".join(missing)[:200]


def _new_keys(issuers: Sequence[str]) -> KeyPool:
    """Make the key pairs that waiting orders need, before any intent and outside any transaction."""
    waiting = Order.objects.filter(
        status="queued", frozen__key_mode=KEY_BY_LRA, frozen__profile__issuer__in=list(issuers)
    )
    pool: KeyPool = {}
    for profile in waiting.order_by("status_since").values_list("frozen__profile", flat=True)[:KEYS_PER_BATCH]:
        try:
            kind = CertificateProfile.parse(profile).lra_key_type
            pool.setdefault(kind, []).append(keys.generate(kind))
        except (KeyError, TypeError, ValueError):
            continue  # the claim finds the same fault and says so on the order
    return pool


@contextmanager
def _berth(name: str) -> Iterator[Berth]:
    """Hold a session advisory lock of its own for one batch; it goes with the connection at the latest."""
    lock_key = secrets.randbits(62)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [lock_key])
    try:
        yield Berth(name, lock_key, LEASE)
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [lock_key])
