"""What the responder reads from the database, and the one row that it writes.

Plain SQL, so that no model, form or account comes into this process; its role may read these tables
and insert into `revocation_responderkey`, no more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import InterfaceError, OperationalError, connection


@dataclass(frozen=True, slots=True)
class Status:
    """How a serial stood when its issuer's status epoch was `epoch`."""

    known: bool
    revoked_at: datetime | None
    reason: int | None
    epoch: int


_STATUS = """
SELECT authority.status_epoch, entry.revoked_at, certificate.reason_code, certificate.id IS NOT NULL
FROM certificates_certificationauthority AS authority
LEFT JOIN revocation_crlentry AS entry ON entry.authority_id = authority.id AND entry.serial = %(serial)s
LEFT JOIN certificates_certificate AS certificate
       ON certificate.authority_id = authority.id AND certificate.serial = %(serial)s
WHERE authority.id = %(authority)s
"""


def issuers() -> list[tuple[UUID, bytes]]:
    """(id, certificate) of every authority whose certificates are answered for: all but the roots."""
    rows = _rows("SELECT id, certificate_der FROM certificates_certificationauthority WHERE issuer_id IS NOT NULL")
    return [(row[0], bytes(row[1])) for row in rows]


def epochs() -> dict[UUID, int]:
    """The status epoch of every issuer: it rises in each transaction that revokes."""
    return dict(_rows("SELECT id, status_epoch FROM certificates_certificationauthority"))


def status(authority: UUID, serial: str) -> Status:
    """How one serial stands; one statement, so epoch and status belong to one snapshot."""
    ((epoch, revoked_at, reason, issued),) = _rows(_STATUS, {"authority": authority, "serial": serial})
    return Status(issued or revoked_at is not None, revoked_at, reason, epoch)


def ask_for_certificates(process: str, csr: bytes) -> UUID:
    """Leave a request for responder certificates; the publisher answers it. Returns the row's id."""
    key = uuid4()
    _rows(
        "INSERT INTO revocation_responderkey (id, process, csr_der, created_at)"
        " VALUES (%(id)s, %(process)s, %(csr)s, now()) RETURNING id",
        {"id": key, "process": process, "csr": csr},
    )
    return key


def certificates_for(key: UUID) -> list[tuple[UUID, bytes]]:
    """(issuer, certificate) of every certificate made for a key so far."""
    rows = _rows(
        "SELECT authority_id, der FROM revocation_respondercertificate WHERE key_id = %(id)s AND der <> ''",
        {"id": key},
    )
    return [(row[0], bytes(row[1])) for row in rows]


def _rows(sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Run one statement; a connection that has died since the last request is made anew, once."""
    for last in (False, True):
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, values)
                rows: list[tuple[Any, ...]] = cursor.fetchall()
                return rows
        except (OperationalError, InterfaceError):
            connection.close()
            if last:
                raise
    raise AssertionError("unreachable")
