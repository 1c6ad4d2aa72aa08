"""Fixtures of all tests; their parts lie in tests/harness.

`db` gives a transaction that is rolled back; `clone` gives a database of its own to a test that commits or starts
processes; `jobs` keeps what would go to the broker until the test says `jobs.drain()`.
"""

import base64
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.utils import timezone, translation
from pytest_django import DjangoDbBlocker

from lra_portal import messages
from tests.clauses import Holders
from tests.harness.cloned import Clone, cloned
from tests.harness.databases import ROLE, connected, free_slot, make_template, use_broker
from tests.harness.jobs import Jobs, kept_jobs
from tests.harness.servers import Servers, hold_servers

pytest_plugins = [
    "tests.audit.sealed",
    "tests.harness.nothing_skipped",
    "tests.harness.packages",
    "tests.harness.softhsm",
    "tests.harness.looked_at",
    "tests.authorities",
    "tests.people",
    "tests.harness.furnished",
]
# A machine shared with other runs is slow at times; that says nothing about the code.
hypothesis.settings.register_profile(
    "project", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("project")
VAULT_PURPOSES = ("documents", "second_factors", "pkcs12", "pin")


# Playwright keeps an event loop in the main thread, which Django then takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


def pytest_configure(config: pytest.Config) -> None:
    """Compile the catalogues once, and give this run keys that no other run has."""
    config.pluginmanager.register(Holders())
    for chatty in ("django_structlog", "django.request"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    if not hasattr(config, "workerinput"):
        messages.compile_all()
    for purpose in VAULT_PURPOSES:
        settings.VAULT_KEYS[purpose] = f"test:{base64.b64encode(secrets.token_bytes(32)).decode()}"


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """PostgreSQL and the broker, held for the whole run."""
    with hold_servers() as held:
        yield held


@pytest.fixture(scope="session")
def slot() -> Iterator[int]:
    """The number by which this test process names what is its own."""
    with free_slot() as number:
        yield number


@pytest.fixture(scope="session")
def django_db_setup(servers: Servers, slot: int, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A copy of the template for the ordinary tests of this process, as the worker sees it."""
    name = f"test_{slot}"
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        template = make_template(servers)
        servers.drop_database(name)
        servers.create_database(name, template=template)
        stack.callback(servers.drop_database, name)
        stack.enter_context(connected(servers, ROLE, name))
        use_broker(servers, slot)
        stack.enter_context(django_db_blocker.block())
        yield


@pytest.fixture
def clone(servers: Servers, slot: int, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Clone]:
    """A database of the test's own, in which everything commits."""
    with django_db_blocker.unblock(), cloned(servers, slot) as made:
        use_broker(servers, slot)
        yield made


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    """The background jobs of the test, done when it drains them."""
    with kept_jobs() as kept:
        yield kept


@pytest.fixture(scope="session", autouse=True)
def _ca_folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Folders for the CA keys and the journal of this run; keys are made by the ceremonies of the tests."""
    keys, journal = tmp_path_factory.mktemp("ca"), tmp_path_factory.mktemp("journal")
    settings.CA_KEY_DIR, settings.JOURNAL_DIR = str(keys), str(journal)
    settings.CA_KEY_PASSPHRASE = secrets.token_urlsafe(16)
    return keys, journal


@pytest.fixture(autouse=True)
def _default_language() -> None:
    """A page that another test read in English leaves its language behind in this process: start from the default."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the database's clock follow the test's, which `time_machine` may have moved; processes keep the real one."""
    monkeypatch.setattr("certificates.worker.clock.database_now", timezone.now)
