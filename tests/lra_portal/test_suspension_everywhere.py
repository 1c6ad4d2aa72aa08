"""A suspension that runs or is announced stands on every page of the portal; what must not stop goes on (O-6)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from certificates.models import CertificationAuthority
from regulations.models import Suspension
from tests.harness.addresses import addresses
from tests.instants import FRIDAY_17_59, FRIDAY_18_01
from tests.people import People, signed_in

VISITORS = ("nobody", "hanako", "rules_manager")
BANNER = 'class="pause'


@pytest.fixture(autouse=True)
def _announced(people: People, issuing: CertificationAuthority, demo_rules: None) -> None:
    Suspension.objects.create(
        begins_at=FRIDAY_18_01, ends_at=FRIDAY_18_01 + timedelta(hours=8), reason={"ja": "機器の交換", "en": "Repair"}
    )


def pages_of(people: People, visitor: str) -> dict[str, str]:
    """Return every page that a visitor gets, by its address."""
    browser = Client() if visitor == "nobody" else signed_in(getattr(people, visitor))
    found = {address: browser.get(address) for address in addresses()}
    read = {address: answer.content.decode() for address, answer in found.items() if not answer.streaming}
    return {address: page for address, page in read.items() if page.startswith("<!doctype html>")}


@pytest.mark.clause("O-6")
@pytest.mark.parametrize("visitor", VISITORS)
def test_every_page_of_everybody_says_that_the_service_pauses(people: People, visitor: str) -> None:
    with time_machine.travel(FRIDAY_18_01, tick=False):
        pages = pages_of(people, visitor)
    assert len(pages) > 20
    assert [
        address for address, page in pages.items() if "機器の交換" not in page or f"{BANNER} pause--now" not in page
    ] == []


@pytest.mark.clause("O-6")
def test_it_is_announced_before_and_gone_afterwards() -> None:
    with time_machine.travel(FRIDAY_17_59, tick=False):
        page = Client().get("/", headers={"accept-language": "en"}).content.decode()
        assert "From 20 Nov 2026, 18:01 JST to 21 Nov 2026, 2:01 JST" in page
        assert "pause--now" not in page
    with time_machine.travel(FRIDAY_18_01 + timedelta(hours=8), tick=False):
        assert BANNER not in Client().get("/").content.decode()
