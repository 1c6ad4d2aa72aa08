"""A new application begins with the answers of an older one: what fits comes along, documents and keys do not."""

from collections.abc import Iterator

import pytest
import time_machine

from applications.models import Application
from applications.rules.prefilling import fitting
from applications.services import intake
from audit.models import Event
from lra_portal.demo.regulations import LOADER
from regulations.ruleset import RuleSet
from regulations.services import target_systems
from tests.applications.applying import Applying, authorise_for_company, target_system
from tests.instants import MONDAY_9_00, WEDNESDAY_11_00
from tests.people import ORIGIN, People, signed_in

pytestmark = pytest.mark.usefixtures("issuing")
START = "/applications/new/member-client/"


@pytest.fixture(autouse=True)
def _wednesday(people: People, demo_rules: None) -> Iterator[None]:
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        yield


@pytest.fixture
def earlier(people: People) -> Application:
    """An application that was handed in and taken back."""
    applying = Applying(people.hanako)
    draft = applying.filled(person_latin="Hanako Kakou")
    applying.submit(draft, WEDNESDAY_11_00)
    return intake.withdraw(application=draft, actor=people.hanako.actor(ORIGIN), at=WEDNESDAY_11_00)


def begun(people: People, number: str | None, slug: str = "member-client", contract: str = "") -> Application:
    sent = {"answers_of": number or "", "contract": contract}
    answer = signed_in(people.hanako).post(f"/applications/new/{slug}/", sent)
    assert answer.status_code == 302, answer.status_code
    return Application.objects.get(pk=answer["Location"].split("/")[2])


def rules(**changes: object) -> RuleSet:
    return RuleSet.parse({**target_system("member-client").version_in_force().rules, **changes})


def with_field(key: str, **changes: object) -> RuleSet:
    data = target_system("member-client").version_in_force().rules
    return rules(fields=[{**field, **changes} if field["key"] == key else field for field in data["fields"]])


@pytest.mark.clause("O-4.2")
def test_answers_of_an_older_application_are_a_choice_and_come_along(earlier: Application, people: People) -> None:
    page = signed_in(people.hanako).get("/applications/new/", headers={"accept-language": "en"}).content.decode()
    assert f"Use the answers of application {earlier.receipt_number}" in page
    draft = begun(people, earlier.receipt_number)
    assert (draft.status, draft.receipt_number, draft.pk == earlier.pk) == ("draft", None, False)
    assert draft.values == earlier.values
    shown = signed_in(people.hanako).get(f"/applications/{draft.pk}/form/certificate/").content.decode()
    assert "M-000123" in shown
    assert Event.objects.filter(act="application:edit", story=draft.pk).count() == 1


@pytest.mark.clause("O-4.1", "J-5")
def test_documents_consents_and_the_signing_request_are_given_anew(earlier: Application, people: People) -> None:
    assert earlier.uploads.count() == 1
    assert earlier.csr_der
    draft = begun(people, earlier.receipt_number)
    assert draft.uploads.count() == 0
    assert draft.csr_der is None
    assert "csr" not in draft.typed
    answer = Applying(people.hanako).submit(draft, WEDNESDAY_11_00, consent=[])
    assert answer.status_code == 422


def test_what_was_typed_into_a_draft_is_not_written_over(earlier: Application, people: People) -> None:
    applying = Applying(people.hanako)
    draft = applying.start()
    applying.fill(draft, "certificate", member_number="M-000999")
    page = signed_in(people.hanako).get("/applications/new/").content.decode()
    assert "answers_of" not in page.split('id="system-member-client"')[1].split("</section>")[0]
    again = begun(people, earlier.receipt_number)
    assert (again.pk, again.values["member_number"]) == (draft.pk, "M-000999")


def test_a_target_system_that_asks_the_same_offers_the_answers_too(earlier: Application, people: People) -> None:
    contract = authorise_for_company(people.hanako, MONDAY_9_00)
    page = signed_in(people.hanako).get("/applications/new/").content.decode()
    for slug in ("member-client", "e-contract", "remote-access"):
        section = page.split(f'id="system-{slug}"')[1].split("</section>")[0]
        assert f'value="{earlier.receipt_number}"' in section, slug
    draft = begun(people, earlier.receipt_number, "e-contract", contract.number)
    assert draft.values["person_latin"] == "Hanako Kakou"
    assert draft.values["corporate_number"] == "1999900000123"
    assert "member_number" not in draft.values


def test_an_application_that_tells_no_more_than_the_account_is_not_offered(people: People) -> None:
    assert "answers_of" not in signed_in(people.hanako).get("/applications/new/").content.decode()


def test_todays_rules_settle_what_comes_along(earlier: Application, people: People) -> None:
    system = target_system("member-client")
    short = with_field("member_number", max_length=3).to_dict()
    version = target_systems.import_version(target_system=system, data=short, actor=LOADER, at=WEDNESDAY_11_00)
    target_systems.activate(version=version, actor=LOADER, at=WEDNESDAY_11_00)
    draft = begun(people, earlier.receipt_number)
    assert draft.rules == version
    assert "member_number" not in draft.values
    assert draft.values["person_latin"] == "Hanako Kakou"


def test_an_answer_of_another_kind_or_one_that_is_not_on_the_list_stays_behind(earlier: Application) -> None:
    before = rules()
    assert fitting(before, before, earlier.values) == earlier.values
    assert "phone" not in fitting(with_field("phone", kind="text"), before, earlier.values)
    choices = [{"value": "a", "label": {"ja": "あ", "en": "A"}}]
    listed = with_field("phone", kind="choice", choices=choices)
    assert "phone" not in fitting(listed, with_field("phone", kind="choice", choices=choices), earlier.values)


def test_only_ones_own_received_and_kept_applications_are_a_choice(earlier: Application, people: People) -> None:
    assert signed_in(people.outsider).post(START, {"answers_of": earlier.receipt_number}).status_code == 404
    for unknown in ("", "2026-999999", "\x00", "x" * 5000):
        assert signed_in(people.hanako).post(START, {"answers_of": unknown}).status_code == 404
    erased = {"contents_erased_at": WEDNESDAY_11_00, "values": {}, "typed": {}, "csr_der": None, "key_digest": ""}
    Application.objects.filter(pk=earlier.pk).update(**erased)
    assert signed_in(people.hanako).post(START, {"answers_of": earlier.receipt_number}).status_code == 404
    assert Application.objects.count() == 1
