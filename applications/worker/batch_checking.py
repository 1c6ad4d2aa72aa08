"""What only the whole file shows: people and keys that come twice, certificates held, applications under way.

Set-based statements over the checked lines; each fault names its line and column. The same is looked at again when
the file is filed, since days may lie between.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from applications.batches import Batch, BatchFault
from applications.rules.batch_lines import EMAIL, KEY
from applications.states import BATCH
from audit.actors import Actor
from audit.acts import Act
from audit.services import transition
from regulations.line_cells import in_both

MOST: Final = 1_000
Row = tuple[Any, ...]

# Each statement gives: line, the facts of the words in order. %(limit)s is how many subscriptions a subject may hold.
SUBJECT_TWICE: Final = """
    SELECT line, earlier FROM (
        SELECT line, subject_key,
               row_number() OVER same AS nth, first_value(line) OVER same AS earlier
        FROM applications_batchline WHERE batch_id = %(batch)s
        WINDOW same AS (PARTITION BY subject_key ORDER BY line)
    ) seen WHERE nth > %(limit)s ORDER BY line LIMIT %(most)s"""
ADDRESS_OF_ANOTHER: Final = """
    SELECT line, earlier FROM (
        SELECT line, name, first_value(name) OVER same AS first_name, first_value(line) OVER same AS earlier
        FROM applications_batchline WHERE batch_id = %(batch)s
        WINDOW same AS (PARTITION BY email ORDER BY line)
    ) seen WHERE name IS DISTINCT FROM first_name ORDER BY line LIMIT %(most)s"""
OWN_ADDRESS: Final = """
    SELECT line FROM applications_batchline
    WHERE batch_id = %(batch)s AND email = %(own)s ORDER BY line LIMIT %(most)s"""
CERTIFICATE_HELD: Final = """
    SELECT l.line FROM applications_batchline l
    JOIN regulations_subscription s ON s.target_system_id = %(system)s AND s.subject_key = l.subject_key
    JOIN certificates_certificate c ON c.subscription_id = s.id AND c.slot <> 'past'
         AND c.not_before <= %(at)s AND c.not_after >= %(at)s AND (c.revoked_at IS NULL OR c.revoked_at > %(at)s)
    WHERE l.batch_id = %(batch)s GROUP BY l.line HAVING count(*) >= %(limit)s ORDER BY l.line LIMIT %(most)s"""
APPLICATION_OPEN: Final = """
    SELECT l.line FROM applications_batchline l
    JOIN regulations_subscription s ON s.target_system_id = %(system)s AND s.subject_key = l.subject_key
    JOIN applications_application a ON a.subscription_id = s.id
         AND a.status IN ('submitted', 'examining', 'waiting_information', 'awaiting_approval', 'approved')
    LEFT JOIN certificates_order o ON o.id = a.order_id
    WHERE l.batch_id = %(batch)s AND (o.id IS NULL OR o.status NOT IN ('issued', 'cancelled'))
    GROUP BY l.line HAVING count(*) >= %(limit)s ORDER BY l.line LIMIT %(most)s"""
FILED_ELSEWHERE: Final = """
    SELECT l.line FROM applications_batchline l
    JOIN applications_batchline o ON o.subject_key = l.subject_key AND o.batch_id <> l.batch_id
    JOIN applications_application a ON a.id = o.application_id AND a.status = 'waiting_consent'
    JOIN applications_batch b ON b.id = o.batch_id AND b.target_system_id = %(system)s
    WHERE l.batch_id = %(batch)s GROUP BY l.line HAVING count(*) >= %(limit)s ORDER BY l.line LIMIT %(most)s"""
KEY_TWICE: Final = """
    SELECT line, earlier FROM (
        SELECT line, row_number() OVER same AS nth, first_value(line) OVER same AS earlier
        FROM applications_batchline WHERE batch_id = %(batch)s AND key_digest <> ''
        WINDOW same AS (PARTITION BY key_digest ORDER BY line)
    ) seen WHERE nth > 1 ORDER BY line LIMIT %(most)s"""
KEY_USED: Final = """
    SELECT l.line FROM applications_batchline l
    WHERE l.batch_id = %(batch)s AND l.key_digest <> ''
      AND (EXISTS (SELECT FROM certificates_certificate c WHERE c.public_key_sha256 = l.key_digest)
           OR EXISTS (SELECT FROM certificates_blockedkey k WHERE k.public_key_sha256 = l.key_digest))
    ORDER BY l.line LIMIT %(most)s"""


def _stands_before(row: Row) -> str:
    return _("The same person or device stands in line %(line)s already.") % {"line": row[1]}


def _stands_with_another(row: Row) -> str:
    return _("In line %(line)s this mail address belongs to another name.") % {"line": row[1]}


def _is_yours(_row: Row) -> str:
    return _("This is your own address. Please apply for yourself.")


def _holds_one(_row: Row) -> str:
    return _("A valid certificate for this person or device exists already. Please use reissue or renewal.")


def _is_open(_row: Row) -> str:
    return _("An application for this person or device is open already.")


def _was_filed(_row: Row) -> str:
    return _("Another file has asked this person already, and waits for the answer.")


def _same_key(row: Row) -> str:
    return _("Line %(line)s has the same key. Each certificate needs a key of its own.") % {"line": row[1]}


def _known_key(_row: Row) -> str:
    return _("This key was used before or is blocked. Please make a new key and a new request.")


CHECKS: Final[tuple[tuple[str, str, str, Callable[[Row], str]], ...]] = (
    (SUBJECT_TWICE, "", "line_twice", _stands_before),
    (ADDRESS_OF_ANOTHER, EMAIL, "address_of_another", _stands_with_another),
    (OWN_ADDRESS, EMAIL, "own_address", _is_yours),
    (CERTIFICATE_HELD, "", "valid_certificate", _holds_one),
    (APPLICATION_OPEN, "", "open_application", _is_open),
    (FILED_ELSEWHERE, "", "filed_elsewhere", _was_filed),
    (KEY_TWICE, KEY, "key_twice", _same_key),
    (KEY_USED, KEY, "key_used", _known_key),
)


def conclude(batch: Batch, *, actor: Actor, at: datetime) -> Batch:
    """End the check: faulty with its faults, or checked and waiting for its administrator."""
    lines = batch.lines.count()
    count = batch.fault_count + look_at_whole(batch, at)
    if not count and not lines:
        words = in_both(lambda: _("There is no line in this file."))
        BatchFault.objects.create(batch=batch, line=1, code="no_line", message=words)
        count = 1
    return transition(
        machine=BATCH,
        row=batch,
        act=Act.BATCH_FAULT if count else Act.BATCH_CLEAR,
        actor=actor,
        at=at,
        details={"faults": count, "lines": lines},
        columns={"fault_count": count, "line_count": lines},
    )


def look_at_whole(batch: Batch, at: datetime) -> int:
    """Store the faults that only the whole file shows; returns how many."""
    if not batch.columns:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE applications_batchline")
    own = batch.uploaded_by.email if batch.uploaded_by is not None else ""
    limit = batch.rules.ruleset.subscriptions_per_subject
    facts: dict[str, Any] = {"batch": batch.pk, "system": batch.target_system_id, "at": at, "own": own}
    facts |= {"limit": limit, "most": MOST}
    faults = []
    for statement, key, code, say in CHECKS:
        column = batch.columns.index(key) + 1 if key in batch.columns else 0
        with connection.cursor() as cursor:
            cursor.execute(statement, facts)
            rows: list[Row] = cursor.fetchall()
        for row in rows:
            message = in_both(partial(say, row))
            faults.append(BatchFault(batch=batch, line=row[0], column=column, code=code, message=message))
    BatchFault.objects.bulk_create(faults)
    return len(faults)
