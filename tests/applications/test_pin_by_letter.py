"""An application whose rules send the PIN by letter: the address is taken over, approved, and never missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from applications.models import Application
from certificates.models import Order
from lra_portal.demo.regulations import LOADER
from regulations.models import Corporation
from regulations.services import target_systems
from tests.applications.applying import Applying, authorise_for_company, target_system
from tests.instants import MONDAY_9_00, WEDNESDAY_11_00
from tests.people import People
from tests.regulations.test_ruleset import by_letter

pytestmark = [pytest.mark.usefixtures("issuing"), pytest.mark.clause("J-5.2")]


@pytest.fixture(autouse=True)
def _letters(people: People, demo_rules: None) -> Iterator[None]:
    """The e-contract service with the PIN by letter, on a Wednesday."""
    system = target_system("e-contract")
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        version = target_systems.import_version(
            target_system=system, data=by_letter(), actor=LOADER, at=WEDNESDAY_11_00
        )
        target_systems.activate(version=version, actor=LOADER, at=WEDNESDAY_11_00)
        yield


@pytest.fixture
def applying(people: People) -> Applying:
    authorise_for_company(people.hanako, MONDAY_9_00)
    return Applying(people.hanako, "e-contract")


def filled(applying: Applying) -> Application:
    return applying.filled_for_company("E-40213")


def test_the_order_carries_the_address_that_the_contract_and_the_applicant_gave(applying: Applying) -> None:
    draft = filled(applying)
    assert applying.submit(draft, WEDNESDAY_11_00).status_code == 302
    draft.refresh_from_db()
    assert Order.objects.get().frozen["pin_to"] == {
        "name": "架空 花子",
        "company": draft.values["corporation_name"],
        "postal_code": draft.values["postal_code"],
        "address": draft.values["address"],
    }


def test_without_an_address_in_the_contract_it_is_not_received_and_says_what_is_missing(applying: Applying) -> None:
    Corporation.objects.update(postal_code="")
    draft = filled(applying)
    answer = applying.submit(draft, WEDNESDAY_11_00)
    assert answer.status_code == 422
    assert "郵便番号" in answer.content.decode()
    assert "契約に次の登録がありません" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert not Order.objects.exists()
