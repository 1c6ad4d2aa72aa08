"""The servers that tests run against: the embedded ones, or those that DATABASE_URL and BROKER_URL name.

DATABASE_URL has to sign in a superuser of a server that is there for tests: databases and roles are made on it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from lra_portal.services import OWNER, lease
from lra_portal.services.lease import SQL_FOLDER


class Servers(Protocol):
    """What the harness needs of PostgreSQL and of the broker, whoever runs them."""

    def database_url(self, role: str, dbname: str) -> str: ...

    def admin_url(self, dbname: str = ...) -> str: ...

    def broker_url(self, number: int = ...) -> str: ...

    def cache_url(self, number: int = ...) -> str: ...

    def has_database(self, name: str) -> bool: ...

    def create_database(self, name: str, owner: str = ..., template: str = ...) -> None: ...

    def drop_database(self, name: str) -> None: ...


class NamedServers:
    """Servers that the environment names. Roles are taken on by SET ROLE, so that no password is changed there."""

    def __init__(self, database: str, broker: str) -> None:
        self.database, self.broker = database, broker

    def database_url(self, role: str, dbname: str) -> str:
        """Return a URL that signs in as the superuser and acts as a role of the project."""
        return self._url(dbname, options=f"-c role={role}")

    def admin_url(self, dbname: str = "postgres") -> str:
        """Return the URL of the superuser."""
        return self._url(dbname)

    def broker_url(self, number: int = 0) -> str:
        """Return the broker's URL with another numbered database."""
        return self._numbered("virtual_host", number)

    def cache_url(self, number: int = 1) -> str:
        """Return the cache's URL: the broker's server, in the form that Django wants for a socket."""
        return self._numbered("db", number).replace("redis+socket://", "unix://")

    def has_database(self, name: str) -> bool:
        """Say whether a database of this name exists."""
        with superuser(self, "postgres") as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
            return cursor.rowcount > 0

    def create_database(self, name: str, owner: str = OWNER, template: str = "") -> None:
        """Make a database, empty or as a copy, with the grants that every database has."""
        statement = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner))
        if template:
            statement += sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))
        with superuser(self, "postgres") as cursor:
            cursor.execute(statement)
        self.prepare_database(name)

    def prepare_database(self, name: str) -> None:
        """Give a database the grants that every database has."""
        with superuser(self, name) as cursor:
            cursor.execute((SQL_FOLDER / "database.sql").read_text())

    def drop_database(self, name: str) -> None:
        """Remove a database if it is there, ending whoever is still connected."""
        with superuser(self, "postgres") as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def prepare_roles(self) -> None:
        """Make the roles of the project where they are missing."""
        with superuser(self, "postgres") as cursor:
            cursor.execute((SQL_FOLDER / "roles.sql").read_text())

    def _url(self, dbname: str, **more: str) -> str:
        parts = urlsplit(self.database)
        query = urlencode([*parse_qsl(parts.query), *more.items()], quote_via=quote)
        return urlunsplit(parts._replace(path=f"/{dbname}", query=query))

    def _numbered(self, name: str, number: int) -> str:
        parts = urlsplit(self.broker)
        if "socket" in parts.scheme or parts.scheme == "unix":
            return f"{parts.scheme}://{parts.path}?{urlencode({name: number})}"
        return urlunsplit(parts._replace(path=f"/{number}"))


@contextmanager
def superuser(servers: Servers, dbname: str) -> Iterator["psycopg2.extensions.cursor"]:
    """Give a cursor of the superuser, outside any transaction."""
    connection = psycopg2.connect(servers.admin_url(dbname))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


@contextmanager
def hold_servers() -> Iterator[Servers]:
    """Hold the servers for the time of a `with` block.

    Raises RuntimeError where only one of DATABASE_URL and BROKER_URL is set.
    """
    database, broker = os.environ.get("DATABASE_URL", ""), os.environ.get("BROKER_URL", "")
    if bool(database) != bool(broker):
        raise RuntimeError("Set DATABASE_URL and BROKER_URL both, or neither to use the embedded servers.")
    if database:
        named = NamedServers(database, broker)
        named.prepare_roles()
        yield named
    else:
        with lease(lasting=False) as services:
            yield services
