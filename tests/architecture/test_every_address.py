"""No address answers with a fault of ours, whoever calls it and whatever they send."""

import pytest
from django.test import Client
from django.urls import resolve

from accounts.roles import roles_for
from lra_portal.access import rule_for
from tests.harness.addresses import addresses
from tests.people import People, signed_in

VISITORS = (
    "nobody",
    "hanako",
    "examiner",
    "approver",
    "agent",
    "auditor",
    "rules_manager",
    "key_officer",
    "administrator",
)
JUNK = {
    "id": "x",
    "reason": "\x00",
    "name": "\u202e逆\n",
    "round": "-1",
    "digest": "zz",
    "email": "kaputt",
    "files": "",
}


def browser_of(people: People, visitor: str) -> Client:
    browser = Client() if visitor == "nobody" else signed_in(getattr(people, visitor))
    browser.raise_request_exception = False
    return browser


def open_to(people: People, visitor: str) -> set[str]:
    """The addresses whose views a visitor reaches; before all others the table of access stands."""
    roles = set() if visitor == "nobody" else getattr(people, visitor).role_names()
    reached = set()
    for address in addresses():
        rule = rule_for(resolve(address).view_name)
        if rule is not None and (rule.public or roles & {role.value for role in roles_for(rule.act)}):
            reached.add(address)
    return reached


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_address_can_be_asked_for_an_object_that_is_not_there(people: People, visitor: str) -> None:
    browser, reached = browser_of(people, visitor), open_to(people, visitor)
    answers = {address: browser.get(address).status_code for address in addresses()}
    assert {address: code for address, code in answers.items() if code >= 500} == {}
    turned_away = {address: code for address, code in answers.items() if address not in reached}
    assert set(turned_away.values()) <= ({302, 404} if visitor == "nobody" else {404})


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_address_that_lets_somebody_in_can_be_sent_nothing_and_nonsense(people: People, visitor: str) -> None:
    browser = browser_of(people, visitor)
    answers = {}
    for address in open_to(people, visitor):
        if "logout" not in address:
            answers[address] = max(browser.post(address).status_code, browser.post(address, JUNK).status_code)
    assert {address: code for address, code in answers.items() if code >= 500} == {}


@pytest.mark.parametrize("visitor", ["nobody", "rules_manager"])
def test_every_address_can_be_asked_with_letters_that_the_database_can_not_store(people: People, visitor: str) -> None:
    browser = browser_of(people, visitor)
    asked = {
        address: address.replace("unknown", "%00").replace("9.9", "%00").replace("0" * 64, "%00")
        for address in addresses()
    }
    answers = {changed: browser.get(changed).status_code for address, changed in asked.items() if changed != address}
    assert answers
    assert {address: code for address, code in answers.items() if code >= 500} == {}
