"""Marks that a revocation leaves on a certificate; the requests and the lists are another app's.

The committed mark is the revocation (RFC 5280 5.3; O-15.1). Publishing follows and never undoes it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import BigIntegerField, F
from django.db.models.expressions import RawSQL

from accounts.models import Notice
from accounts.services import authorise
from accounts.states import NOTICE
from audit.actors import Actor
from audit.acts import Act
from audit.services import record, transition
from certificates.models import BlockedKey, Certificate, CertificationAuthority
from certificates.services import slots

KEY_COMPROMISE: Final = 1
WITHHOLDER: Final = Actor.system("withholder")


@transaction.atomic
def mark_revocation_requested(*, certificate: Certificate, at: datetime) -> Certificate:
    """Note that a request to revoke is open; the first one counts. The caller records the request.

    From now on nothing is handed out, and a PIN that has not left the outbox does not leave it.
    """
    Certificate.objects.filter(pk=certificate.pk, revocation_requested_at=None).update(revocation_requested_at=at)
    if certificate.pin_id is not None:
        _withhold_pin(certificate, at)
    certificate.refresh_from_db()
    return certificate


@transaction.atomic
def clear_revocation_requested(*, certificate: Certificate) -> Certificate:
    """Take the note away when the last open request was turned down. The caller records that."""
    Certificate.objects.filter(pk=certificate.pk, revoked_at=None).update(revocation_requested_at=None)
    certificate.refresh_from_db()
    return certificate


@transaction.atomic
def mark_revoked(
    *,
    certificate: Certificate,
    ground: str,
    reason_code: int | None,
    invalidity_date: datetime | None,
    actor: Actor,
    at: datetime,
) -> bool:
    """Revoke a certificate at `at`; returns whether anything changed.

    A second revocation changes nothing, but may raise the ground to key compromise, keeping the first
    date. `reason_code` is one of RFC 5280 5.3.1, or None for no reason extension (0 is refused). A
    compromised key is blocked for good. The issuer's status epoch rises in the same transaction.
    """
    actor = authorise(actor=actor, act=Act.CERTIFICATE_REVOKE)
    certificate_row = Certificate.objects.select_for_update().get(pk=certificate.pk)
    first = certificate_row.revoked_at is None
    raised = reason_code == KEY_COMPROMISE and certificate_row.reason_code != KEY_COMPROMISE
    if not (first or raised):
        return False
    columns: dict[str, Any] = {"ground": ground, "reason_code": reason_code, "invalidity_date": invalidity_date}
    if first:
        # What the next CRL has to contain is decided by this transaction's number, not by a clock.
        number = RawSQL("pg_current_xact_id()::text::bigint", (), output_field=BigIntegerField())
        columns |= {"revoked_at": at, "revocation_xid": number}
    Certificate.objects.filter(pk=certificate.pk).update(**columns)
    if first:
        slots.vacate(certificate_row)
    if reason_code == KEY_COMPROMISE:
        _block_key(certificate_row, ground, at)
    CertificationAuthority.objects.filter(pk=certificate_row.authority_id).update(status_epoch=F("status_epoch") + 1)
    details = {"ground": ground, "reason_code": reason_code, "first": first}
    record(act=Act.CERTIFICATE_REVOKE, actor=actor, at=at, subject=certificate_row, details=details)
    certificate.refresh_from_db()
    return True


def _withhold_pin(certificate: Certificate, at: datetime) -> None:
    """Give up the mails with the PIN that still wait; the holder can have it sent again if nothing is revoked."""
    waiting = Notice.objects.filter(secret_id=certificate.pin_id, status="waiting").select_for_update()
    for notice in waiting:
        columns = {"last_error": "withheld: revocation requested"}
        transition(machine=NOTICE, row=notice, act=Act.NOTICE_FAIL, actor=WITHHOLDER, at=at, columns=columns)


def _block_key(certificate: Certificate, ground: str, at: datetime) -> None:
    BlockedKey.objects.get_or_create(
        public_key_sha256=certificate.public_key_sha256, defaults={"reason": ground, "blocked_at": at}
    )
