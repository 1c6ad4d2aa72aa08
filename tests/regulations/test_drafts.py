"""A version's way to the site: one person writes, another reviews, and what is posted stays as it is."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError, OperationalError

from audit.models import Event
from audit.refusals import NotAllowed, RuleViolated, Stale
from regulations.models import Document, DocumentVersion
from regulations.services import drafts
from regulations.services.documents import Text
from tests.instants import FRIDAY_17_59, WEDNESDAY_11_00
from tests.people import ORIGIN, People

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_rules")]
LATER = WEDNESDAY_11_00 + timedelta(hours=1)


def text(number: str = "3.2", body: str = "利用者は、鍵を二人以上で使いません。", **columns: object) -> Text:
    said = {
        "title": {"ja": "利用規約", "en": "Terms"},
        "body": {"ja": body, "en": "One person alone uses a key."},
        "what_changed": {"ja": "鍵の使い方を定めました。", "en": "How a key is used."},
    }
    return Text(version=number, **(said | columns))  # type: ignore[arg-type]


def terms() -> Document:
    return Document.objects.get(slug="usage-terms")


def written(people: People, said: Text | None = None, days: int | None = None) -> DocumentVersion:
    author = people.rules_manager.actor(ORIGIN)
    draft = drafts.begin(document=terms(), actor=author, at=WEDNESDAY_11_00)
    return drafts.save(version=draft, text=said or text(), consent_within_days=days, actor=author, at=WEDNESDAY_11_00)


def reviewed(people: People) -> DocumentVersion:
    draft = drafts.hand_in(version=written(people), actor=people.rules_manager.actor(ORIGIN), at=WEDNESDAY_11_00)
    second = people.second_rules_manager.actor(ORIGIN)
    return drafts.review(version=draft, seen=draft.sha256, actor=second, at=WEDNESDAY_11_00)


@pytest.mark.clause("O-3.1")
@pytest.mark.clause("O-3.2")
@pytest.mark.clause("O-1.4")
def test_a_version_is_written_reviewed_by_another_person_and_applies_from_its_posting(people: People) -> None:
    before = terms().version_in_force(LATER)
    version = reviewed(people)
    assert terms().version_in_force(LATER) == before
    posted = drafts.post(version=version, seen=version.sha256, actor=people.rules_manager.actor(ORIGIN), at=LATER)
    assert terms().version_in_force(LATER) == posted
    assert terms().version_in_force(LATER - timedelta(seconds=1)) == before
    assert (posted.author, posted.reviewer) == (people.rules_manager, people.second_rules_manager)
    told = Event.objects.filter(subject_id=str(posted.pk)).order_by("pk").values_list("act", flat=True)
    assert list(told)[-3:] == ["document:hand_in", "document:review", "document:publish"]


@pytest.mark.clause("O-3.1")
def test_the_author_does_not_review_and_the_database_agrees(people: People) -> None:
    author = people.rules_manager.actor(ORIGIN)
    draft = drafts.hand_in(version=written(people), actor=author, at=WEDNESDAY_11_00)
    with pytest.raises(RuleViolated):
        drafts.review(version=draft, seen=draft.sha256, actor=author, at=LATER)
    with pytest.raises(IntegrityError, match="reviewer_is_not_the_author"), transaction.atomic():
        DocumentVersion.objects.filter(pk=draft.pk).update(status="reviewed", reviewer=people.rules_manager)
    with pytest.raises(IntegrityError, match="reviewed_by_somebody"), transaction.atomic():
        DocumentVersion.objects.filter(pk=draft.pk).update(status="reviewed")


@pytest.mark.clause("O-3.1")
def test_what_is_posted_is_never_changed_not_even_past_the_code(people: People) -> None:
    posted = terms().version_in_force(LATER)
    for statement in ("UPDATE regulations_documentversion SET body = '{}'", "DELETE FROM regulations_documentversion"):
        with pytest.raises((InternalError, IntegrityError, OperationalError)), transaction.atomic():
            connection.cursor().execute(f"{statement} WHERE id = %s", [posted.pk])
    with pytest.raises(Stale):
        drafts.save(version=posted, text=text(), consent_within_days=None, actor=people.rules_manager.actor(), at=LATER)


def test_a_version_in_review_is_not_written_to_and_comes_back_with_a_reason(people: People) -> None:
    author, second = people.rules_manager.actor(ORIGIN), people.second_rules_manager.actor(ORIGIN)
    draft = drafts.hand_in(version=written(people), actor=author, at=WEDNESDAY_11_00)
    with pytest.raises(Stale):
        drafts.save(version=draft, text=text(), consent_within_days=None, actor=author, at=LATER)
    with pytest.raises(RuleViolated):
        drafts.send_back(version=draft, note=" ", actor=second, at=LATER)
    back = drafts.send_back(version=draft, note="第 3 条の語尾", actor=second, at=LATER)
    assert (back.status, back.review_note, back.reviewer) == ("draft", "第 3 条の語尾", None)


def test_a_text_that_changed_after_it_was_opened_is_read_again(people: People) -> None:
    author, second = people.rules_manager.actor(ORIGIN), people.second_rules_manager.actor(ORIGIN)
    opened = drafts.hand_in(version=written(people), actor=author, at=WEDNESDAY_11_00)
    seen = opened.sha256
    drafts.send_back(version=opened, note="直してください", actor=second, at=WEDNESDAY_11_00)
    drafts.hand_in(version=written(people, text(body="別の文")), actor=author, at=WEDNESDAY_11_00)
    with pytest.raises(RuleViolated) as refused:
        drafts.review(version=opened, seen=seen, actor=second, at=LATER)
    assert [violation.code for violation in refused.value.violations] == ["text_changed"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (text("3.1"), "version"),
        (text("../3"), "version"),
        (text(""), "version"),
        (text("9" * 21), "version"),
    ],
)
def test_a_number_that_is_taken_or_can_not_stand_in_an_address_is_refused(
    people: People, said: Text, field: str
) -> None:
    with pytest.raises(RuleViolated) as refused:
        written(people, said)
    assert [violation.field for violation in refused.value.violations] == [field]


@pytest.mark.clause("J-1.2")
def test_a_draft_that_lacks_a_language_or_a_hash_is_not_handed_in(people: People) -> None:
    author = people.rules_manager.actor(ORIGIN)
    half = text(body="", what_changed={"ja": "", "en": ""})
    with pytest.raises(RuleViolated) as refused:
        drafts.hand_in(version=written(people, half), actor=author, at=LATER)
    assert {violation.field for violation in refused.value.violations} == {"body", "what_changed"}
    elsewhere = text(body="", external_url="https://ca.example/cp.pdf", external_sha256="abc")
    with pytest.raises(RuleViolated) as refused:
        drafts.hand_in(version=written(people, elsewhere), actor=author, at=LATER)
    assert [violation.field for violation in refused.value.violations] == ["external_sha256"]


@pytest.mark.parametrize("days", [0, 366])
def test_days_to_agree_anew_have_limits(people: People, days: int) -> None:
    with pytest.raises(RuleViolated):
        written(people, days=days)


def test_a_second_draft_is_the_first_one_and_others_may_not_write(people: People) -> None:
    first = drafts.begin(document=terms(), actor=people.rules_manager.actor(), at=WEDNESDAY_11_00)
    assert first.version == "3.2"
    assert drafts.begin(document=terms(), actor=people.second_rules_manager.actor(), at=FRIDAY_17_59) == first
    for stranger in (people.hanako, people.examiner, people.auditor):
        with pytest.raises(NotAllowed):
            drafts.begin(document=terms(), actor=stranger.actor(), at=FRIDAY_17_59)
