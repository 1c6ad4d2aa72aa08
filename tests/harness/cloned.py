"""A database of a test's own, for tests that commit, use threads, or start processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connections

from tests.harness.databases import ROLE, broker_number, cache_number, connected, make_template
from tests.harness.servers import Servers


@dataclass
class Clone:
    """A copy of the template. This process is connected to it as the worker; other roles and processes may join."""

    name: str
    servers: Servers
    slot: int
    opened: list[Any] = field(default_factory=list)

    def database_url(self, role: str = ROLE) -> str:
        """Return the URL by which a role reaches this database."""
        return self.servers.database_url(role, self.name)

    def connect(self, role: str) -> "psycopg2.extensions.connection":
        """Return a plain connection as a role, closed at the end of the test."""
        connection = psycopg2.connect(self.database_url(role))
        self.opened.append(connection)
        return connection

    @contextmanager
    def acting_as(self, role: str) -> Iterator[None]:
        """Let the ORM work as another role of the database."""
        with connected(self.servers, role, self.name):
            yield

    def environment(self, role: str = ROLE) -> dict[str, str]:
        """Return what a process of the portal reads from its environment to work on this database; no keys."""
        return {
            "DATABASE_URL": self.database_url(role),
            "BROKER_URL": self.servers.broker_url(broker_number(self.slot)),
            "CACHE_URL": self.servers.cache_url(cache_number(self.slot)),
            "SECRET_KEY": settings.SECRET_KEY,
        }


@contextmanager
def cloned(servers: Servers, slot: int) -> Iterator[Clone]:
    """Make a copy of the template, work on it for the time of a `with` block, and drop it."""
    clone = Clone(f"test_clone_{slot}", servers, slot)
    servers.drop_database(clone.name)
    servers.create_database(clone.name, template=make_template(servers))
    try:
        with connected(servers, ROLE, clone.name):
            yield clone
    finally:
        for connection in clone.opened:
            connection.close()
        connections.close_all()
        servers.drop_database(clone.name)
