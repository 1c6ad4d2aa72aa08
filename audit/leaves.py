"""What is hashed of an event: one line of JSON, made by the database so that millions cost no Python objects.

The line is exported as it is, so whoever checks it hashes bytes and never has to write JSON the same way again.
"""

from __future__ import annotations

from typing import Final

_MOMENT: Final = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
# The order of the fields is part of the format (docs/evidence.md).
_FIELDS: Final = {
    "id": "e.id",
    "uid": "e.uid",
    "act": "e.act",
    "outcome": "e.outcome",
    "at": _MOMENT.format("e.at"),
    "recorded_at": _MOMENT.format("e.recorded_at"),
    "person": "e.person_id",
    "role": "e.role",
    "origin": "e.origin",
    "subject_type": "e.subject_type",
    "subject": "e.subject_id",
    "story": "e.story",
    "before": "e.before",
    "after": "e.after",
    "details": "encode(e.details_digest, 'hex')",
}
_PAIRS: Final = ", ".join(f"'{name}', {column}" for name, column in _FIELDS.items())
TEXT: Final = f"json_build_object({_PAIRS})::text"
"""The SQL expression of a leaf's bytes, for a table `audit_event e`."""

# Commit order is not the order of ids: an event may appear below those that are sealed already. This many are
# looked at again each time, and all of them by the hourly look.
WINDOW: Final = 50_000
_WAITING: Final = """
    FROM audit_event e LEFT JOIN audit_sealleaf l ON l.event_id = e.id
    WHERE l.event_id IS NULL AND e.id > %(above)s
"""
WAITING_TEXTS: Final = f"SELECT e.id, {TEXT} {_WAITING} ORDER BY e.id LIMIT %(limit)s"
WAITING_SINCE: Final = f"SELECT count(*), min(e.recorded_at) {_WAITING}"
WAITING_TIMES: Final = f"SELECT e.id, {_MOMENT.format('e.recorded_at')} {_WAITING} ORDER BY e.id"
ABOVE: Final = "SELECT coalesce(max(event_id), 0) FROM audit_sealleaf"
