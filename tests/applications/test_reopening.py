"""What ended can be taken up again: a lapsed application where it was left, a refused one as a new one (O-4.2)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import Notice
from applications.models import Application, InformationRequest
from applications.selectors.reopening import template_for
from applications.services import answering, asking, deciding, examination, intake, reopening, retention
from applications.services.asking import Question, Wish
from applications.services.deciding import Refusal
from applications.worker import deadlines
from audit.actors import Actor
from audit.refusals import NotFound, RuleViolated, Stale
from certificates import csr
from certificates.models import BlockedKey
from certificates.rules import FrozenOrder
from tests.applications.applying import Applying, pdf
from tests.instants import WEDNESDAY_11_00
from tests.people import ORIGIN, People, signed_in

pytestmark = pytest.mark.usefixtures("issuing")
WHY = Wish("free-1", {"ja": "改姓の理由", "en": "Reason"}, kind="text")


@pytest.fixture
def applying(people: People, demo_rules: None) -> Iterator[Applying]:
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        yield Applying(people.hanako)


@pytest.fixture
def submitted(applying: Applying) -> Application:
    draft = applying.filled()
    applying.submit(draft, WEDNESDAY_11_00)
    draft.refresh_from_db()
    return draft


@pytest.fixture
def lapsed(submitted: Application, people: People) -> InformationRequest:
    """An application that lapsed over a question; half an answer was written."""
    actor = people.examiner.actor(ORIGIN)
    held = examination.claim(application=submitted, actor=actor, at=WEDNESDAY_11_00)
    request = asking.ask(application=held, question=Question([WHY]), actor=actor, at=WEDNESDAY_11_00)
    said = {"free-1": "結婚の\u200b"}
    answering.keep(request=request, texts=said, actor=people.hanako.actor(ORIGIN), at=WEDNESDAY_11_00)
    with time_machine.travel(request.lapses_at + timedelta(minutes=1), tick=False):
        deadlines.sweep()
    request.refresh_from_db()
    request.application.refresh_from_db()
    return request


def reopen(request: InformationRequest, people: People, at: datetime) -> Application:
    application = Application.objects.get(pk=request.application_id)
    return reopening.reopen(application=application, actor=people.hanako.actor(ORIGIN), at=at)


def last_moment(request: InformationRequest) -> datetime:
    """Return the last second in which the application can be taken up again: thirty days, the last one whole."""
    since = timezone.localtime(request.application.status_since)
    return (since + timedelta(days=30)).replace(hour=23, minute=59, second=59, microsecond=0)


@pytest.mark.clause("O-4.2")
def test_a_lapsed_application_is_taken_up_where_it_was_left_and_issued_for_the_same_key(
    lapsed: InformationRequest, people: People
) -> None:
    application = lapsed.application
    order = application.order
    assert order is not None
    assert (application.status, order.status, order.round) == ("lapsed", "cancelled", 1)
    at = last_moment(lapsed)
    with time_machine.travel(at, tick=False):
        browser = signed_in(people.hanako)
        assert browser.get(f"/applications/{application.pk}/").context["reopens_until"] == at
        place = f"/applications/{application.pk}/answer/"
        assert browser.post(f"/applications/{application.pk}/reopen/")["Location"] == place
        page = browser.get(place).content.decode()
        assert "結婚の\u200b" in page
        assert browser.post(place, {"answer-free-1": "結婚のため。", "act": "send"}).status_code == 302
    for row in (application, order, lapsed):
        row.refresh_from_db()
    assert (application.status, application.examiner) == ("examining", people.examiner)
    assert (order.status, order.round) == ("proposed", 3)
    assert FrozenOrder.parse(order.frozen).csr == bytes(application.csr_der or b"")
    assert (lapsed.answers, lapsed.reopened_at) == ({"free-1": "結婚のため。"}, at)
    assert list(order.approvals.filter(round=3).values_list("role", flat=True)) == ["applicant"]


@pytest.mark.clause("O-4.2")
def test_the_mail_and_the_page_say_until_when(lapsed: InformationRequest, people: People) -> None:
    notice = Notice.objects.get(kind="applications/lapsed")
    assert datetime.fromisoformat(notice.context["reopen_until"]) == last_moment(lapsed)
    reopen(lapsed, people, lapsed.application.status_since)
    lapsed.refresh_from_db()
    assert Notice.objects.filter(kind="applications/reopened").count() == 1
    with time_machine.travel(lapsed.due_at - timedelta(hours=2), tick=False):
        deadlines.sweep()
        deadlines.sweep()
    assert Notice.objects.filter(kind="applications/information_reminder").count() == 1
    with time_machine.travel(lapsed.lapses_at + timedelta(minutes=1), tick=False):
        deadlines.sweep()
    lapsed.application.refresh_from_db()
    assert lapsed.application.status == "lapsed"
    assert Notice.objects.filter(kind="applications/lapsed").count() == 2


def test_too_late_twice_or_by_somebody_else_nothing_is_taken_up(lapsed: InformationRequest, people: People) -> None:
    application = lapsed.application
    with pytest.raises(Stale):
        reopen(lapsed, people, last_moment(lapsed) + timedelta(seconds=1))
    with pytest.raises(NotFound):
        reopening.reopen(application=application, actor=people.jiro.actor(ORIGIN), at=application.status_since)
    assert signed_in(people.jiro).post(f"/applications/{application.pk}/reopen/").status_code == 404
    reopen(lapsed, people, application.status_since)
    with pytest.raises(Stale):
        reopen(lapsed, people, application.status_since)


def test_a_lapsed_draft_or_a_withdrawn_application_is_not_taken_up(
    applying: Applying, submitted: Application, people: People
) -> None:
    intake.withdraw(application=submitted, actor=people.hanako.actor(ORIGIN), at=WEDNESDAY_11_00)
    draft = applying.start()
    with time_machine.travel(WEDNESDAY_11_00 + timedelta(days=31), tick=False):
        deadlines.sweep()
        for application in (submitted, draft):
            application.refresh_from_db()
            with pytest.raises(Stale):
                reopening.reopen(application=application, actor=people.hanako.actor(ORIGIN), at=timezone.now())


def test_what_was_applied_for_anew_meanwhile_comes_first(
    applying: Applying, lapsed: InformationRequest, people: People
) -> None:
    at = lapsed.application.status_since
    with time_machine.travel(at, tick=False):
        applying.browser = signed_in(people.hanako)
        newer = applying.filled()
        assert applying.submit(newer, at).status_code == 302
        answer = applying.browser.post(f"/applications/{lapsed.application_id}/reopen/", follow=True)
    assert "同じ方の申請が手続き中です" in answer.content.decode()
    lapsed.application.refresh_from_db()
    assert lapsed.application.status == "lapsed"


def refused(application: Application, people: People, ground: str = "procedure") -> Application:
    """Return the application refused."""
    refusal = Refusal(ground, "本人確認書類の裏面がありません。加えてもう一度申請してください。")
    examiner, approver = people.examiner.actor(ORIGIN), people.approver.actor(ORIGIN)
    held = examination.claim(application=application, actor=examiner, at=WEDNESDAY_11_00)
    assert held.order is not None
    deciding.propose_refusal(
        application=held, refusal=refusal, seen=held.order.seen, actor=examiner, at=WEDNESDAY_11_00
    )
    return deciding.refuse(application=held, refusal=refusal, seen=held.order.seen, actor=approver, at=WEDNESDAY_11_00)


@pytest.mark.clause("O-4.2", "O-4.3.1")
def test_a_refused_application_becomes_a_new_one_without_typing_again_or_a_new_key(
    applying: Applying, submitted: Application, people: People
) -> None:
    old = refused(submitted, people)
    page = applying.browser.get(f"/applications/{old.pk}/").content.decode()
    assert "裏面がありません" in page
    answer = applying.browser.post(f"/applications/{old.pk}/again/")
    draft = Application.objects.get(applicant=people.hanako, status="draft")
    assert answer["Location"] == f"/applications/{draft.pk}/form/applicant/"
    assert draft.pk != old.pk
    assert draft.values == old.values
    assert draft.csr_der is not None
    assert bytes(draft.csr_der) == bytes(old.csr_der or b"")
    copy = draft.uploads.get()
    original = old.uploads.get()
    assert (copy.sha256, copy.key) == (original.sha256, original.key)
    assert copy.blob_id != original.blob_id
    assert applying.hand_in(draft, "identity_document", pdf("back")).status_code == 302
    assert applying.submit(draft, WEDNESDAY_11_00).status_code == 302
    draft.refresh_from_db()
    assert draft.status == "submitted"
    assert draft.receipt_number != old.receipt_number


def test_a_key_that_was_lost_does_not_come_along(applying: Applying, submitted: Application, people: People) -> None:
    old = refused(submitted, people)
    assert old.order is not None
    digest = csr.read(bytes(old.csr_der or b""), key_types=["p256"]).spki_digest
    BlockedKey.objects.create(public_key_sha256=digest, reason="key_compromise", blocked_at=WEDNESDAY_11_00)
    draft = reopening.again(application=old, actor=people.hanako.actor(ORIGIN), at=WEDNESDAY_11_00)
    assert (draft.csr_der, draft.typed.get("csr")) == (None, None)
    assert draft.values == old.values


def test_only_ones_own_and_only_what_ended_begins_anew(
    applying: Applying, submitted: Application, people: People
) -> None:
    hanako, jiro = people.hanako.actor(ORIGIN), people.jiro.actor(ORIGIN)
    with pytest.raises(Stale):
        reopening.again(application=submitted, actor=hanako, at=WEDNESDAY_11_00)
    old = refused(submitted, people, "duplicate")
    with pytest.raises(Stale):
        reopening.again(application=old, actor=hanako, at=WEDNESDAY_11_00)
    with pytest.raises(NotFound):
        reopening.again(application=old, actor=jiro, at=WEDNESDAY_11_00)


def test_a_document_that_grew_too_old_is_left_behind(
    applying: Applying, submitted: Application, people: People
) -> None:
    old = refused(submitted, people)
    with time_machine.travel(WEDNESDAY_11_00 + timedelta(days=200), tick=False):
        draft = reopening.again(application=old, actor=people.hanako.actor(ORIGIN), at=timezone.now())
    aged = {rule.key for rule in draft.rules.ruleset.documents if rule.max_age_days}
    assert not aged & set(draft.uploads.values_list("key", flat=True))


def test_an_answer_that_was_sent_is_never_changed(lapsed: InformationRequest, people: People) -> None:
    row = InformationRequest.objects.filter(pk=lapsed.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.update(items=[])
    reopen(lapsed, people, lapsed.application.status_since)
    lapsed.refresh_from_db()
    answering.answer(request=lapsed, texts={"free-1": "結婚"}, actor=people.hanako.actor(ORIGIN), at=lapsed.due_at)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.update(answers={})
    with pytest.raises(RuleViolated):
        answering.checked_answers(lapsed, {})


@pytest.mark.clause("O-10")
def test_answers_are_erased_with_the_contents_they_belong_to(lapsed: InformationRequest) -> None:
    with time_machine.travel(lapsed.lapses_at + timedelta(days=4000), tick=False):
        assert retention.erase_contents(actor=Actor.system("test"), at=timezone.now()) == 1
    lapsed.refresh_from_db()
    assert (lapsed.answers, lapsed.answer) == ({}, "")
    lapsed.application.refresh_from_db()
    assert not template_for(lapsed.application)
