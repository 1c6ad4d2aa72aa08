"""While the service pauses, everything that was typed is kept and can go on; only receiving waits (O-6)."""

from collections.abc import Iterator

import pytest
import time_machine

from applications.models import Application
from certificates.models import CertificationAuthority
from lra_portal.demo.regulations import LOADER
from regulations.models import Consent
from regulations.ruleset import LocalText
from regulations.services import suspensions
from tests.applications.applying import Applying
from tests.instants import FRIDAY_17_59, WEDNESDAY_11_00
from tests.people import People

SAYS = "設備点検"


@pytest.fixture(autouse=True)
def _wednesday(people: People, issuing: CertificationAuthority, demo_rules: None) -> Iterator[None]:
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        yield


@pytest.fixture
def applying(people: People) -> Applying:
    return Applying(people.hanako)


def pause() -> None:
    """The service pauses from now until Friday evening."""
    reason = LocalText(SAYS, "maintenance")
    suspensions.announce(
        begins_at=WEDNESDAY_11_00, ends_at=FRIDAY_17_59, reason=reason, actor=LOADER, at=WEDNESDAY_11_00
    )


@pytest.mark.clause("O-6")
def test_a_draft_that_was_begun_before_is_taken_up_filled_in_and_submitted_afterwards(applying: Applying) -> None:
    begun = applying.start()
    pause()
    draft = applying.start()
    assert draft == begun
    assert applying.fill(draft, "applicant").status_code == 302
    assert applying.fill(draft, "certificate").status_code == 302
    assert applying.hand_in(draft, "identity_document").status_code == 302
    refused = applying.submit(draft, WEDNESDAY_11_00)
    page = refused.content.decode()
    boxes, ticked = page.count('name="consent"'), page.count("checked")
    assert (refused.status_code, SAYS in page, boxes == ticked, boxes > 1) == (503, True, True, True)
    draft.refresh_from_db()
    assert (draft.status, draft.values["person_latin"], draft.uploads.count()) == ("draft", "Hanako Kaku", 1)
    assert Consent.objects.count() == 0
    with time_machine.travel(FRIDAY_17_59, tick=False):
        assert Applying(applying.person).submit(draft, FRIDAY_17_59).status_code == 302
    draft.refresh_from_db()
    assert draft.receipt_number


@pytest.mark.clause("O-6")
def test_what_is_typed_wrongly_meanwhile_is_kept_to_be_corrected(applying: Applying) -> None:
    draft = applying.start()
    pause()
    answer = applying.fill(draft, "certificate", person_latin="架空 花子")
    assert (answer.status_code, "架空 花子" in answer.content.decode()) == (422, True)
    again = applying.browser.get(f"/applications/{draft.pk}/form/certificate/").content.decode()
    assert "架空 花子" in again
    assert "M-000123" in again


@pytest.mark.clause("O-6")
def test_nothing_new_is_begun_and_the_page_says_until_when(applying: Applying) -> None:
    pause()
    answer = applying.browser.post("/applications/new/member-client/")
    assert (answer.status_code, SAYS in answer.content.decode()) == (503, True)
    assert not Application.objects.exists()
