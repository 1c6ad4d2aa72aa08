"""Everybody of the demo gets in, in both languages, and each sees only their own side of the house."""

import pytest

from lra_portal.demo.people import PEOPLE, Person
from tests.browser.conftest import Visitors


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.email.split("@")[0])
def test_a_demo_person_signs_in_and_finds_a_page_without_faults(visitors: Visitors, person: Person) -> None:
    visitor = visitors(person)
    visitor.sign_in()
    assert person.name.split("（")[0] in visitor.text()
