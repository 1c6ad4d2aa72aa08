"""Documents, consents, rules, contracts and subscriptions against the database."""

from datetime import datetime

import pytest
from django.db import DatabaseError, transaction

from accounts.models import User
from audit.actors import Actor
from audit.models import Event
from audit.refusals import NotAllowed, RuleViolated, Suspended
from lra_portal.demo.regulations import LOADER, load_regulations, table
from regulations.models import Consent, Contract, Document, ParentService, Subscription, TargetSystem
from regulations.ruleset import LocalText
from regulations.selectors import contract_values, contracts_to_apply_under
from regulations.services import consents, contracts, documents, subscriptions, suspensions, target_systems
from tests.instants import APRIL_1_MIDNIGHT, FRIDAY_17_59, FRIDAY_18_01, MONDAY_9_00, WEDNESDAY_11_00
from tests.people import ORIGIN, People

pytestmark = pytest.mark.usefixtures("demo_rules")


def text(version: str, body: str = "本文") -> documents.Text:
    return documents.Text(version, {"ja": "規約", "en": "Terms"}, {"ja": body, "en": body})


def test_loading_the_demo_twice_changes_nothing() -> None:
    before = (Document.objects.count(), Contract.objects.count(), Event.objects.filter(act="rules:activate").count())
    load_regulations(at=WEDNESDAY_11_00)
    after = (Document.objects.count(), Contract.objects.count(), Event.objects.filter(act="rules:activate").count())
    assert before == after


@pytest.mark.clause("O-3.1", "O-3.2")
def test_a_version_applies_from_its_posting_and_the_earlier_one_stays() -> None:
    terms = Document.objects.get(slug="usage-terms")
    posted = documents.publish(document=terms, text=text("3.2"), actor=LOADER, at=WEDNESDAY_11_00)
    assert terms.version_in_force(WEDNESDAY_11_00) == posted
    assert terms.version_in_force(MONDAY_9_00).version == "3.1"


@pytest.mark.clause("O-3.1")
def test_a_version_number_is_used_once_and_a_text_is_never_empty() -> None:
    terms = Document.objects.get(slug="usage-terms")
    with pytest.raises(RuleViolated) as refused:
        documents.publish(document=terms, text=text("3.1", body=""), actor=LOADER, at=WEDNESDAY_11_00)
    assert {violation.code for violation in refused.value.violations} == {"version_used", "body_missing"}


@pytest.mark.clause("J-1.2")
def test_a_document_kept_elsewhere_needs_the_hash_of_the_copy_that_was_read() -> None:
    policy = Document.objects.get(slug="certificate-policy")
    assert policy.versions.get().external_sha256
    elsewhere = documents.Text("2.0", {"ja": "方針", "en": "Policy"}, external_url="https://ca.example.jp/cp.pdf")
    with pytest.raises(RuleViolated):
        documents.publish(document=policy, text=elsewhere, actor=LOADER, at=WEDNESDAY_11_00)


def test_an_applicant_posts_no_document(people: People) -> None:
    terms = Document.objects.get(slug="usage-terms")
    with pytest.raises(NotAllowed):
        documents.publish(document=terms, text=text("9"), actor=people.hanako.actor(ORIGIN), at=WEDNESDAY_11_00)


@pytest.mark.clause("O-4.1", "J-5", "J-5.1", "J-5.2", "J-1.2")
def test_a_consent_keeps_version_hash_wording_person_time_and_place(people: People) -> None:
    ruleset = TargetSystem.objects.get(slug="e-contract").version_in_force().ruleset
    items = consents.asked_for(ruleset=ruleset, at=WEDNESDAY_11_00)
    assert [item.item for item in items[:4]] == [
        "document:usage-terms",
        "document:e-contract-regulation",
        "document:certificate-policy",
        "document:privacy-policy",
    ]
    assert {"declaration:backup", "declaration:disclosure"} < {item.item for item in items}
    actor = people.hanako.actor(ORIGIN)
    story = people.hanako.pk
    consents.give(person=people.hanako, story=story, items=items, actor=actor, at=WEDNESDAY_11_00)
    consents.give(person=people.hanako, story=story, items=items, actor=actor, at=FRIDAY_17_59)
    given = Consent.objects.get(item="document:usage-terms")
    assert given.document_version is not None
    assert (given.document_version.version, given.sha256) == ("3.1", given.document_version.sha256)
    assert (given.person, given.given_at, given.origin) == (people.hanako, WEDNESDAY_11_00, ORIGIN)
    assert "3.1" in given.wording
    assert Consent.objects.count() == len(items)


@pytest.mark.clause("O-4.1")
def test_a_consent_can_be_neither_changed_nor_deleted(people: People) -> None:
    ruleset = TargetSystem.objects.get(slug="member-client").version_in_force().ruleset
    items = consents.asked_for(ruleset=ruleset, at=WEDNESDAY_11_00)
    actor = people.hanako.actor(ORIGIN)
    consents.give(person=people.hanako, story=people.hanako.pk, items=items, actor=actor, at=WEDNESDAY_11_00)
    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.update(wording="something else")
    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.all().delete()


@pytest.mark.clause("O-4.1", "O-3.2")
def test_a_version_posted_meanwhile_is_to_be_read_again() -> None:
    ruleset = TargetSystem.objects.get(slug="member-client").version_in_force().ruleset
    ticked = [item.key for item in consents.asked_for(ruleset=ruleset, at=WEDNESDAY_11_00)]
    terms = Document.objects.get(slug="usage-terms")
    documents.publish(document=terms, text=text("3.2"), actor=LOADER, at=FRIDAY_17_59)
    now_asked = consents.asked_for(ruleset=ruleset, at=FRIDAY_18_01)
    found = consents.missing(items=now_asked, ticked=ticked)
    assert [(violation.field, violation.code) for violation in found] == [("document:usage-terms", "document_revised")]
    assert "3.2" in str(found[0].message)


@pytest.mark.clause("O-1.3")
def test_rules_are_versions_that_are_activated_and_keep_their_number() -> None:
    target_system = TargetSystem.objects.get(slug="member-client")
    first = target_system.version_in_force()
    changed = {**first.rules, "promised_days": 5}
    second = target_systems.import_version(target_system=target_system, data=changed, actor=LOADER, at=WEDNESDAY_11_00)
    assert target_system.version_in_force() == first
    target_systems.activate(version=second, actor=LOADER, at=WEDNESDAY_11_00)
    assert target_system.version_in_force() == second
    assert second.number == first.number + 1
    assert first.ruleset.promised_days == 2


@pytest.mark.clause("O-1.3")
def test_rules_that_contradict_themselves_are_not_stored() -> None:
    target_system = TargetSystem.objects.get(slug="member-client")
    broken = {**target_system.version_in_force().rules, "identity": ["nobody"]}
    with pytest.raises(RuleViolated) as refused:
        target_systems.import_version(target_system=target_system, data=broken, actor=LOADER, at=WEDNESDAY_11_00)
    assert refused.value.violations[0].field == "identity"
    assert target_system.versions.count() == 1


@pytest.mark.clause("J-2")
def test_only_the_authorised_person_of_a_contract_in_force_finds_it(people: People) -> None:
    target_system = TargetSystem.objects.get(slug="e-contract")
    contract = Contract.objects.get(number="E-40213")
    contracts.name_member(
        contract=contract, email=people.hanako.email, name="花子", authorised_person=True, actor=LOADER, at=MONDAY_9_00
    )
    contracts.name_member(contract=contract, email=people.jiro.email, name="次郎", actor=LOADER, at=MONDAY_9_00)

    def found(person: User, at: datetime, applicants: str = "authorised_person") -> list[Contract]:
        return list(contracts_to_apply_under(person=person, target_system=target_system, applicants=applicants, at=at))

    assert found(people.hanako, WEDNESDAY_11_00) == [contract]
    assert found(people.jiro, WEDNESDAY_11_00) == []
    assert found(people.outsider, WEDNESDAY_11_00) == []
    assert found(people.hanako, APRIL_1_MIDNIGHT.replace(year=2028)) == []
    assert found(people.hanako, APRIL_1_MIDNIGHT.replace(year=2026, month=3)) == []
    assert found(people.jiro, WEDNESDAY_11_00, "member") == [contract]
    assert found(people.outsider, WEDNESDAY_11_00, "member") == []
    assert found(people.jiro, APRIL_1_MIDNIGHT.replace(year=2028), "member") == []


@pytest.mark.clause("O-18.1")
def test_the_last_day_of_a_contract_counts_whole() -> None:
    contract = Contract.objects.get(number="E-40213")
    assert contract.ends_at == APRIL_1_MIDNIGHT.replace(year=2028)
    assert contract_values(contract)["corporate_number"] == "1999900000123"


def test_a_contract_that_ends_before_it_begins_is_refused() -> None:
    service = ParentService.objects.get(slug="e-contract-service")
    terms = contracts.Terms("E-1", table("contracts")["contracts"][0]["ends_on"], MONDAY_9_00.date())
    with pytest.raises(RuleViolated):
        contracts.open_contract(parent_service=service, corporation=None, terms=terms, actor=LOADER, at=MONDAY_9_00)


@pytest.mark.clause("J-2")
def test_a_corporate_number_with_a_wrong_check_digit_is_refused() -> None:
    company = contracts.Company("2999900000123", "架空株式会社", "Kaku Inc.")
    with pytest.raises(RuleViolated) as refused:
        contracts.register_corporation(company=company, actor=LOADER, at=MONDAY_9_00)
    assert refused.value.violations[0].field == "corporate_number"


@pytest.mark.clause("O-4.3.3")
def test_the_same_subject_has_one_subscription_and_another_one_only_where_the_rules_allow_it(people: People) -> None:
    def find(limit: int, *, free: bool) -> Subscription:
        subject = subscriptions.Subject(
            TargetSystem.objects.get(slug="member-client"), None, people.hanako, "m-000123", limit
        )
        return subscriptions.find_or_create(subject=subject, is_free=lambda _row: free, at=WEDNESDAY_11_00)

    first = find(1, free=True)
    assert find(1, free=True) == first
    assert find(1, free=False) == first
    assert find(2, free=False).ordinal == 2


@pytest.mark.clause("O-6")
def test_intake_says_until_when_it_is_suspended() -> None:
    suspensions.ensure_running(at=WEDNESDAY_11_00)
    suspensions.announce(
        begins_at=WEDNESDAY_11_00,
        ends_at=FRIDAY_17_59,
        reason=LocalText("点検", "maintenance"),
        actor=Actor.system("demo"),
        at=MONDAY_9_00,
    )
    with pytest.raises(Suspended) as refused:
        suspensions.ensure_running(at=WEDNESDAY_11_00)
    assert "2026年11月20日17:59" in str(refused.value.message)
    suspensions.ensure_running(at=FRIDAY_17_59)
