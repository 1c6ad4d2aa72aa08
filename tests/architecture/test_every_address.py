"""No address answers with a fault of ours, whoever calls it and whatever they send."""

import pytest
from django.test import Client

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


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_address_can_be_asked_for_an_object_that_is_not_there(people: People, visitor: str) -> None:
    browser = browser_of(people, visitor)
    answers = {address: browser.get(address).status_code for address in addresses()}
    assert {address: code for address, code in answers.items() if code >= 500} == {}


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_address_can_be_sent_nothing_and_nonsense(people: People, visitor: str) -> None:
    browser = browser_of(people, visitor)
    answers = {}
    for address in addresses():
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
