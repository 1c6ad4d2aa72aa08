"""The whole portal for Chromium: web, responder, signer, publisher, worker and beat, on a database of its own.

Everything is as `make run` starts it. What people do goes through pages; what was sent is read in the outbox page.
"""

import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, sync_playwright
from pytest_django import DjangoDbBlocker

from lra_portal.demo.people import Person
from lra_portal.quickstart.portal import PROCESSES, Portal
from lra_portal.quickstart.run import prepare
from lra_portal.quickstart.secrets import read_or_make_secrets
from lra_portal.quickstart.supervisor import Supervisor
from lra_portal.services import Services
from tests.browser.visitor import Visitor
from tests.harness.databases import broker_number, free_slot, locked, make_template
from tests.harness.processes import BASE, READY_WITHIN, answers, free_port
from tests.harness.servers import Servers

SEEN = BASE / "var" / "tests" / "seen"
FAILED = pytest.StashKey[bool]()
NEEDED = ("chromium-headless-shell", "fonts-noto-cjk")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep browser tests together, so that one portal is started for all of them."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.needs(*NEEDED))
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium without its windows, as it also starts for root."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium-headless-shell",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def portal(
    servers: Servers, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[Portal]:
    """The portal with its demo data, its processes running."""
    folder = tmp_path_factory.mktemp("portal")
    port = free_port()
    with free_slot() as slot:
        name = f"test_portal_{slot}"
        with django_db_blocker.unblock():
            template = make_template(servers)
        servers.drop_database(name)
        servers.create_database(name, template=template)
        made = Portal(cast(Services, servers), name, folder, port, port + 1, broker_number(slot), folder / "log")
        read_or_make_secrets(folder / "secrets.json")
        supervisor = Supervisor(folder / "processes.json")
        try:
            # All portals of a checkout collect their static files into one folder.
            with locked("static-files"):
                prepare(made)
            for process in PROCESSES:
                supervisor.start(made.command(process))
            await_answers(made, supervisor)
            yield made
        finally:
            supervisor.stop()
            servers.drop_database(name)


def await_answers(portal: Portal, supervisor: Supervisor) -> None:
    """Wait until pages and OCSP are answered; the log of a process that dies is the error."""
    deadline = time.monotonic() + READY_WITHIN
    urls = [f"{portal.status_url}/healthz", f"{portal.responder_url}healthz"]
    while not all(answers(url) for url in urls):
        for process in PROCESSES:
            assert not supervisor.has_failed(process), (portal.logs / f"{process}.log").read_text()
        assert time.monotonic() < deadline, "pages or OCSP stay silent"
        time.sleep(0.1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember how the test went, for the pictures that are taken of a failure."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture
def visitors(portal: Portal, chromium: Browser, request: pytest.FixtureRequest) -> Iterator["Visitors"]:
    """People with browsers of their own; when the test fails, what each of them saw last is kept in var/tests/seen."""
    people = Visitors(chromium, portal)
    yield people
    if request.node.stash.get(FAILED, False):
        people.keep_pictures(request.node.name)
    people.leave()


class Visitors:
    """Everybody who takes part in a story; each has a session that nobody else sees."""

    def __init__(self, browser: Browser, portal: Portal) -> None:
        self.browser, self.portal, self.here = browser, portal, dict[str, Visitor]()

    def __call__(self, person: Person, **options: Any) -> Visitor:
        """Return this person's visit; they come in on first mention."""
        if person.email not in self.here:
            context = self.browser.new_context(
                base_url=self.portal.site_url, **{"locale": "ja-JP", "timezone_id": "Asia/Tokyo", **options}
            )
            context.set_default_timeout(15_000)
            self.here[person.email] = Visitor(person, context.new_page(), self.portal)
        return self.here[person.email]

    def keep_pictures(self, name: str) -> None:
        """Keep the text and a picture of every page as it stands."""
        SEEN.mkdir(parents=True, exist_ok=True)
        for visitor in self.here.values():
            stem = f"{name[:60]}-{visitor.person.email.split('@')[0]}"
            (SEEN / f"{stem}.txt").write_text(f"{visitor.page.url}\n{visitor.text()}")
            visitor.page.screenshot(path=SEEN / f"{stem}.png", full_page=True)

    def leave(self) -> None:
        """Close every browser."""
        for visitor in self.here.values():
            visitor.page.context.close()
