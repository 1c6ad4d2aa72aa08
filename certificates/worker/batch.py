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
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import connection

from certificates.models import Intent
from certificates.profiles import CertificateProfile
from certificates.rules import KEY_BY_LRA
from certificates.worker import authorities, claims, crash, keys, linting, signing, storing, vitals
from certificates.worker.claims import Berth, Claim, KeyPool
from certificates.worker.storing import Signed
from regulations.models import Suspension

log = structlog.get_logger(__name__)
FIRST: Final = 50
LIMIT: Final = 500
KEYS_PER_BATCH: Final = 8
BATCH_SECONDS: Final = 5.0
SECONDS: Final = 20.0
LEASE: Final = timedelta(seconds=float(os.environ.get("SIGNER_LEASE_SECONDS", "60")))


def signer_name() -> str:
    """Return how this process is named in intents and heartbeats."""
    return f"signer@{socket.gethostname()}:{os.getpid()}"


def run() -> int:
    """Sign batch after batch until nothing waits or the time for one task is over; returns how many.

    A batch is as large as this signer with its keys has just shown to do in a few seconds: small for a slow HSM.
    """
    begun = time.monotonic()
    total, size = 0, FIRST
    while True:
        batch_begun = time.monotonic()
        done = sign_one_batch(limit=size)
        now = time.monotonic()
        total += done
        if not done or now - begun > SECONDS:
            return total
        size = fitting_size(done, now - batch_begun)


def fitting_size(done: int, seconds: float) -> int:
    """Return how many orders the next batch may hold when `done` took so many seconds."""
    return max(1, min(LIMIT, int(done * BATCH_SECONDS / max(seconds, 0.001))))


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
    away, why = _open_keys()
    vitals.beat(name, at=at, refuses=why)
    if Suspension.objects.running(at).exists():
        return 0
    pool = _new_keys(away)
    with _berth(name) as berth:
        claimed = claims.claim(berth=berth, keys=pool, limit=limit, at=at, away=away)
        return _finish(claimed, at) if claimed else 0


def _finish(claimed: Sequence[Claim], at: datetime) -> int:
    """Bring a batch to its end; returns how many it was, or 0 when a key failed, so that nobody goes on at once."""
    released, failed = _linted(claimed)
    crash.point("before_signing")
    released, held = _without_suspended(released)
    done = _signed(released)
    _note(done.signed, at)
    crash.point("before_storing")
    failed += done.broken
    rows = storing.store(done.signed, failed, at=at)
    crash.point("after_storing")
    storing.give_back([claim.intent for claim in done.unsigned], reason="the key failed", at=at)
    storing.give_back(held, reason="the service is suspended", at=at)
    if done.refusal:
        vitals.beat(signer_name(), at=at, refuses=done.refusal)
    log.info("batch signed", claimed=len(claimed), issued=len(rows), failed=len(failed), back=len(done.unsigned))
    return 0 if done.refusal else len(claimed)


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


def _without_suspended(
    released: Sequence[tuple[Claim, linting.LintedCertificate]],
) -> tuple[list[tuple[Claim, linting.LintedCertificate]], list[Intent]]:
    """Keep out, at the last moment, what was claimed just before its service was suspended; it waits (O-11.1)."""
    stopped = claims.suspended_since([claim for claim, _linted in released])
    kept = [(claim, linted) for claim, linted in released if claim.order.subscription_id not in stopped]
    return kept, [claim.intent for claim, _linted in released if claim.order.subscription_id in stopped]


@dataclass
class Signatures:
    """What came of signing a batch: certificates, orders that fail, and those for which a key failed."""

    signed: list[Signed] = field(default_factory=list)
    broken: list[tuple[Claim, list[str]]] = field(default_factory=list)
    unsigned: list[Claim] = field(default_factory=list)
    refusal: str = ""


def _signed(released: Sequence[tuple[Claim, linting.LintedCertificate]]) -> Signatures:
    """Sign each with its issuer's key; a key that fails is not asked again in this batch (fault 10)."""
    done, at_hand = Signatures(), dict[str, keys.SigningKey | None]()
    for claim, linted in released:
        place = claim.authority.key_reference
        try:
            key = at_hand[place] if place in at_hand else at_hand.setdefault(place, keys.load(place))
            if key is None:
                done.unsigned.append(claim)
            else:
                done.signed.append(storing.packed(claim, signing.sign(linted, key)))
        except keys.KeyUnavailableError as error:
            at_hand[place] = None
            done.unsigned.append(claim)
            done.refusal = f"{claim.authority.name}: {error}"
        except signing.SignatureMismatchError as error:
            done.broken.append((claim, [f"lra.signature: {error}"]))
    return done


def _note(signed: Sequence[Signed], at: datetime) -> None:
    """Flush the signatures made to each authority's journal, before the database hears of them."""
    for authority in {item.claim.intent.authority_id for item in signed}:
        mine = [item for item in signed if item.claim.intent.authority_id == authority]
        vitals.journal(authority).note_certificates(((item.serial, item.sha256) for item in mine), at=at)


def _open_keys() -> tuple[set[str], str]:
    """Open the keys of the issuers before anything is claimed; returns the names that go without, and why."""
    signing_for = authorities.generations()
    missing: dict[str, str] = {}
    for authority in {one.pk: one for one in signing_for.values()}.values():
        try:
            keys.load(authority.key_reference)
        except keys.KeyUnavailableError as error:
            missing[authority.name] = f"{authority.name}: {error}"
    away = {name for name, authority in signing_for.items() if authority.name in missing}
    return away, "; ".join(missing.values())[:200]


def _new_keys(away: Collection[str]) -> KeyPool:
    """Make the key pairs that waiting orders need, before any intent and outside any transaction."""
    waiting = claims.queued(away).filter(frozen__key_mode=KEY_BY_LRA)
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
