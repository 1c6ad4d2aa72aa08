"""Lend the embedded services: whoever comes first starts them, whoever goes last stops them.

A lease is a shared lock on a file, which the kernel lets go however its holder ends, so nobody has
to clean up after a ``kill -9``. Starting and stopping happen under a second, exclusive lock.
"""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from lra_portal.services.place import Place, find_place, prepare_place, remove_place
from lra_portal.services.postgresql import SUPERUSER, PostgreSQL
from lra_portal.services.valkey import Valkey

CHECKOUT = Path(__file__).resolve().parents[2]
SQL_FOLDER = CHECKOUT / "deploy" / "postgres"
OWNER = "lra_owner"
RECOVERY_SECONDS = 60.0
LOGIN_ROLES = (
    OWNER, "lra_web", "lra_worker", "lra_signer", "lra_responder", "lra_repository",
)  # fmt: skip


@dataclass(frozen=True)
class Services:
    """The running services: where they are and how a role signs in."""

    place: Place
    passwords: dict[str, str]

    def database_url(self, role: str, dbname: str) -> str:
        """Return the URL of a database for a login role, as ``DATABASE_URL`` takes it."""
        host = quote(str(self.place.sockets))
        return f"postgresql://{role}:{self.passwords[role]}@/{dbname}?host={host}"

    def admin_url(self, dbname: str = "postgres") -> str:
        """Return the URL for the superuser, who makes databases and roles and nothing else."""
        return self.database_url(SUPERUSER, dbname)

    def broker_url(self, number: int = 0) -> str:
        """Return the Celery broker URL of one of Valkey's numbered databases."""
        return f"redis+socket://{Valkey(self.place).socket_file}?virtual_host={number}"

    def cache_url(self, number: int = 1) -> str:
        """Return the cache URL of one of Valkey's numbered databases."""
        return f"unix://{Valkey(self.place).socket_file}?db={number}"

    def revive(self) -> list[str]:
        """Start again what has stopped meanwhile; return the names of those services."""
        running = {
            "PostgreSQL": PostgreSQL(self.place).is_running(),
            "Valkey": Valkey(self.place).is_running(),
        }
        gone = [name for name, runs in running.items() if not runs]
        if gone:
            with _exclusive(self.place):
                _start(self.place)
        return gone

    def has_database(self, name: str) -> bool:
        """Return whether a database of this name exists."""
        with self._superuser("postgres") as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
            return bool(cursor.rowcount)

    def create_database(self, name: str, owner: str = OWNER, template: str = "") -> None:
        """Make a database, empty or as a copy of another, with the grants every database has."""
        statement = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner))
        if template:
            statement += sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))
        with self._superuser("postgres") as cursor:
            cursor.execute(statement)
        self.prepare_database(name)

    def prepare_database(self, name: str) -> None:
        """Give a database the grants and extensions that every database has; twice changes nothing."""
        with self._superuser(name) as cursor:
            cursor.execute((SQL_FOLDER / "database.sql").read_text())

    def drop_database(self, name: str) -> None:
        """Remove a database if it is there, ending whoever is still connected to it."""
        with self._superuser("postgres") as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def prepare_roles(self) -> None:
        """Make the roles of the project where they are missing and set their passwords."""
        with self._superuser("postgres") as cursor:
            cursor.execute((SQL_FOLDER / "roles.sql").read_text())
            for role in LOGIN_ROLES:
                cursor.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD %s").format(sql.Identifier(role)),
                    [self.passwords[role]],
                )

    @contextmanager
    def _superuser(self, dbname: str) -> Iterator["psycopg2.extensions.cursor"]:
        connection = psycopg2.connect(self.admin_url(dbname))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()


@contextmanager
def lease(checkout: Path = CHECKOUT, *, lasting: bool = True) -> Iterator[Services]:
    """Hold the services for the time of a ``with`` block, starting and stopping as needed.

    Those that are not `lasting` lie beside the others and never wait for the disk: a killed process loses nothing
    there, a machine without power does. Raises ServiceProblem when a service can't be started.
    """
    place = find_place(checkout, lasting=lasting)
    place.notes.mkdir(mode=0o700, parents=True, exist_ok=True)
    lease_file = os.open(place.notes / "lease", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            with _exclusive(place):
                fcntl.flock(lease_file, fcntl.LOCK_SH)
                services = _start(place)
            yield services
        finally:
            # Also after a start that was interrupted half way.
            with _exclusive(place):
                if place.data.is_dir() and _nobody_else_holds(lease_file):
                    _stop(place)
    finally:
        os.close(lease_file)


def clean(checkout: Path = CHECKOUT) -> bool:
    """Stop the services and remove all they left; return False while somebody holds a lease."""
    return all(_clean(find_place(checkout, lasting=lasting)) for lasting in (True, False))


def _clean(place: Place) -> bool:
    place.notes.mkdir(mode=0o700, parents=True, exist_ok=True)
    lease_file = os.open(place.notes / "lease", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        with _exclusive(place):
            if not _nobody_else_holds(lease_file):
                return False
            if place.data.is_dir():
                _stop(place)
    finally:
        os.close(lease_file)
    remove_place(place)
    return True


def _start(place: Place) -> Services:
    prepare_place(place)
    services = Services(place, _read_or_make_passwords(place))
    started = PostgreSQL(place).start(services.passwords[SUPERUSER])
    _await_recovery(services)
    if started:
        try:
            services.prepare_roles()
        except psycopg2.Error:
            PostgreSQL(place).stop()
            raise
    Valkey(place).start()
    return services


def _await_recovery(services: Services) -> None:
    """Wait while a server that lost one of its processes replays its log."""
    deadline = time.monotonic() + RECOVERY_SECONDS
    while True:
        try:
            psycopg2.connect(services.admin_url()).close()
        except psycopg2.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _stop(place: Place) -> None:
    Valkey(place).stop()
    PostgreSQL(place).stop()


def _read_or_make_passwords(place: Place) -> dict[str, str]:
    """Return each role's password; the file is complete before it gets its name."""
    if not place.passwords.is_file():
        made = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, *LOGIN_ROLES)}
        half = place.passwords.with_suffix(".half")
        half.unlink(missing_ok=True)
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(made, file)
            file.flush()
            os.fsync(file.fileno())
        half.rename(place.passwords)
    read: dict[str, str] = json.loads(place.passwords.read_text())
    return read


@contextmanager
def _exclusive(place: Place) -> Iterator[None]:
    with (place.notes / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _nobody_else_holds(lease_file: int) -> bool:
    try:
        fcntl.flock(lease_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
