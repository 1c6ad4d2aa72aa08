"""Databases in which what most tests begin with stands already: the named people, an authority, the demo's rules.

Making them anew took longer than most tests. Each process of the run makes the few combinations it needs once; a test
works in a transaction on the one that holds just what its fixtures name, so nobody meets what they did not ask for.
"""

from collections.abc import Callable, Collection, Iterator

import pytest
import time_machine
from django.core.cache import cache
from django.db import connections
from pytest_django import DjangoDbBlocker

from lra_portal.demo.regulations import load_regulations
from tests.authorities import BORN, make_issuing
from tests.harness.databases import make_template
from tests.harness.servers import Servers
from tests.people import make_people

PIECES: dict[str, Callable[[], object]] = {
    "people": make_people,
    "issuing": make_issuing,
    "demo_rules": lambda: load_regulations(at=BORN),
}


class Furnished:
    """The databases of one test process; the bare one is there already."""

    def __init__(self, servers: Servers, slot: int) -> None:
        self.servers, self.bare, self.made = servers, f"test_{slot}", set[str]()

    def turn_to(self, wanted: Collection[str]) -> None:
        """Turn this process's connection to the database that holds what is wanted, and make it where it is missing."""
        pieces = [piece for piece in PIECES if piece in wanted]
        name = "_".join([self.bare, *pieces])
        if connections.settings["default"]["NAME"] != name:
            if pieces and name not in self.made:
                self.servers.drop_database(name)
                self.servers.create_database(name, template=make_template(self.servers))
            self._connect(name)
            if pieces and name not in self.made:
                self.made.add(name)
                with time_machine.travel(BORN):
                    for piece in pieces:
                        PIECES[piece]()

    def drop(self) -> None:
        """Remove what was made."""
        self._connect(self.bare)
        for name in self.made:
            self.servers.drop_database(name)

    @staticmethod
    def _connect(name: str) -> None:
        connections["default"].close()
        connections.settings["default"]["NAME"] = name


@pytest.fixture(scope="session")
def furnished(
    servers: Servers, slot: int, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Furnished]:
    """The databases of this process in which people or an authority stand already."""
    made = Furnished(servers, slot)
    yield made
    with django_db_blocker.unblock():
        made.drop()


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest) -> None:
    """Turn to the database that the test's fixtures name, before pytest-django opens the test's transaction there."""
    if fixturedef.argname == "_django_db_helper":
        databases: Furnished = request.getfixturevalue("furnished")
        blocker: DjangoDbBlocker = request.getfixturevalue("django_db_blocker")
        with blocker.unblock():
            databases.turn_to(() if "clone" in request.fixturenames else request.fixturenames)


@pytest.fixture(autouse=True)
def _fresh_cache(request: pytest.FixtureRequest) -> None:
    """Throttles and second-factor guards live in the cache: no test may feel another one's."""
    if {"db", "clone"} & set(request.fixturenames):
        request.getfixturevalue("django_db_setup")
        cache.clear()


@pytest.fixture
def demo_rules(request: pytest.FixtureRequest) -> None:
    """Documents, target systems, contracts and contact data of the demo, in force for a long time."""
    if "clone" in request.fixturenames:
        request.getfixturevalue("clone")
        load_regulations(at=BORN)
    else:
        request.getfixturevalue("db")
