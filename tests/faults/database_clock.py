"""The clock of a test's database, set by the test: PostgreSQL itself answers with it, whatever statement asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import time_machine
from django.db import connection

from tests.harness.cloned import Clone

_CLOCKS = ("clock_timestamp", "statement_timestamp", "now")


@dataclass
class DatabaseClock:
    """Sets the clock of the database and of this process together."""

    traveller: time_machine.Traveller

    def set(self, at: datetime) -> None:
        """Let it be this time everywhere."""
        self.traveller.move_to(at, tick=False)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE test_clock.time SET at = %s", [at])


@contextmanager
def set_clock(clone: Clone, at: datetime) -> Iterator[DatabaseClock]:
    """Let database and process have a clock that stands still until it is set.

    Functions of the same names are found before those of `pg_catalog`, which this connection searches last.
    """
    owner = clone.connect("lra_owner")
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute("CREATE SCHEMA test_clock; CREATE TABLE test_clock.time (at timestamptz)")
        cursor.execute("INSERT INTO test_clock.time VALUES (%s)", [at])
        for name in _CLOCKS:
            cursor.execute(
                f"CREATE FUNCTION test_clock.{name}() RETURNS timestamptz STABLE LANGUAGE sql"  # noqa: S608 — fixed names
                " AS 'SELECT at FROM test_clock.time'"
            )
        cursor.execute("GRANT USAGE ON SCHEMA test_clock TO lra_runtime")
        cursor.execute("GRANT SELECT, UPDATE ON test_clock.time TO lra_runtime")
    with time_machine.travel(at, tick=False) as traveller, connection.cursor() as cursor:
        cursor.execute("SET search_path = test_clock, public, pg_catalog")
        try:
            yield DatabaseClock(traveller)
        finally:
            cursor.execute("RESET search_path")
