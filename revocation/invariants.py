"""What must hold of revocations and lists after every fault, at every time (G4, G6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from accounts.models import Notice
from certificates.models import CertificationAuthority
from revocation import list_examination, selectors
from revocation.list_examination import UnreadableListError
from revocation.models import Crl, CrlEntry, RevocationRequest
from revocation.services import telling

ALARM_WITHIN: Final = timedelta(minutes=5)

_QUERIES = {
    "G4: certificate {0} is revoked and on no list to come": """
        SELECT c.management_number FROM certificates_certificate c
        LEFT JOIN revocation_crlentry e ON e.certificate_id = c.id AND e.authority_id = c.authority_id
            AND e.serial = c.serial AND e.shard = c.shard AND e.revoked_at = c.revoked_at
        WHERE c.revoked_at IS NOT NULL AND e.id IS NULL
    """,
    "G4: certificate {0} is on a list and not revoked": """
        SELECT c.management_number FROM revocation_crlentry e JOIN certificates_certificate c
            ON c.authority_id = e.authority_id AND c.serial = e.serial
        WHERE c.revoked_at IS NULL
    """,
    "G4: list {0} came after list {1}": """
        SELECT number, before FROM (
            SELECT number, lag(number) OVER (PARTITION BY authority_id, shard ORDER BY id) AS before FROM revocation_crl
        ) AS lists WHERE number <= before
    """,
    "G4: list {0} is dated before the one before it": """
        SELECT number FROM (
            SELECT number, this_update, lag(this_update) OVER (PARTITION BY authority_id, shard ORDER BY id) AS before
            FROM revocation_crl
        ) AS lists WHERE this_update < before
    """,
    "G4: request {0} is completed, and its certificate is not revoked": """
        SELECT r.number FROM revocation_revocationrequest r JOIN certificates_certificate c ON c.id = r.certificate_id
        WHERE r.status IN ('revoked', 'notified') AND c.revoked_at IS NULL
    """,
}


def breaches() -> Iterator[str]:
    """Yield one line for everything that does not hold."""
    for words, query in _QUERIES.items():
        with connection.cursor() as cursor:
            cursor.execute(query)
            for row in cursor.fetchall():
                yield words.format(*row)
    yield from _unalarmed()
    for authority in CertificationAuthority.objects.filter(issuer__isnull=False):
        for shard in range(authority.shards):
            yield from _lacking(authority, shard)


def remarks() -> Iterator[str]:
    """Yield what people are late with: the alarm has risen, so nothing is broken, but somebody should act."""
    for case in selectors.late_countersignatures(timezone.now()):
        due = timezone.localtime(case.countersign_due_at)
        yield f"late: {case.number} should have been countersigned by another approver by {due:%Y-%m-%d %H:%M}"


def _unalarmed() -> Iterator[str]:
    """Yield what has waited longer than its limit although nobody was alarmed (G6); the sweep has a few minutes."""
    at = timezone.now() - ALARM_WITHIN
    for case in selectors.late_countersignatures(at):
        if not _was_alarmed(case, telling.COUNTERSIGN_LATE):
            yield f"G6: {case.number} was not countersigned in time, and no approver was alarmed"
    for case in selectors.past_half_time(at):
        if not _was_alarmed(case, telling.HALF_TIME):
            yield f"G6: half of the time of {case.number} is gone, and no approver was alarmed"


def _was_alarmed(case: RevocationRequest, step: str) -> bool:
    return Notice.objects.filter(dedupe__startswith=f"revocation:{step}:{case.pk}:").exists()


def _lacking(authority: CertificationAuthority, shard: int) -> Iterator[str]:
    """Yield what the newest list of a shard lacks of all that its snapshot sees."""
    crl = Crl.objects.filter(authority=authority, shard=shard).order_by("-number").first()
    if crl is None:
        return
    try:
        listed = {f"{entry.serial_number:x}" for entry in list_examination.read(selectors.bytes_of(crl))}
    except UnreadableListError as error:
        yield f"G4: list {crl.number}: {error}"
        return
    entries = CrlEntry.objects.filter(authority=authority, shard=shard).exclude(dropped_after__lt=crl.number)
    due = set(selectors.seen_by(entries, crl.snapshot).values_list("serial", flat=True))
    for serial in sorted(due - listed):
        yield f"G4: list {crl.number} lacks {serial}"
