"""Members of a contract: where rules let them apply, the contract that names them is looked up, never typed (J-2)."""

from __future__ import annotations

import html
from collections.abc import Iterator

import pytest
import time_machine

from applications.models import Application
from applications.selectors.intake import contract_violations
from applications.services import intake
from audit.refusals import RuleViolated
from certificates.models import CertificationAuthority
from lra_portal.demo.regulations import LOADER
from regulations.models import Contract, ContractMember
from regulations.services import contracts
from tests.applications.applying import Applying, target_system
from tests.instants import MONDAY_9_00, WEDNESDAY_11_00
from tests.people import ORIGIN, People, signed_in

SLUG, NUMBER = "monitored-device", "D-20111"


@pytest.fixture(autouse=True)
def _ready(people: People, issuing: CertificationAuthority, demo_rules: None) -> Iterator[None]:
    contract = Contract.objects.get(number=NUMBER)
    contracts.name_member(contract=contract, email=people.hanako.email, name="架空 花子", actor=LOADER, at=MONDAY_9_00)
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        yield


def choices(people: People) -> tuple[str, str]:
    pages = [
        signed_in(person).get("/applications/new/", headers={"accept-language": "en"})
        for person in (people.hanako, people.outsider)
    ]
    named, stranger = (html.unescape(page.content.decode()) for page in pages)
    return named, stranger


@pytest.mark.clause("J-2")
def test_a_member_without_any_post_applies_under_the_contract_that_names_them(people: People) -> None:
    named, stranger = choices(people)
    assert f'value="{NUMBER}"' in named
    assert "People whom their corporation's contract names" in named
    assert NUMBER not in stranger
    assert "No contract in force names you." in stranger
    draft = Applying(people.hanako, SLUG).start(NUMBER)
    assert draft.contract is not None
    assert draft.values["corporation_latin"] == "Mihon Seiki Co., Ltd. (DEMO)"
    assert contract_violations(draft, WEDNESDAY_11_00) == []


@pytest.mark.clause("J-2")
def test_a_stranger_names_the_contract_and_is_refused(people: People) -> None:
    answer = signed_in(people.outsider).post(f"/applications/new/{SLUG}/", {"contract": NUMBER})
    assert answer.status_code in (404, 409, 422)
    with pytest.raises(RuleViolated) as refused:
        intake.start(
            target_system=target_system(SLUG),
            contract=Contract.objects.get(number=NUMBER),
            person=people.outsider,
            actor=people.outsider.actor(ORIGIN),
            at=WEDNESDAY_11_00,
        )
    assert [violation.code for violation in refused.value.violations] == ["not_member"]
    assert not Application.objects.exists()


@pytest.mark.clause("J-2")
def test_a_member_who_was_taken_off_meanwhile_can_not_submit(people: People) -> None:
    draft = Applying(people.hanako, SLUG).start(NUMBER)
    member = ContractMember.objects.get(contract__number=NUMBER, email=people.hanako.email)
    contracts.end_member(member=member, actor=LOADER, at=WEDNESDAY_11_00)
    found = contract_violations(draft, WEDNESDAY_11_00)
    assert [violation.code for violation in found] == ["contract"]


@pytest.mark.clause("J-2")
def test_a_member_does_not_apply_where_an_authorised_person_is_wanted(people: People) -> None:
    contract = Contract.objects.get(number="E-40213")
    contracts.name_member(contract=contract, email=people.hanako.email, name="花子", actor=LOADER, at=MONDAY_9_00)
    with pytest.raises(RuleViolated) as refused:
        intake.start(
            target_system=target_system("e-contract"),
            contract=contract,
            person=people.hanako,
            actor=people.hanako.actor(ORIGIN),
            at=WEDNESDAY_11_00,
        )
    assert [violation.code for violation in refused.value.violations] == ["not_authorised_person"]
