"""One person in front of a browser: signs in, goes about, and looks at every page with the eyes of axe."""

import hashlib
import re
import time
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from lra_portal.demo.people import PASSWORD, Person
from lra_portal.demo.second_factor import code_now
from lra_portal.quickstart.portal import Portal

AXE = Axe()
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    # What passes is not read: to describe it takes most of the time.
    "resultTypes": ["violations"],
    "selectors": False,
}
LOOKED_AT: set[str] = set()
COOKIES: dict[tuple[int, str], tuple[Any, float]] = {}
# What weighs most asks anew after a quarter of an hour: a story never begins with an old sign-in.
FRESH_FOR = 600
TROUBLING = {"serious", "critical"}
PARTS = "h1,h2,h3,h4,h5,h6,main,nav,aside,header,footer,dialog"
KINDS = """(parts) => {
    const kind = (node) => [
        node.parentElement && node.parentElement.tagName,
        node.tagName,
        node.getAttribute("class"),
        node.getAttribute("type"),
        ...node.getAttributeNames().sort(),
        node.childElementCount || node.textContent.trim() ? "filled" : "empty",
    ].join(" ");
    const kinds = new Set(Array.from(document.querySelectorAll("*"), kind));
    const order = Array.from(document.querySelectorAll(parts), (node) => node.tagName);
    return [...Array.from(kinds).sort(), ...order, document.documentElement.lang, window.innerWidth].join(";");
}"""


@dataclass
class Visitor:
    """A person with a session of their own."""

    person: Person
    page: Page
    portal: Portal
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Remember what a browser complains about: scripts that fail, answers of 500, what the policy refused."""
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("console", self._hear)
        self.page.on("response", self._see)

    def _hear(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.troubles.append(f"console: {message.text}")

    def _see(self, response: Any) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.status}: {response.url}")

    def go(self, address: str) -> None:
        """Open an address and look at the page."""
        self.page.goto(address)
        self.look()

    def look(self) -> None:
        """Fail for anything serious that axe finds on the page, and for what the browser complained about."""
        seen = self.page_digest()
        found = [] if seen in LOOKED_AT else AXE.run(self.page, options=RULES).response["violations"]
        serious = [
            f"{fault['id']} ({fault['impact']}): {node['html'][:160]}"
            for fault in found
            if fault["impact"] in TROUBLING
            for node in fault["nodes"]
        ]
        assert not serious, f"{self.person.email} at {self.page.url}:\n" + "\n".join(serious)
        LOOKED_AT.add(seen)
        assert not self.troubles, f"{self.person.email} at {self.page.url}:\n" + "\n".join(self.troubles)

    def page_digest(self) -> str:
        """Return what tells this page from others but for its words: axe looks at each kind of page once.

        That is which elements there are with which attributes under which parent, the order of headings and parts,
        the language, and the width of the window.
        """
        kinds: str = self.page.evaluate(KINDS, PARTS)
        return hashlib.sha256(kinds.encode()).hexdigest()

    def sign_in(self) -> None:
        """Sign in, with the second factor where the person's post needs one; come back by the cookies of last time.

        A code of the second factor is good once, and two tests may need the same person within half a minute.
        """
        person = self.person
        known, since = COOKIES.get((self.portal.port, person.email), (None, 0.0))
        if known and time.monotonic() - since < FRESH_FOR:
            self.page.context.add_cookies(known)
            self.go("/people/")
            return
        self.go("/accounts/login/")
        self.page.locator("input[name=login]").fill(person.email)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.press_in_form("input[name=password]")
        if person.totp_secret:
            self.look()
            self.page.locator("input[name=code]").fill(code_now(person.totp_secret))
            self.press_in_form("input[name=code]")
        assert "/accounts/" not in self.page.url, self.page.content()
        self.look()
        COOKIES[self.portal.port, person.email] = (self.page.context.cookies(), time.monotonic())

    def press_in_form(self, field_selector: str) -> None:
        """Send the form that a field belongs to, with its own button."""
        form = self.page.locator("form").filter(has=self.page.locator(field_selector))
        form.locator("button[type=submit], button:not([type])").first.click()
        self.page.wait_for_load_state()

    def send(self, action: str, **filled: str) -> None:
        """Fill in the form that goes to an address which contains `action`, send it, and look at the answer."""
        form = self.page.locator(f"form[method=post][action*='{action}']").first
        for name, value in filled.items():
            form.locator(f"[name={name}]").first.fill(value)
        form.locator("button[type=submit], button:not([type])").first.click()
        self.page.wait_for_load_state()
        self.look()

    def follow(self, part: str) -> None:
        """Follow the first link to an address which contains `part`, and look at the page."""
        self.page.locator(f"a[href*='{part}']").first.click()
        self.page.wait_for_load_state()
        self.look()

    def await_text(self, pattern: str, seconds: float = 30.0) -> None:
        """Load the page again until its text matches: what a background process does takes a moment."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.text()):
            assert time.monotonic() < deadline, f"{pattern} did not appear at {self.page.url}:\n{self.text()}"
            time.sleep(0.5)
            self.page.reload()
        self.look()

    def mail(self, pattern: str, seconds: float = 40.0) -> re.Match[str]:
        """Read the person's mail in the outbox page until one of them matches; return the match."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.page.goto(f"/outbox/?to={self.person.email}")
            links = [link.get_attribute("href") for link in self.page.locator("main a.row-link").all()]
            for address in links:
                self.page.goto(str(address))
                found = re.search(pattern, self.text())
                if found:
                    self.look()
                    return found
            time.sleep(0.5)
        raise AssertionError(f"no mail to {self.person.email} matches {pattern}")

    def text(self) -> str:
        """Return all that stands on the page."""
        return self.page.locator("body").inner_text()
