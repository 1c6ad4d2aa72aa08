"""What is wrong is said on top and at the field, and what was typed stays."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.applications.applying import Applying, authorise_for_company
from tests.instants import WEDNESDAY_11_00
from tests.people import People

pytestmark = pytest.mark.usefixtures("issuing")


@pytest.fixture(autouse=True)
def _wednesday(people: People, demo_rules: None) -> Iterator[None]:
    """The demo's rules are in force since Monday; it is Wednesday."""
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        yield


def test_a_letter_that_cannot_be_printed_is_named_on_top_at_the_field_and_in_the_preview(people: People) -> None:
    contract = authorise_for_company(people.hanako, WEDNESDAY_11_00)
    applying = Applying(people.hanako, "e-contract")
    draft = applying.start(str(contract.number))
    assert applying.fill(draft, "applicant").status_code == 302
    answer = applying.fill(draft, "certificate", person_latin="Hanako Ōno")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "data-error-summary" in page
    assert 'href="#id_person_latin"' in page
    assert 'id="id_person_latin_error"' in page
    assert 'value="Hanako Ōno"' in page
    assert '<div class="hit">' in page
