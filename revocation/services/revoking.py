"""The revocation itself: one committed transaction that marks, writes the list's entry and raises the epoch.

Publishing follows and never undoes it. A second revocation changes nothing, except that a key compromise
found later replaces the ground and keeps the date.
"""

from datetime import datetime

from django.db import connection, transaction

from accounts.nudges import nudge
from audit.actors import Actor
from certificates.models import Certificate
from certificates.services.revocations import mark_revoked
from revocation.entries import entry_der
from revocation.grounds import reason_code
from revocation.models import CrlEntry


@transaction.atomic
def revoke(
    *,
    certificate: Certificate,
    ground: str,
    actor: Actor,
    at: datetime,
    invalid_since: datetime | None = None,
    nudging: bool = True,
) -> bool:
    """Revoke a certificate on a ground of `revocation.grounds`; returns whether anything changed.

    `at` counts in whole seconds, as in the list. `invalid_since` is when the key is thought to have been
    compromised, and is printed only with that reason. Who revokes many nudges
    the publisher once, by itself. Raises NotAllowed for a role that may not revoke.
    """
    at = at.replace(microsecond=0)
    reason = reason_code(ground)
    since = invalid_since.replace(microsecond=0) if invalid_since and reason == 1 else None
    changed = mark_revoked(
        certificate=certificate, ground=ground, reason_code=reason, invalidity_date=since, actor=actor, at=at
    )
    if changed:
        _write_entry(certificate)
        if nudging:
            nudge("revocation.publish")
    return changed


def siblings(certificate: Certificate) -> list[Certificate]:
    """Other certificates over the same key that are not revoked: they fall with it when it is compromised."""
    same = Certificate.objects.filter(public_key_sha256=certificate.public_key_sha256, revoked_at=None)
    return list(same.exclude(pk=certificate.pk))


def current_xid() -> int:
    """The number of this transaction; whether a list had to contain what it wrote is decided by it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])


def _write_entry(certificate: Certificate) -> None:
    """Write the entry, or write it anew after the ground was raised: the date in it stays the first one."""
    if certificate.revoked_at is None:
        raise AssertionError("only what is revoked has an entry")
    encoded = entry_der(
        serial=int(certificate.serial, 16),
        revoked_at=certificate.revoked_at,
        reason=certificate.reason_code,
        invalid_since=certificate.invalidity_date,
    )
    CrlEntry.objects.update_or_create(
        authority_id=certificate.authority_id,
        serial=certificate.serial,
        defaults={"entry_der": encoded, "xid": current_xid()},
        create_defaults={
            "entry_der": encoded,
            "xid": current_xid(),
            "shard": certificate.shard,
            "certificate": certificate,
            "revoked_at": certificate.revoked_at,
            "ends_at": certificate.not_after,
        },
    )
