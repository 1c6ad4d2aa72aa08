"""Brings lists out: reads entries, builds, checks, stores; one at a time per issuer and shard.

The order of the steps is what makes it right. Under the lock: the last list; the clock, from the database;
the snapshot that is stored; only then the entries, by a statement that sees at least that snapshot. What was
committed before it is therefore in the list, and whatever else is in was committed since.
"""

import hashlib
import tempfile
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import settings
from django.db import connection, transaction

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.services import record
from certificates.models import CertificationAuthority
from certificates.worker import authorities, keys
from certificates.worker.journal import Journal, JournalUnavailableError
from certificates.worker.keys import KeyUnavailableError
from revocation import selectors
from revocation.models import Crl, CrlChunk, CrlEntry
from revocation.worker import crl_building, crl_checks
from revocation.worker.crl_checks import BadCrlError
from revocation.worker.entry_stream import Entries

# Older lists are forgotten but for their line: a transfer of the last ones may still be under way.
KEPT_LISTS = 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def publish_due(*, actor: Actor) -> list[Crl]:
    """Publish every list of every issuing authority that is due; returns the new ones.

    One that fails does not hold up the others; the first fault is raised when all have had their turn.
    """
    made, faults = [], []
    for authority in CertificationAuthority.objects.filter(issuer__isnull=False).order_by("name"):
        for shard in range(authority.shards):
            try:
                made.append(publish(authority=authority, shard=shard, actor=actor))
            except (BadCrlError, KeyUnavailableError, JournalUnavailableError, OSError) as fault:
                faults.append(fault)
    if faults:
        raise faults[0]
    return [crl for crl in made if crl]


@transaction.atomic
def publish(*, authority: CertificationAuthority, shard: int, actor: Actor, force: bool = False) -> Crl | None:
    """Publish one list if it is due: something was revoked since the last, or the last grows old.

    Returns the new list, or None when none was due. Raises BadCrlError for a list that failed its checks; then
    nothing is stored and the last one goes on being served.
    """
    actor = authorise(actor=actor, act=Act.CRL_PUBLISH)
    _lock(authority, shard)
    last = Crl.objects.filter(authority=authority, shard=shard).order_by("-number").first()
    now, snapshot = _clock(), _snapshot()
    _let_stay_current(authority, shard)
    if last and not force and not _due(authority, shard, last, now):
        return None
    crl = _built(authority, shard, last, now, snapshot)
    _drop_ended(crl)
    _forget_old(crl)
    details = {"number": str(crl.number), "entries": crl.entry_count, "sha256": crl.sha256}
    record(act=Act.CRL_PUBLISH, actor=actor, at=crl.built_at, subject=crl, details=details)
    return crl


def _built(authority: CertificationAuthority, shard: int, last: Crl | None, now: datetime, snapshot: str) -> Crl:
    """Write, check and store the next list; without a fault it is the newest when the transaction ends."""
    this_update = max(now, last.this_update) if last else now
    head = _head(authority, shard, _next_number(authority, shard, last, now), this_update)
    with tempfile.TemporaryFile() as file:
        entries = Entries(authority, shard)
        written = _write(authority, head, entries, file)
        read_at = _clock()
        _check(authority, head, entries.count, file, last)
        crl = Crl.objects.create(
            authority=authority,
            shard=shard,
            number=head.number,
            this_update=this_update,
            next_update=head.next_update,
            snapshot=snapshot,
            entry_count=entries.count,
            size=written.size,
            sha256=written.sha256.hex(),
            current_from=read_at + selectors.WAIT,
            built_at=read_at,
        )
        _store(crl, file)
        _journal(authority).note_crl(shard=shard, number=head.number, at=read_at)
    return crl


def _let_stay_current(authority: CertificationAuthority, shard: int) -> None:
    """Note of what is served that it is served for good: no clock that is set back brings an older list out again."""
    noted = selectors.served_lists().filter(authority=authority, shard=shard, current_from__gt=_EPOCH)
    noted.update(current_from=_EPOCH)


def _lock(authority: CertificationAuthority, shard: int) -> None:
    """One builder per issuer and shard, until the transaction ends."""
    name = hashlib.sha256(f"crl:{authority.pk}:{shard}".encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(name[:8], "big", signed=True)])


def _clock() -> datetime:
    """The database's clock now, not at the begin of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)


def _snapshot() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])


def _due(authority: CertificationAuthority, shard: int, last: Crl, now: datetime) -> bool:
    if now >= selectors.republish_at(authority, last.this_update):
        return True
    live = CrlEntry.objects.filter(authority=authority, shard=shard, dropped_after=None)
    return selectors.unseen_by(live, last.snapshot).exists()


def _next_number(authority: CertificationAuthority, shard: int, last: Crl | None, now: datetime) -> int:
    """Strictly growing, and never used again: not after a restore from an older copy, nor by a clock set back."""
    newest = max(int(last.number) if last else 0, _journal(authority).last_crl_number(shard))
    return max(newest + 1, (now - _EPOCH) // _MICROSECOND)


def _journal(authority: CertificationAuthority) -> Journal:
    return Journal(settings.JOURNAL_DIR, authority.pk)


def _head(authority: CertificationAuthority, shard: int, number: int, this_update: datetime) -> crl_building.Head:
    certificate = authorities.certificate_of(authority)
    identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    return crl_building.Head(
        issuer=bytes(authority.subject_der),
        key_identifier=identifier,
        number=number,
        this_update=this_update,
        next_update=min(selectors.overlap_end(authority, this_update), authority.not_after),
        distribution_point=bytes(authority.distribution_points.get(shard=shard).der),
    )


def _write(
    authority: CertificationAuthority, head: crl_building.Head, entries: Entries, file: BinaryIO
) -> crl_building.Written:
    key = keys.load(authority.key_reference)
    return crl_building.write_crl(head=head, entries=entries, key=key, hash_name="sha256", target=file)


def _check(
    authority: CertificationAuthority, head: crl_building.Head, count: int, file: BinaryIO, last: Crl | None
) -> None:
    """Read the finished bytes back and hold them against what was meant and against the list before."""
    expected = crl_checks.Expected(
        head.issuer, head.number, head.this_update, head.next_update, head.distribution_point, count
    )
    public = authorities.certificate_of(authority).public_key()
    if not isinstance(public, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey)):
        raise BadCrlError("the issuer's key is of a kind that signs no lists")
    with crl_checks.opened(file) as data:
        crl_checks.check(data, expected=expected, key=public)
        if last and last.chunks.exists():
            with tempfile.TemporaryFile() as older:
                for body in last.chunks.order_by("position").values_list("body", flat=True).iterator(chunk_size=1):
                    older.write(body)
                older.flush()
                with crl_checks.opened(older) as before:
                    _refuse_lost(crl_checks.lost(before, data, may_go=lambda missing: _dropped(last, missing)))


def _refuse_lost(serials: set[int]) -> None:
    if serials:
        raise BadCrlError(f"{len(serials)} entries of the list before are missing, such as {min(serials):x}")


def _dropped(last: Crl, serials: set[int]) -> set[int]:
    """Those serials that had leave to go: `last`, issued after their certificate's end, still held them."""
    named = {f"{serial:x}": serial for serial in serials}
    gone = CrlEntry.objects.filter(
        authority_id=last.authority_id, serial__in=named, dropped_after__isnull=False, ends_at__lt=last.this_update
    )
    return {named[serial] for serial in gone.values_list("serial", flat=True)}


def _store(crl: Crl, file: BinaryIO) -> None:
    for position, body in enumerate(crl_building.chunks(file)):
        CrlChunk.objects.create(crl=crl, position=position, body=body)


def _drop_ended(crl: Crl) -> None:
    """Let entries go from the next list on, now that one issued after their certificate's end contains them."""
    ended = CrlEntry.objects.filter(
        authority_id=crl.authority_id, shard=crl.shard, dropped_after=None, ends_at__lt=crl.this_update
    )
    selectors.seen_by(ended, crl.snapshot).update(dropped_after=crl.number)


def _forget_old(crl: Crl) -> None:
    """Forget the bytes of older lists, but never of what is served now: newer ones may still wait for their second."""
    served = selectors.current_crl(crl.authority, crl.shard)
    if served is None:
        return
    lists = Crl.objects.filter(authority_id=crl.authority_id, shard=crl.shard, number__lte=served.number)
    kept = lists.order_by("-number").values_list("pk", flat=True)[:KEPT_LISTS]
    CrlChunk.objects.filter(crl__in=lists.exclude(pk__in=list(kept))).delete()
