"""A draft can be thrown away, on record; what was handed in, posted or activated can not (O-3.1, O-1.3)."""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from audit.actors import Actor
from audit.models import Event
from audit.refusals import NotAllowed, NotFound, RuleViolated, Stale
from regulations.models import Document, DocumentVersion, ParentService, TargetSystem, TargetSystemVersion
from regulations.services import documents, drafts, target_systems
from regulations.services.target_systems import Written
from tests.instants import WEDNESDAY_11_00
from tests.people import ORIGIN, People
from tests.regulations.test_drafts import reviewed, terms, text, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_rules")]
AT = WEDNESDAY_11_00


def who(person: User) -> Actor:
    return person.actor(ORIGIN)


def throw(version: DocumentVersion, person: User, seen: str = "") -> None:
    drafts.discard(version=version, seen=seen or version.sha256, actor=who(person), at=AT)


@pytest.mark.clause("O-3.1")
@pytest.mark.clause("O-16.2.7")
def test_a_draft_of_a_text_goes_on_record_and_its_number_is_free_again(people: People) -> None:
    draft, before = written(people), terms().version_in_force(AT)
    throw(draft, people.second_rules_manager)
    assert list(terms().versions.all()) == [before]
    told = Event.objects.get(act="document:discard")
    assert (told.subject_id, told.person_id) == (str(draft.pk), people.second_rules_manager.pk)
    assert told.details.body == {"document": "usage-terms", "version": "3.2", "sha256": draft.sha256, "whole": False}
    assert written(people).version == "3.2"


def test_a_document_of_which_nothing_was_ever_posted_goes_with_its_draft(people: People) -> None:
    columns = {"slug": "key-care", "kind": "manual", "precedence": 65, "procedures": [], "target_systems": []}
    document = documents.set_up(columns=columns, actor=who(people.rules_manager), at=AT)
    throw(drafts.begin(document=document, actor=who(people.rules_manager), at=AT), people.rules_manager)
    assert not Document.objects.filter(slug="key-care").exists()
    with pytest.raises(NotFound):
        drafts.begin(document=document, actor=who(people.rules_manager), at=AT)


@pytest.mark.clause("O-3.2")
def test_what_is_in_review_reviewed_or_posted_is_not_thrown_away(people: People) -> None:
    version = reviewed(people)
    posted = terms().version_in_force(AT)
    for row in (version, posted):
        with pytest.raises(Stale):
            throw(row, people.rules_manager)
        with pytest.raises(IntegrityError), transaction.atomic():
            DocumentVersion.objects.filter(pk=row.pk)._raw_delete("default")
    drafts.send_back(version=version, note="直してください", actor=who(people.rules_manager), at=AT)
    with pytest.raises(RuleViolated):
        throw(version, people.rules_manager, seen="0" * 64)
    with pytest.raises(NotAllowed):
        throw(version, people.auditor)
    assert terms().versions.count() == 2


def test_whoever_still_has_the_page_of_a_draft_that_is_gone_is_told_so(people: People) -> None:
    draft = written(people)
    throw(draft, people.rules_manager)
    with pytest.raises(NotFound):
        throw(draft, people.rules_manager)
    with pytest.raises(NotFound):
        drafts.save(version=draft, text=text(), consent_within_days=None, actor=who(people.rules_manager), at=AT)
    with pytest.raises(NotFound):
        drafts.hand_in(version=draft, actor=who(people.rules_manager), at=AT)
    assert Event.objects.filter(act="document:discard").count() == 1


def system() -> TargetSystem:
    return TargetSystem.objects.get(slug="member-client")


def drafted(people: People) -> TargetSystemVersion:
    rules = {**system().version_in_force().rules, "promised_days": 5}
    return target_systems.save_draft(
        target_system=system(), written=Written(rules), actor=who(people.rules_manager), at=AT
    )


@pytest.mark.clause("O-1.3")
def test_a_draft_of_rules_goes_and_those_in_force_stay(people: People) -> None:
    draft, second = drafted(people), who(people.second_rules_manager)
    with pytest.raises(RuleViolated):
        target_systems.discard(version=draft, seen="0" * 64, actor=second, at=AT)
    with pytest.raises(NotAllowed):
        target_systems.discard(version=draft, seen=draft.rules_digest, actor=who(people.examiner), at=AT)
    key = draft.pk
    target_systems.discard(version=draft, seen=draft.rules_digest, actor=second, at=AT)
    assert [row.status for row in system().versions.all()] == ["in_force"]
    assert Event.objects.get(act="rules:discard").subject_id == str(key)
    for refused in (target_systems.discard, target_systems.activate):
        with pytest.raises(NotFound):
            refused(version=draft, seen=draft.rules_digest, actor=second, at=AT)
    current = system().version_in_force()
    with pytest.raises(Stale):
        target_systems.discard(version=current, seen=current.rules_digest, actor=second, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        TargetSystemVersion.objects.filter(pk=current.pk)._raw_delete("default")


def test_a_target_system_that_only_had_a_draft_goes_with_it(people: People) -> None:
    rules = {**system().version_in_force().rules, "slug": "new-system"}
    service, author = ParentService.objects.get(slug="e-contract-service"), who(people.rules_manager)
    made = target_systems.begin_system(parent_service=service, written=Written(rules), actor=author, at=AT)
    target_systems.discard(version=made, seen=made.rules_digest, actor=author, at=AT)
    assert not TargetSystem.objects.filter(slug="new-system").exists()
    with pytest.raises(NotFound):
        target_systems.save_draft(target_system=made.target_system, written=Written(rules), actor=author, at=AT)
