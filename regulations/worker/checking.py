"""What only the whole file shows: numbers that come twice, periods that overlap, companies with two names.

Set-based statements over the checked lines; each fault names its line and column.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from audit.actors import Actor
from audit.acts import Act
from audit.services import transition
from regulations.calendar import tokyo
from regulations.line_cells import in_both
from regulations.models import ContractFault, ContractFile
from regulations.periods import midnight
from regulations.states import CONTRACT_FILE

MOST: Final = 1_000
TABLES: Final = ("regulations_contractline", "regulations_contract", "regulations_corporation")
Row = tuple[Any, ...]

# Each statement gives: line, the words' facts in order. The file and its parent service are its two parameters.
OVERLAP_IN_FILE: Final = """
    SELECT line, number, earlier FROM (
        SELECT line, number, begins_at,
               max(coalesce(ends_at, 'infinity')) OVER before AS reach,
               lag(line) OVER (PARTITION BY number ORDER BY begins_at, line) AS earlier
        FROM regulations_contractline WHERE file_id = %(file)s
        WINDOW before AS (PARTITION BY number ORDER BY begins_at, line
                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ) seen WHERE reach > begins_at ORDER BY line LIMIT %(most)s"""
OVERLAP_IN_REGISTER: Final = """
    SELECT l.line, l.number, (c.begins_at AT TIME ZONE 'Asia/Tokyo')::date
    FROM regulations_contractline l
    JOIN regulations_contract c ON c.parent_service_id = %(service)s AND c.number = l.number
         AND c.begins_at <> l.begins_at AND tstzrange(c.begins_at, c.ends_at) && tstzrange(l.begins_at, l.ends_at)
    WHERE l.file_id = %(file)s AND NOT EXISTS (
        SELECT FROM regulations_contractline o
        WHERE o.file_id = l.file_id AND o.number = c.number AND o.begins_at = c.begins_at)
    ORDER BY l.line LIMIT %(most)s"""
OTHER_CORPORATION: Final = """
    SELECT l.line, l.number, k.corporate_number
    FROM regulations_contractline l
    JOIN regulations_contract c ON c.parent_service_id = %(service)s AND c.number = l.number
         AND c.begins_at = l.begins_at
    JOIN regulations_corporation k ON k.id = c.corporation_id AND k.corporate_number <> l.corporate_number
    WHERE l.file_id = %(file)s ORDER BY l.line LIMIT %(most)s"""
TWO_NAMES: Final = """
    SELECT line, name, first_line FROM (
        SELECT line, name, name_latin,
               first_value(name) OVER same AS first_name, first_value(name_latin) OVER same AS first_latin,
               first_value(line) OVER same AS first_line
        FROM regulations_contractline WHERE file_id = %(file)s
        WINDOW same AS (PARTITION BY corporate_number ORDER BY line)
    ) seen WHERE (name, name_latin) IS DISTINCT FROM (first_name, first_latin) ORDER BY line LIMIT %(most)s"""
REGISTERED_OTHERWISE: Final = """
    SELECT l.line, k.name
    FROM regulations_contractline l
    JOIN regulations_corporation k ON k.corporate_number = l.corporate_number
         AND (k.name, k.name_latin) IS DISTINCT FROM (l.name, l.name_latin)
    WHERE l.file_id = %(file)s AND EXISTS (
        SELECT FROM regulations_contract c WHERE c.corporation_id = k.id AND c.parent_service_id <> %(service)s)
    ORDER BY l.line LIMIT %(most)s"""
OUTCOME: Final = """
    SELECT CASE WHEN c.id IS NULL THEN 'begun'
                WHEN c.ends_at IS NOT DISTINCT FROM l.ends_at THEN 'unchanged'
                WHEN l.ends_at IS NULL OR l.ends_at > c.ends_at THEN 'extended'
                WHEN l.ends_at <= %(tomorrow)s THEN 'ended' ELSE 'shortened' END, count(*)
    FROM regulations_contractline l
    LEFT JOIN regulations_contract c ON c.parent_service_id = %(service)s AND c.number = l.number
         AND c.begins_at = l.begins_at
    WHERE l.file_id = %(file)s GROUP BY 1"""


def _overlaps_line(row: Row) -> str:
    return _("The period of %(number)s overlaps the one in line %(line)s.") % {"number": row[1], "line": row[2]}


def _overlaps_contract(row: Row) -> str:
    words = _("The period of %(number)s overlaps the contract of this number that begins on %(day)s.")
    return words % {"number": row[1], "day": row[2].isoformat()}


def _belongs_elsewhere(row: Row) -> str:
    words = _("Contract %(number)s belongs to the corporation %(corporation)s. Please end it and use another number.")
    return words % {"number": row[1], "corporation": row[2]}


def _named_twice(row: Row) -> str:
    return _("This corporation is called otherwise in line %(line)s.") % {"line": row[2]}


def _registered_otherwise(row: Row) -> str:
    words = _("Another parent service has a contract with this corporation, as %(name)s. Please change it there first.")
    return words % {"name": row[1]}


CHECKS: Final[tuple[tuple[str, str, str, Callable[[Row], str]], ...]] = (
    (OVERLAP_IN_FILE, "begins_on", "periods_overlap", _overlaps_line),
    (OVERLAP_IN_REGISTER, "begins_on", "periods_overlap", _overlaps_contract),
    (OTHER_CORPORATION, "corporate_number", "other_corporation", _belongs_elsewhere),
    (TWO_NAMES, "name", "two_names", _named_twice),
    (REGISTERED_OTHERWISE, "name", "registered_otherwise", _registered_otherwise),
)


def conclude(*, file: ContractFile, actor: Actor, at: datetime) -> ContractFile:
    """End the check: faulty with its faults, or checked with what loading would do."""
    count = file.fault_count + look_at_whole(file)
    lines = file.lines.count()
    if not count and not lines:
        words = in_both(lambda: _("There is no contract in this file."))
        ContractFault.objects.create(file=file, line=1, code="no_contract", message=words)
        count = 1
    act = Act.CONTRACT_FILE_FAULT if count else Act.CONTRACT_FILE_CLEAR
    outcome = {} if count else outcome_of(file, at)
    return transition(
        machine=CONTRACT_FILE,
        row=file,
        act=act,
        actor=actor,
        at=at,
        details={"faults": count, "lines": lines, **outcome},
        columns={"fault_count": count, "outcome": {"lines": lines, **outcome}},
    )


def refresh_statistics() -> None:
    """Let the planner know how many rows there are by now; a file may have doubled them a second ago."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(TABLES)}")


def look_at_whole(file: ContractFile) -> int:
    """Store the faults that only the whole file shows; returns how many."""
    if not file.columns:
        return 0
    refresh_statistics()
    facts: dict[str, Any] = {"file": file.pk, "service": file.parent_service_id, "most": MOST}
    faults = []
    for statement, key, code, say in CHECKS:
        column = file.columns.index(key) + 1
        with connection.cursor() as cursor:
            cursor.execute(statement, facts)
            rows: list[Row] = cursor.fetchall()
        for row in rows:
            message = in_both(partial(say, row))
            faults.append(ContractFault(file=file, line=row[0], column=column, code=code, message=message))
    ContractFault.objects.bulk_create(faults)
    return len(faults)


def outcome_of(file: ContractFile, at: datetime) -> dict[str, int]:
    """How many contracts the file begins, extends, shortens, ends and leaves as they are."""
    tomorrow = midnight(tokyo(at).date() + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(OUTCOME, {"file": file.pk, "service": file.parent_service_id, "tomorrow": tomorrow})
        counts: dict[str, int] = dict(cursor.fetchall())
    return {kind: counts.get(kind, 0) for kind in ("begun", "extended", "shortened", "ended", "unchanged")}
