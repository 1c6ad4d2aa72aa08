"""Many revoked certificates of one authority, written by the database from one that went through the services."""

from datetime import UTC, datetime
from typing import Any

from benchmarks import bench, orders
from benchmarks.population import bare, copied

CHUNK = 100_000
TABLES = ("certificates_order", "certificates_intent", "certificates_certificate", "revocation_crlentry")
REASONS = (1, 3, 4, 5, 9)
"""Reason codes of RFC 5280, 5.3.1, in turn."""

_SERIAL = "('4' || substr(md5('{name}' || n), 2))"
_REASON = f"(ARRAY{list(REASONS)})[1 + n % {len(REASONS)}]"
_REVOKED_AT = "(date_trunc('second', now()) - (n % 300000) * interval '2 minutes')"
# SEQUENCE { INTEGER of 16 octets, UTCTime, SEQUENCE { reasonCode } }, as `revocation.entries` writes it.
_ENTRY = (
    "decode('302f0210' || {serial} || '170d'"
    " || encode(convert_to(to_char({at} AT TIME ZONE 'UTC', 'YYMMDDHH24MISS') || 'Z', 'UTF8'), 'hex')"
    " || '300c300a0603551d1504030a01' || lpad(to_hex({reason}), 2, '0'), 'hex')"
)


def certified(issuer: str, count: int) -> list[Any]:
    """Let the signer make `count` certificates of an authority; the rows."""
    from certificates.models import Certificate  # noqa: PLC0415 — Django is set up by now
    from certificates.worker import batch  # noqa: PLC0415

    rows = orders.queue(count, issuer=issuer)
    while batch.run():
        pass
    return list(Certificate.objects.filter(order__in=[row.pk for row in rows]).select_related("authority"))


def revoke(certificate: Any, ground: str = "lra:superseded") -> None:
    """Revoke one certificate through the service; the list follows by itself."""
    from audit.actors import Actor  # noqa: PLC0415
    from revocation.services import revoking  # noqa: PLC0415

    actor = Actor.system("publisher")
    assert revoking.revoke(certificate=certificate, ground=ground, actor=actor, at=datetime.now(UTC))


def many(issuer: str, count: int) -> None:
    """Write `count` revoked certificates of an authority with their orders, intents and entries."""
    from django.db import connection  # noqa: PLC0415

    (template,) = certified(issuer, 1)
    revoke(template)
    with connection.cursor() as cursor, bare(cursor, TABLES):
        for first in range(0, count, CHUNK):
            _write(cursor, issuer, template.pk, first, min(first + CHUNK, count))
            bench.say(f"  {issuer}: {min(first + CHUNK, count)} revoked")


def _write(cursor: Any, issuer: str, template: Any, first: int, last: int) -> None:
    serial = _SERIAL.format(name=issuer)
    certificate = f"certificates_certificate c ON c.id = '{template}'"
    drawn = f"generate_series({first}, {last - 1}) AS n JOIN {certificate} JOIN"
    order, intent, own = (f"md5('{kind}{issuer}' || n)::uuid" for kind in ("o", "i", "c"))
    twice = f"md5('x{issuer}' || n) || md5('y' || n)"
    copied(
        cursor,
        "certificates_order",
        {"id": order, "story": order, "frozen": "'{}'"},
        f"{drawn} certificates_order t ON t.id = c.order_id",
    )
    copied(
        cursor,
        "certificates_intent",
        {"id": intent, "order_id": order, "serial": serial},
        f"{drawn} certificates_intent t ON t.id = c.intent_id",
    )
    columns = {
        "id": own, "story": order, "order_id": order, "intent_id": intent, "serial": serial, "slot": "'past'",
        "management_number": f"'{issuer[-8:]}-' || n", "sha256": twice, "public_key_sha256": twice,
        "revoked_at": _REVOKED_AT, "reason_code": _REASON,
    }  # fmt: skip
    copied(cursor, "certificates_certificate", columns, f"{drawn} certificates_certificate t ON t.id = c.id")
    columns = {
        "id": "nextval(pg_get_serial_sequence('revocation_crlentry', 'id'))", "certificate_id": own, "serial": serial,
        "entry_der": _ENTRY.format(serial=serial, at=_REVOKED_AT, reason=_REASON), "revoked_at": _REVOKED_AT,
        "xid": "pg_current_xact_id()::text::bigint",
    }  # fmt: skip
    copied(cursor, "revocation_crlentry", columns, f"{drawn} revocation_crlentry t ON t.certificate_id = c.id")
