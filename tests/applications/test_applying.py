"""The applicant's way through the pages: choose, fill in, hand in, agree, submit, withdraw, print."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
import time_machine
from django.core import mail

from accounts.models import Notice
from accounts.worker import mailing
from applications.models import Application
from applications.services import intake, uploads
from audit.models import Event
from audit.refusals import NotFound
from certificates.models import Order
from lra_portal.demo.regulations import LOADER
from regulations.models import Consent, Document, Subscription
from regulations.ruleset import LocalText
from regulations.services import documents, suspensions, target_systems
from tests.applications.applying import Applying, authorise_for_company, target_system
from tests.instants import APRIL_1_MIDNIGHT, FRIDAY_17_59, MONDAY_9_00, WEDNESDAY_11_00
from tests.people import ORIGIN, People, signed_in

pytestmark = pytest.mark.usefixtures("issuing")


@pytest.fixture(autouse=True)
def _wednesday(people: People, demo_rules: None) -> Iterator[None]:
    """The demo's rules are in force since Monday; it is Wednesday."""
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        yield


def submitted(people: People) -> Application:
    applying = Applying(people.hanako)
    draft = applying.filled()
    assert applying.submit(draft, WEDNESDAY_11_00).status_code == 302
    draft.refresh_from_db()
    return draft


@pytest.mark.clause("O-4.1", "O-4.2", "O-16.1.1")
def test_a_member_applies_and_gets_a_receipt_number_a_due_day_and_an_order(people: People) -> None:
    application = submitted(people)
    assert (application.status, application.receipt_number) == ("submitted", "2026-000001")
    assert application.due_at == FRIDAY_17_59.replace(hour=18, minute=0)
    order = Order.objects.get(story=application.pk)
    assert application.order == order
    assert order.frozen["subject"] == [
        ["C", "JP"],
        ["O", "Mihon Member Service (DEMO)"],
        ["OU", "MEMBER-M-000123"],
        ["CN", "Hanako Kaku"],
    ]
    assert (order.frozen["key_mode"], order.frozen["application_digest"]) == ("csr", application.digest)
    given = set(Consent.objects.filter(story=application.pk).values_list("item", flat=True))
    assert {"document:usage-terms", "document:privacy-policy", "declaration:accurate"} <= given
    assert Event.objects.filter(act="application:submit", story=application.pk, after="submitted").count() == 1


@pytest.mark.clause("O-4.2")
def test_the_acknowledgement_names_the_receipt_number_and_goes_out_once(people: People) -> None:
    application = submitted(people)
    mailing.send_waiting()
    mailing.send_waiting()
    assert [message.to for message in mail.outbox] == [["hanako@demo.example"]]
    assert str(application.receipt_number) in mail.outbox[0].subject
    assert str(application.pk) in str(mail.outbox[0].body)


def test_a_stale_page_submitted_twice_is_one_application_with_one_receipt(people: People) -> None:
    applying = Applying(people.hanako)
    draft = applying.filled()
    first = applying.submit(draft, WEDNESDAY_11_00)
    second = applying.submit(draft, WEDNESDAY_11_00)
    assert first["Location"] == second["Location"]
    assert Order.objects.count() == Notice.objects.count() == 1
    assert Application.objects.get().receipt_number == "2026-000001"


@pytest.mark.clause("O-16.1.1", "O-4.1")
def test_without_the_declaration_nothing_is_received_and_the_other_ticks_stay(people: People) -> None:
    applying = Applying(people.hanako)
    draft = applying.filled()
    asked = [box["key"] for box in boxes(applying, draft)]
    ticked = [key for key in asked if not key.startswith("declaration:")]
    answer = applying.submit(draft, WEDNESDAY_11_00, consent=ticked)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert all(
        f'value="{key}" checked' in page.replace(f'value="{key}"  checked', f'value="{key}" checked') for key in ticked
    )
    draft.refresh_from_db()
    assert (draft.status, Consent.objects.count()) == ("draft", 0)
    assert Event.objects.filter(outcome="refused", act="application:submit").count() == 1


def boxes(applying: Applying, draft: Application) -> list[dict[str, str]]:
    answer = applying.browser.get(f"/applications/{draft.pk}/form/confirm/")
    return [{"key": box.key, "title": box.title, "error": box.error} for box in answer.context["boxes"]]


@pytest.mark.clause("O-4.1", "O-3.2")
def test_terms_posted_meanwhile_are_read_again_with_the_form_intact(people: People) -> None:
    applying = Applying(people.hanako)
    draft = applying.filled()
    ticked = [box["key"] for box in boxes(applying, draft)]
    text = documents.Text(
        "3.2", {"ja": "利用規約", "en": "Terms"}, {"ja": "新しい版", "en": "new"}, {"ja": "改定点", "en": "x"}
    )
    terms = Document.objects.get(slug="usage-terms")
    documents.publish(document=terms, text=text, actor=LOADER, at=WEDNESDAY_11_00)
    answer = applying.submit(draft, WEDNESDAY_11_00, consent=ticked)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "3.2" in page
    assert "改定点" in page
    draft.refresh_from_db()
    assert (draft.status, draft.values["person_latin"]) == ("draft", "Hanako Kaku")
    assert applying.submit(draft, WEDNESDAY_11_00).status_code == 302
    consent = Consent.objects.get(item="document:usage-terms")
    assert consent.document_version is not None
    assert consent.document_version.version == "3.2"


@pytest.mark.clause("O-2.1")
def test_the_order_of_precedence_is_shown_where_one_agrees(people: People) -> None:
    applying = Applying(people.hanako)
    shown = [box["key"].rsplit(":", 1)[0] for box in boxes(applying, applying.filled())]
    assert shown[:3] == ["document:usage-terms", "document:member-client-regulation", "document:privacy-policy"]


@pytest.mark.clause("O-1.3")
def test_rules_changed_meanwhile_are_gone_through_again_and_then_pinned(people: People) -> None:
    applying = Applying(people.hanako)
    draft = applying.filled()
    system = target_system("member-client")
    changed = {**system.version_in_force().rules, "promised_days": 5}
    version = target_systems.import_version(target_system=system, data=changed, actor=LOADER, at=WEDNESDAY_11_00)
    target_systems.activate(version=version, actor=LOADER, at=WEDNESDAY_11_00)
    assert applying.submit(draft, WEDNESDAY_11_00).status_code == 422
    applying.browser.get(f"/applications/{draft.pk}/form/confirm/")
    assert applying.submit(draft, WEDNESDAY_11_00).status_code == 302
    draft.refresh_from_db()
    assert draft.rules == version
    assert draft.order is not None
    assert draft.order.frozen["rules_version"] == str(version.pk)


@pytest.mark.clause("J-2")
def test_only_an_authorised_person_of_a_contract_in_force_may_apply(people: People) -> None:
    contract = authorise_for_company(people.hanako, MONDAY_9_00)
    outsider = signed_in(people.outsider)
    assert outsider.post("/applications/new/e-contract/", {"contract": contract.number}).status_code == 422
    assert "契約番号" not in outsider.get("/applications/new/").content.decode()
    assert Application.objects.count() == 0
    applying = Applying(people.hanako, "e-contract")
    draft = applying.start(contract.number)
    assert draft.values["corporate_number"] == "1999900000123"
    with time_machine.travel(APRIL_1_MIDNIGHT.replace(year=2028), tick=False):
        late = signed_in(people.hanako).post("/applications/new/e-contract/", {"contract": contract.number})
    assert late.status_code == 422


@pytest.mark.clause("J-2", "O-18.1")
def test_what_the_contract_says_cannot_be_typed_and_its_end_binds_the_certificate(people: People) -> None:
    contract = authorise_for_company(people.hanako, MONDAY_9_00)
    applying = Applying(people.hanako, "e-contract")
    draft = applying.filled_for_company(contract.number)
    applying.fill(draft, "applicant", corporate_number="2999900000123", status="issued", corporation_latin="Other Inc.")
    assert applying.submit(draft, WEDNESDAY_11_00).status_code == 302
    order = Order.objects.get()
    assert ["OU", "CN-1999900000123"] in order.frozen["subject"]
    assert ["O", "Mihon Seiki Co., Ltd. (DEMO)"] in order.frozen["subject"]
    assert order.frozen["valid_until"].startswith("2028-03-31T15:00:00")
    draft.refresh_from_db()
    assert (draft.status, draft.values["appointed_on"]) == ("submitted", "2024-04-01")


@pytest.mark.clause("O-7.1", "O-7.2")
def test_the_fee_is_said_to_be_contained_or_none(people: People) -> None:
    authorise_for_company(people.hanako, MONDAY_9_00)
    applying = Applying(people.hanako)
    page = applying.browser.get("/applications/new/", headers={"accept-language": "en"}).content.decode()
    assert "Contained in the fee of the service it is for" in page
    assert "charges you nothing" in page
    draft = applying.filled()
    answer = applying.browser.get(f"/applications/{draft.pk}/form/confirm/", headers={"accept-language": "en"})
    assert "charges you nothing" in answer.content.decode()


@pytest.mark.clause("O-6")
def test_while_the_service_is_suspended_nothing_is_received_and_nothing_typed_is_lost(people: People) -> None:
    applying = Applying(people.hanako)
    draft = applying.filled()
    suspensions.announce(
        begins_at=MONDAY_9_00,
        ends_at=FRIDAY_17_59,
        reason=LocalText("設備点検", "maintenance"),
        actor=LOADER,
        at=MONDAY_9_00,
    )
    answer = applying.submit(draft, WEDNESDAY_11_00)
    assert answer.status_code == 503
    assert "設備点検" in answer.content.decode()
    draft.refresh_from_db()
    assert (draft.status, draft.values["person_latin"]) == ("draft", "Hanako Kaku")
    assert "設備点検" in applying.browser.get("/applications/new/").content.decode()
    with time_machine.travel(FRIDAY_17_59, tick=False):
        later = Applying(people.hanako)
        assert later.submit(draft, FRIDAY_17_59).status_code == 302


@pytest.mark.clause("O-4.3.3")
def test_a_second_application_for_the_same_person_waits_for_the_first(people: People) -> None:
    first = submitted(people)
    applying = Applying(people.hanako)
    assert str(first.receipt_number) in applying.browser.get("/applications/new/").content.decode()
    second = applying.filled(member_number="ｍ-000123")
    answer = applying.submit(second, WEDNESDAY_11_00)
    assert answer.status_code == 422
    assert str(first.receipt_number) in answer.content.decode()
    assert Subscription.objects.count() == 1
    another = Applying(people.jiro)
    answer = another.submit(another.filled(member_number="M-000123"), WEDNESDAY_11_00)
    assert answer.status_code == 422
    assert str(first.receipt_number) not in answer.content.decode()


def test_the_draft_is_prefilled_from_the_account_and_taken_up_again(people: People) -> None:
    applying = Applying(people.hanako)
    draft = applying.start()
    assert draft.values["person_reading"] == "カクウ ハナコ"
    assert draft.values["email"] == "hanako@demo.example"
    assert applying.start() == draft
    assert applying.browser.get("/home/").status_code == 200


def test_withdrawing_cancels_the_order_and_tells_the_applicant_once(people: People) -> None:
    application = submitted(people)
    browser = signed_in(people.hanako)
    assert browser.get(f"/applications/{application.pk}/withdraw/").status_code == 200
    for _time in range(2):
        assert browser.post(f"/applications/{application.pk}/withdraw/").status_code == 302
    application.refresh_from_db()
    assert application.order is not None
    assert (application.status, application.order.status) == ("withdrawn", "cancelled")
    assert Notice.objects.filter(kind="applications/withdrawn").count() == 1
    again = Applying(people.hanako)
    assert again.submit(again.filled(), WEDNESDAY_11_00).status_code == 302


@pytest.mark.clause("O-4.1")
def test_the_contents_are_shown_and_printed_with_the_consents_as_they_read_then(people: People) -> None:
    application = submitted(people)
    browser = signed_in(people.hanako)
    for place in ("", "status/", "contents/", "print/"):
        answer = browser.get(f"/applications/{application.pk}/{place}")
        assert answer.status_code == 200, place
    page = browser.get(f"/applications/{application.pk}/print/").content.decode()
    consent = Consent.objects.get(item="document:usage-terms")
    assert consent.wording in page
    assert consent.sha256 in page
    assert "令和8年11月18日" in page


def test_somebody_elses_application_does_not_exist(people: People) -> None:
    applying = Applying(people.hanako)
    draft = applying.filled()
    upload = draft.uploads.get()
    outsider = signed_in(people.outsider)
    gets = ["", "status/", "contents/", "print/", "withdraw/", "answer/", f"documents/{upload.pk}/"]
    gets += [f"form/{step}/" for step in ("applicant", "certificate", "documents", "confirm")]
    posts = [
        "submit/",
        "withdraw/",
        "preview/",
        "documents/",
        f"documents/{upload.pk}/remove/",
        "answer/",
        "form/applicant/",
    ]
    assert [outsider.get(f"/applications/{draft.pk}/{place}").status_code for place in gets] == [404] * len(gets)
    assert [outsider.post(f"/applications/{draft.pk}/{place}").status_code for place in posts] == [404] * len(posts)
    unknown = "00000000-0000-4000-8000-000000000000"
    assert applying.browser.get(f"/applications/{unknown}/").status_code == 404
    assert applying.browser.get(f"/applications/{draft.pk}/form/nowhere/").status_code == 404
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_service_refuses_somebody_elses_application_too(people: People) -> None:
    draft = Applying(people.hanako).filled()
    actor = people.outsider.actor(ORIGIN)
    with pytest.raises(NotFound):
        intake.submit(application=draft, ticked=[], seen="", actor=actor, at=WEDNESDAY_11_00)
    with pytest.raises(NotFound):
        intake.withdraw(application=draft, actor=actor, at=WEDNESDAY_11_00)
    with pytest.raises(NotFound):
        uploads.read_own(upload=draft.uploads.get(), actor=actor, at=WEDNESDAY_11_00)


def test_without_an_authority_the_applicant_is_told_and_keeps_the_draft(people: People) -> None:
    system = target_system("member-client")
    rules = system.version_in_force().rules
    nowhere = {**rules, "profile": {**rules["profile"], "issuer": "nowhere"}}
    version = target_systems.import_version(target_system=system, data=nowhere, actor=LOADER, at=MONDAY_9_00)
    target_systems.activate(version=version, actor=LOADER, at=MONDAY_9_00)
    applying = Applying(people.hanako)
    draft = applying.filled()
    assert applying.submit(draft, WEDNESDAY_11_00).status_code == 422
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert Consent.objects.count() == 0


def test_the_home_page_costs_the_same_however_many_applications_there_are(
    people: People, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    browser = signed_in(people.hanako)
    for _time in range(6):
        applying = Applying(people.hanako)
        draft = applying.filled()
        applying.submit(draft, WEDNESDAY_11_00)
        intake.withdraw(application=draft, actor=people.hanako.actor(ORIGIN), at=WEDNESDAY_11_00)
    # The first visit of all notes the session, in seven statements.
    assert browser.get("/accounts/email/").status_code == 200
    for page in ("/home/", "/applications/"):
        with django_assert_max_num_queries(17):
            assert browser.get(page).status_code == 200
