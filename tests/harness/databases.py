"""Databases of the tests: a template made once, a copy for each process of the run, a copy for each test that commits.

Evidence cannot be truncated, so Django's flush is of no use here. An ordinary test runs in a transaction that is rolled
back; a test that needs commits, threads or processes asks for `clone`.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import environ
from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import connections
from psycopg2 import sql

from lra_portal.celery import app as celery
from lra_portal.services import OWNER
from tests.harness.servers import Servers, superuser

BASE = Path(__file__).resolve().parents[2]
LOCKS = BASE / "var" / "tests"
ROLE = "lra_worker"
SLOTS = 24
# The numbered databases of the embedded broker below 8 are the quick start's; a named server is there for tests alone.
FIRST_NUMBER = 0 if os.environ.get("BROKER_URL") else 8
PREFIX = f"test_template_{hashlib.sha256(str(BASE).encode()).hexdigest()[:8]}"

SHAPES = ("*/migrations/*.py", "*/guards.py", "*/states.py", "deploy/postgres/*.sql", "requirements/lock.txt")


def template_name() -> str:
    """Return the template's name: one per state of what the migrations are made of."""
    digest = hashlib.sha256()
    for pattern in SHAPES:
        for path in sorted(BASE.glob(pattern)):
            digest.update(path.read_bytes())
    return f"{PREFIX}_{digest.hexdigest()[:12]}"


@contextmanager
def locked(name: str, *, wait: bool = True) -> Iterator[bool]:
    """Hold a lock between all test processes of this checkout; give False where it is taken and not waited for."""
    LOCKS.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (LOCKS / name).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def free_slot() -> Iterator[int]:
    """Give a number that no other test process of this checkout has: it names what is its own on the servers."""
    for slot in range(SLOTS):
        with locked(f"slot-{slot}", wait=False) as mine:
            if mine:
                yield slot
                return
    raise RuntimeError(f"More than {SLOTS} test processes at once.")


def make_template(servers: Servers) -> str:
    """Make the migrated template unless it is there; return its name. Nobody can connect to it afterwards."""
    name = template_name()
    with locked(name):
        if servers.has_database(name):
            return name
        unfinished = f"{name}_new"
        servers.drop_database(unfinished)
        servers.create_database(unfinished)
        with connected(servers, OWNER, unfinished):
            call_command("migrate", verbosity=0, interactive=False)
        with superuser(servers, "postgres") as cursor:
            forget_older_templates(cursor, servers)
            cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(unfinished)))
            cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (unfinished, name))))
    return name


def forget_older_templates(cursor: Any, servers: Servers) -> None:
    """Drop this checkout's templates of earlier states of the migrations."""
    cursor.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [f"^{PREFIX}_[0-9a-f]{{12}}$"])
    for (old,) in cursor.fetchall():
        servers.drop_database(old)


@contextmanager
def connected(servers: Servers, role: str, dbname: str) -> Iterator[None]:
    """Turn this process's connections to a database and a role for the time of a `with` block."""
    current = connections.settings["default"]
    before = dict(current)
    connections["default"].close()
    parsed = environ.Env.db_url_config(servers.database_url(role, dbname))
    for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT"):
        current[key] = parsed.get(key) or ""
    current["OPTIONS"] = {**parsed.get("OPTIONS", {}), "connect_timeout": 10}
    try:
        yield
    finally:
        connections["default"].close()
        current.update(before)


def use_broker(servers: Servers, slot: int) -> None:
    """Turn this process's cache and Celery app to numbered databases of its own, and empty those."""
    settings.CACHES["default"]["LOCATION"] = servers.cache_url(cache_number(slot))
    if caches.all(initialized_only=True):
        del caches["default"]
    caches["default"].clear()
    celery.conf.update(broker_url=servers.broker_url(broker_number(slot)))
    with celery.connection_for_write() as connection:
        channel: Any = connection.default_channel
        channel.client.flushdb()


def broker_number(slot: int) -> int:
    """Return the broker's numbered database of a slot."""
    return FIRST_NUMBER + 2 * slot


def cache_number(slot: int) -> int:
    """Return the cache's numbered database of a slot."""
    return FIRST_NUMBER + 2 * slot + 1
