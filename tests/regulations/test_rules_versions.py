"""Versions of rules: written by one person, activated by another, superseded by the next, and then never changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from audit.actors import Actor
from audit.models import Event
from audit.refusals import NotAllowed, RuleViolated, Stale
from certificates.models import CertificationAuthority
from certificates.services import target_systems as checked
from certificates.worker import samples
from lra_portal.demo.regulations import LOADER
from regulations.models import ParentService, TargetSystem, TargetSystemVersion
from regulations.services import target_systems
from regulations.services.target_systems import Written
from tests.instants import WEDNESDAY_11_00
from tests.people import ORIGIN, People

pytestmark = pytest.mark.usefixtures("demo_rules")
AT = WEDNESDAY_11_00
CHANGED = {"ja": "お約束の日数を延ばしました", "en": "More days are promised"}


def who(person: User) -> Actor:
    return person.actor(ORIGIN)


@pytest.fixture
def system(demo_rules: None) -> TargetSystem:
    return TargetSystem.objects.get(slug="member-client")


def drafted(system: TargetSystem, author: User, **changes: Any) -> TargetSystemVersion:
    rules = {**system.version_in_force().rules, **(changes or {"promised_days": 5})}
    written = Written(rules, CHANGED)
    draft = checked.save_draft(target_system=system, written=written, actor=who(author), at=AT)
    samples.build_waiting()
    return draft


def activated(version: TargetSystemVersion, person: User) -> TargetSystemVersion:
    return checked.activate(version=version, seen=version.rules_digest, actor=who(person), at=AT)


@pytest.mark.clause("O-1.3")
def test_a_second_person_puts_the_rules_into_force_and_the_earlier_ones_are_superseded(
    people: People, system: TargetSystem, issuing: CertificationAuthority
) -> None:
    first = system.version_in_force()
    second = activated(drafted(system, people.rules_manager), people.second_rules_manager)
    first.refresh_from_db()
    assert (first.status, second.status, second.number) == ("superseded", "in_force", first.number + 1)
    assert system.version_in_force() == second
    assert (second.author, second.activator) == (people.rules_manager, people.second_rules_manager)
    told = Event.objects.filter(subject_id=str(second.pk)).order_by("pk").values_list("act", flat=True)
    assert list(told) == ["rules:draft", "rules:activate"]


@pytest.mark.clause("O-1.3")
def test_nobody_activates_what_they_wrote_not_even_past_the_service(
    people: People, system: TargetSystem, issuing: CertificationAuthority
) -> None:
    draft = drafted(system, people.rules_manager)
    with pytest.raises(RuleViolated) as refused:
        activated(draft, people.rules_manager)
    assert refused.value.violations[0].code == "own_rules"
    rows = TargetSystemVersion.objects.filter(pk=draft.pk)
    rows.get().target_system.versions.filter(status="in_force").update(status="superseded")
    for activator in (people.rules_manager, None):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(status="in_force", activated_at=AT, activator=activator)


@pytest.mark.clause("O-1.3")
def test_rules_that_were_activated_never_change(system: TargetSystem) -> None:
    rows = TargetSystemVersion.objects.filter(pk=system.version_in_force().pk)
    attempts: list[dict[str, Any]] = [
        {"rules": {}}, {"number": 9}, {"activated_at": AT}, {"status": "draft"},
        {"status": "superseded", "source": "x"},
    ]  # fmt: skip
    for attempt in attempts:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**attempt)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows._raw_delete("default")


def test_a_draft_is_one_and_whoever_saved_last_is_its_author(people: People, system: TargetSystem) -> None:
    first = drafted(system, people.rules_manager)
    second = drafted(system, people.second_rules_manager, promised_days=9)
    assert (first.pk, first.number) == (second.pk, second.number)
    assert second.author == people.second_rules_manager


def test_a_draft_that_somebody_else_saved_meanwhile_is_not_overwritten(people: People, system: TargetSystem) -> None:
    drafted(system, people.rules_manager)
    written = Written({**system.version_in_force().rules, "promised_days": 7}, CHANGED)
    with pytest.raises(Stale):
        target_systems.save_draft(
            target_system=system, written=written, actor=who(people.second_rules_manager), at=AT, seen=""
        )


def test_rules_that_changed_after_they_were_read_are_not_activated(
    people: People, system: TargetSystem, issuing: CertificationAuthority
) -> None:
    draft = drafted(system, people.rules_manager)
    drafted(system, people.rules_manager, promised_days=9)
    with pytest.raises(RuleViolated) as refused:
        checked.activate(version=draft, seen=draft.rules_digest, actor=who(people.second_rules_manager), at=AT)
    assert refused.value.violations[0].code == "rules_changed"


def test_nothing_is_activated_twice(people: People, system: TargetSystem, issuing: CertificationAuthority) -> None:
    draft = drafted(system, people.rules_manager)
    activated(draft, people.second_rules_manager)
    with pytest.raises(Stale):
        activated(draft, people.second_rules_manager)


def test_whoever_keeps_no_rules_neither_writes_nor_activates(people: People, system: TargetSystem) -> None:
    with pytest.raises(NotAllowed):
        drafted(system, people.examiner)
    with pytest.raises(NotAllowed):
        target_systems.activate(version=system.version_in_force(), actor=who(people.auditor), at=AT)


BAD: dict[str, tuple[dict[str, object], str]] = {
    "a CA that does not exist": ({"issuer": "nowhere"}, "profile.issuer"),
    "more lists than the CA has": ({"crl_shards": 2}, "profile.crl_shards"),
    "a root": ({"issuer": "root"}, "profile.issuer"),
    "an identifier that can't be linted": ({"policy_oid": "2.48.1"}, "profile"),
}


@pytest.mark.clause("O-1.3")
@pytest.mark.parametrize("name", BAD)
def test_the_ca_refuses_rules_by_which_it_could_not_issue(
    name: str, people: People, system: TargetSystem, issuing: CertificationAuthority
) -> None:
    changes, place = BAD[name]
    changes = {"issuer": issuing.issuer.name} if name == "a root" and issuing.issuer else changes
    rules = system.version_in_force().rules
    draft = drafted(system, people.rules_manager, profile={**rules["profile"], **changes})
    with pytest.raises(RuleViolated) as refused:
        activated(draft, people.second_rules_manager)
    assert [violation.field for violation in refused.value.violations] == [place]
    assert system.version_in_force().rules == rules


@pytest.mark.clause("O-1.3")
def test_a_validity_that_passes_the_cas_end_is_refused(
    people: People, system: TargetSystem, issuing: CertificationAuthority
) -> None:
    draft = drafted(system, people.rules_manager)
    CertificationAuthority.objects.filter(pk=issuing.pk).update(not_after=AT)
    with pytest.raises(RuleViolated) as refused:
        activated(draft, people.second_rules_manager)
    assert refused.value.violations[0].field == "profile.validity_days"


def test_consent_to_a_document_that_is_not_posted_is_refused(
    people: People, system: TargetSystem, issuing: CertificationAuthority
) -> None:
    draft = drafted(system, people.rules_manager, consents=["usage-terms", "unwritten"])
    with pytest.raises(RuleViolated) as refused:
        activated(draft, people.second_rules_manager)
    assert [violation.field for violation in refused.value.violations] == ["consents"]


def test_a_target_system_begins_with_a_draft_and_a_name_of_its_own(people: People, system: TargetSystem) -> None:
    service = ParentService.objects.get(slug="e-contract-service")
    rules = {**system.version_in_force().rules, "slug": "new-system"}
    made = target_systems.begin_system(
        parent_service=service, written=Written(rules), actor=who(people.rules_manager), at=AT
    )
    assert (made.status, made.number, made.target_system.parent_service) == ("draft", 1, service)
    assert made.target_system not in TargetSystem.objects.in_force()
    with pytest.raises(RuleViolated) as refused:
        target_systems.begin_system(parent_service=service, written=Written(rules), actor=LOADER, at=AT)
    assert refused.value.violations[0].field == "slug"
