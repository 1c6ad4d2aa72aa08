"""The embedded services survive whatever is done to them, and end with their last holder."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from lra_portal.services import Services, clean, lease
from lra_portal.services.place import find_place
from lra_portal.services.postgresql import PostgreSQL
from lra_portal.services.valkey import Valkey

pytestmark = pytest.mark.xdist_group("services")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("checkout")
    yield folder
    assert clean(folder)
    assert not find_place(folder).root.exists()


def ask(services: Services, question: str, role: str = "lra_owner", dbname: str = "kept") -> str:
    connection = psycopg2.connect(services.database_url(role, dbname))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(question)
            return str(cursor.fetchall()[0][0])
    finally:
        connection.close()


def kill_database(services: Services) -> None:
    first_line = (services.place.data / "postmaster.pid").read_text().splitlines()[0]
    os.kill(int(first_line), signal.SIGKILL)


def kill_broker(services: Services) -> None:
    number = Valkey(services.place)._process_number()
    assert number is not None
    os.kill(number, signal.SIGKILL)


def are_running(folder: Path) -> tuple[bool, bool]:
    place = find_place(folder)
    return PostgreSQL(place).is_running(), Valkey(place).is_running()


def test_the_last_holder_stops_what_the_first_one_started(checkout: Path) -> None:
    with lease(checkout):
        with lease(checkout) as second:
            assert ask(second, "SELECT 1", dbname="postgres", role="lra_super") == "1"
        assert are_running(checkout) == (True, True)
        assert not clean(checkout), "what somebody holds is not removed"
    assert are_running(checkout) == (False, False)


def test_what_was_committed_survives_kill_and_restart(checkout: Path) -> None:
    with lease(checkout) as services:
        services.drop_database("kept")
        services.create_database("kept")
        connection = psycopg2.connect(services.database_url("lra_owner", "kept"))
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE page AS SELECT '利用規約'::text AS title")
        kill_database(services)
        kill_broker(services)
        assert services.revive()
        assert ask(services, "SELECT title FROM page") == "利用規約"
        assert are_running(checkout) == (True, True)
        assert services.revive() == []
    with lease(checkout) as services:
        assert ask(services, "SELECT title FROM page", role="lra_web") == "利用規約"


def test_a_stale_process_number_stops_nobody(checkout: Path) -> None:
    with lease(checkout) as services:
        place = services.place
    note = place.data / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{place.data}\n0\n5432\n{place.sockets}\n\n")
    place.runner.own(note)
    with lease(checkout):
        assert are_running(checkout) == (True, True)


def test_nobody_signs_in_without_a_password(checkout: Path) -> None:
    with lease(checkout) as services:
        for role in ("lra_super", "lra_owner", "lra_web"):
            with pytest.raises(psycopg2.OperationalError, match="password"):
                psycopg2.connect(host=str(services.place.sockets), user=role, dbname="postgres", password="guess")


def test_a_reader_gets_nothing_that_was_not_given(checkout: Path) -> None:
    with lease(checkout) as services:
        services.drop_database("kept")
        services.create_database("kept")
        connection = psycopg2.connect(services.database_url("lra_owner", "kept"))
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE page AS SELECT 1 AS number")
        assert ask(services, "SELECT number FROM page", role="lra_signer") == "1"
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(services, "SELECT number FROM page", role="lra_responder")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(services, "CREATE TABLE mine (number int)", role="lra_web")


def test_passwords_and_sockets_are_for_their_users_alone(checkout: Path) -> None:
    with lease(checkout) as services:
        place = services.place
        assert place.passwords.stat().st_mode & 0o077 == 0
        assert place.sockets.stat().st_mode & 0o077 == 0
        assert place.data.stat().st_mode & 0o077 == 0
        assert (place.notes / "place.txt").read_text().splitlines() == [str(place.root), str(place.sockets)]


@pytest.mark.parametrize("name", ["a" * 80, "山田's, folder"], ids=["too long", "odd signs"])
def test_a_socket_path_is_always_short_and_plain(tmp_path: Path, name: str) -> None:
    sockets = str(find_place(tmp_path / name).sockets)
    assert len(sockets) < 80
    assert sockets.isascii()
    assert "'" not in sockets
