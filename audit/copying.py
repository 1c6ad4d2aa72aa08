"""Many rows of one table at once, by PostgreSQL's COPY: a tenth of what a statement with every value costs.

Triggers, constraints, defaults of columns that are not named, and grants hold as for any other INSERT. What Django
would fill in by itself (`auto_now`, defaults of fields) is the caller's to give.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models.expressions import RawSQL
from psycopg2 import sql

_JSON: Final = DjangoJSONEncoder(ensure_ascii=False)


def copy_rows(*, model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows of values in the order of `columns`, inside the transaction that runs; all or none of them.

    Raises the errors of Django's database layer, IntegrityError for a broken constraint.
    """
    text = io.StringIO("".join(["\t".join([_text(value) for value in row]) + "\n" for row in rows]))
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(model._meta.db_table), names)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(statement, text)


def copy_all(instances: Sequence[models.Model]) -> None:
    """Write new instances of one model as `bulk_create` would, keys included; nothing is read back."""
    if instances:
        fields = instances[0]._meta.concrete_fields
        names = [field.attname for field in fields]
        rows = [[getattr(instance, name) for name in names] for instance in instances]
        copy_rows(model=type(instances[0]), columns=[str(field.column) for field in fields], rows=rows)


def reserve_keys(model: type[models.Model], count: int) -> list[int]:
    """Return `count` keys of a table that numbers its rows by itself in `id`; nobody else gets them."""
    question = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    with connection.cursor() as cursor:
        cursor.execute(question, [model._meta.db_table, count])
        return [number for (number,) in cursor.fetchall()]


def one_array(keys: Iterable[UUID]) -> RawSQL:
    """Return keys for a filter `pk__in`, handed over as one array and not as hundreds of values."""
    return RawSQL("SELECT unnest(%s::uuid[])", ([key.hex for key in keys],))


def _text(value: object) -> str:
    """Return a value in COPY's text form."""
    if isinstance(value, str):
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    if isinstance(value, UUID):
        return f"{value.int:032x}"
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, (bytes, memoryview)):
        return f"\\\\x{value.hex()}"
    if isinstance(value, (dict, list)):
        return _text(_JSON.encode(value))
    return "\\N" if value is None else str(value)


@lru_cache(maxsize=64)
def _instant(value: datetime) -> str:
    """Return an instant as PostgreSQL reads it; the rows of one batch share a few of them."""
    return str(value)
