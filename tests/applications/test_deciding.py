"""Deciding: two people besides the applicant, bound to what was seen, refused with a ground and a text."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Notice, RoleGrant, User
from applications.models import Application
from applications.rules.sheet import Verdict
from applications.services import deciding, examination, intake
from applications.services.deciding import Refusal
from audit.models import Event
from audit.refusals import NotAllowed, Refused, RuleViolated, Stale
from certificates.models import Approval, BlockedKey
from certificates.services import orders
from regulations.models import Contract
from tests.applications import cases
from tests.harness.cloned import Clone
from tests.people import ORIGIN, People

REFUSAL = Refusal("unsuitable", "英字の部署名が書類にありません。書類を直してから、もう一度申請してください。")


def approve(application: Application, person: User, seen: str = "") -> Application:
    return deciding.approve(
        application=application,
        seen=seen or cases.seen_of(application),
        actor=person.actor(ORIGIN),
        at=timezone.now(),
    )


def refuse(application: Application, person: User, refusal: Refusal = REFUSAL) -> Application:
    return deciding.refuse(
        application=application,
        refusal=refusal,
        seen=cases.seen_of(application),
        actor=person.actor(ORIGIN),
        at=timezone.now(),
    )


@pytest.mark.clause("O-4.2")
def test_an_application_that_fits_is_approved_by_another_person_and_queued(
    application: Application, people: People
) -> None:
    done = cases.approved(application, people)
    order = cases.order_of(done)
    assert (done.status, order.status) == ("approved", "queued")
    given = dict(order.approvals.filter(round=order.round).values_list("role", "person_id"))
    assert given == {
        "applicant": people.hanako.pk,
        "examiner": people.examiner.pk,
        "approver": people.approver.pk,
    }


@pytest.mark.clause("O-4.2")
def test_nothing_is_recommended_while_an_item_is_open(application: Application, people: People) -> None:
    cases.claimed(application, people)
    with pytest.raises(RuleViolated):
        deciding.recommend(
            application=application,
            seen=cases.seen_of(application),
            actor=people.examiner.actor(ORIGIN),
            at=timezone.now(),
        )


def test_what_does_not_fit_can_not_be_recommended(application: Application, people: People) -> None:
    cases.judged(application, people, common_name="differs")
    with pytest.raises(RuleViolated):
        deciding.recommend(
            application=application,
            seen=cases.seen_of(application),
            actor=people.examiner.actor(ORIGIN),
            at=timezone.now(),
        )


def test_the_examiner_does_not_approve_even_with_both_roles(application: Application, people: People) -> None:
    cases.recommended(application, people)
    RoleGrant.objects.create(user=people.examiner, role="approver", granted_by=None, granted_at=timezone.now())
    with pytest.raises(NotAllowed):
        approve(application, people.examiner)


def test_the_applicant_does_not_approve(issuing: object, people: People) -> None:
    cases.load_rules()
    own = cases.submitted(people.approver, person_name="デモ 承認", person_reading="デモ ショウニン")
    cases.recommended(own, people)
    with pytest.raises(NotAllowed):
        approve(own, people.approver)
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=own.pk).update(decided_by=people.approver)


def test_the_database_refuses_the_same_person_twice_in_a_round(application: Application, people: People) -> None:
    done = cases.recommended(application, people)
    order = cases.order_of(done)
    for person in (people.examiner, people.hanako):
        with pytest.raises(IntegrityError), transaction.atomic():
            Approval.objects.create(
                order=order,
                round=order.round,
                role="approver",
                person=person,
                digest=order.digest,
                given_at=timezone.now(),
            )


def test_an_approval_of_something_else_is_refused(application: Application, people: People) -> None:
    cases.recommended(application, people)
    with pytest.raises(Stale):
        approve(application, people.approver, "1." + "0" * 64)
    application.refresh_from_db()
    assert application.status == "awaiting_approval"


def test_a_second_click_changes_nothing(application: Application, people: People) -> None:
    seen = cases.seen_of(cases.recommended(application, people))
    for _click in range(2):
        approve(application, people.approver, seen)
    assert Event.objects.filter(act="application:approve", outcome="done").count() == 1


@pytest.mark.clause("O-4.3.3")
def test_a_valid_certificate_found_meanwhile_stops_the_approval(
    application: Application, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system finds is looked up at the moment of approval, not remembered from the examination."""
    cases.recommended(application, people)
    cases.certificate_of_same_subject(application)
    with pytest.raises(RuleViolated) as raised:
        approve(application, people.approver)
    assert "items_open" in [violation.code for violation in raised.value.violations]


@pytest.mark.clause("J-2")
def test_a_contract_that_ended_meanwhile_stops_the_approval(application: Application, people: People) -> None:
    cases.recommended(application, people)
    Contract.objects.filter(applications=application).update(ends_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(RuleViolated):
        approve(application, people.approver)


@pytest.mark.clause("O-4.2", "O-4.3.4")
def test_a_refusal_needs_a_ground_and_a_text(application: Application, people: People) -> None:
    cases.recommended(application, people)
    for refusal in (Refusal("", "理由"), Refusal("unsuitable", "  "), Refusal("mood", "理由")):
        with pytest.raises(RuleViolated):
            refuse(application, people.approver, refusal)
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(status="refused")


@pytest.mark.parametrize(
    ("ground", "clause"),
    [
        pytest.param("procedure", "O-4.3.1", marks=pytest.mark.clause("O-4.3.1")),
        pytest.param("trouble", "O-4.3.2", marks=pytest.mark.clause("O-4.3.2")),
        pytest.param("duplicate", "O-4.3.3", marks=pytest.mark.clause("O-4.3.3")),
        pytest.param("unsuitable", "O-4.3.4", marks=pytest.mark.clause("O-4.3.4")),
    ],
)
def test_the_applicant_reads_the_ground_and_the_text(
    application: Application, people: People, ground: str, clause: str
) -> None:
    cases.judged(application, people, common_name="differs")
    deciding.propose_refusal(
        application=application,
        refusal=Refusal(ground, REFUSAL.text),
        seen=cases.seen_of(application),
        actor=people.examiner.actor(ORIGIN),
        at=timezone.now(),
    )
    done = refuse(application, people.approver, Refusal(ground, REFUSAL.text))
    order = cases.order_of(done)
    assert (done.status, order.status, done.refusal_ground) == ("refused", "cancelled", ground)
    notice = Notice.objects.get(kind="applications/refused")
    assert notice.recipient == people.hanako
    assert notice.context["text"] == REFUSAL.text
    assert notice.context["ground"]["ja"].startswith(clause)


def test_what_the_examiner_wants_refused_is_not_approved(application: Application, people: People) -> None:
    cases.judged(application, people)
    deciding.propose_refusal(
        application=application,
        refusal=REFUSAL,
        seen=cases.seen_of(application),
        actor=people.examiner.actor(ORIGIN),
        at=timezone.now(),
    )
    with pytest.raises(RuleViolated):
        approve(application, people.approver)


def test_a_case_sent_back_needs_a_new_recommendation(application: Application, people: People) -> None:
    cases.recommended(application, people)
    back = deciding.send_back(
        application=application, note="英字の綴りをもう一度", actor=people.approver.actor(ORIGIN), at=timezone.now()
    )
    assert (back.status, back.return_note, back.examiner) == ("examining", "英字の綴りをもう一度", people.examiner)
    order = cases.order_of(back)
    assert list(order.approvals.filter(round=order.round).values_list("role", flat=True)) == ["applicant"]
    again = deciding.recommend(
        application=back,
        seen=cases.seen_of(back),
        actor=people.examiner.actor(ORIGIN),
        at=timezone.now(),
    )
    assert approve(again, people.approver).status == "approved"


def test_an_edit_after_the_recommendation_voids_it(application: Application, people: People) -> None:
    """Fault 7: what is approved is what was seen."""
    seen = cases.seen_of(cases.recommended(application, people))
    changed = {**cases.frozen_of(application), "application_digest": "f" * 64}
    assert application.order is not None
    orders.revise(order=application.order, frozen=changed, actor=people.hanako.actor(ORIGIN), at=timezone.now())
    with pytest.raises(Stale):
        approve(application, people.approver, seen)
    assert cases.order_of(application).status == "proposed"


def test_a_rule_changed_after_submission_does_not_change_the_case(application: Application, people: People) -> None:
    """Fault 28: the rules are pinned."""
    frozen = cases.seen_of(cases.recommended(application, people))
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        cases.load_rules()
        assert cases.seen_of(application) == frozen


def together(*acts: Callable[[], object]) -> list[object]:
    """Do things at once, each on its own connection; return what came of each."""
    barrier, results = threading.Barrier(len(acts)), list[object]()

    def run(act: Callable[[], object]) -> None:
        try:
            barrier.wait()
            results.append(act())
        except Refused as refused:
            results.append(refused)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def committed(clone: Clone, issuing: object, people: People, demo_rules: None) -> Application:
    """An application waiting for approval in a database in which everything commits."""
    return cases.recommended(cases.submitted(people.hanako), people)


def test_of_two_approvers_at_once_one_decides(committed: Application, people: People) -> None:
    """Fault 6."""
    seen = cases.seen_of(committed)
    rows = [Application.objects.get(pk=committed.pk) for _person in range(2)]
    results = together(
        lambda: approve(rows[0], people.approver, seen),
        lambda: approve(rows[1], people.second_approver, seen),
    )
    assert sum(isinstance(result, Application) for result in results) == 1
    assert Approval.objects.filter(order=committed.order_id, role="approver").count() == 1
    assert Event.objects.filter(act="order:queue").count() == 1


def test_of_approval_and_refusal_at_once_one_stands(committed: Application, people: People) -> None:
    seen = cases.seen_of(committed)
    rows = [Application.objects.get(pk=committed.pk) for _person in range(2)]
    together(
        lambda: approve(rows[0], people.approver, seen),
        lambda: refuse(rows[1], people.second_approver),
    )
    committed.refresh_from_db()
    order = cases.order_of(committed)
    assert (committed.status, order.status) in {("approved", "queued"), ("refused", "cancelled")}


def test_of_withdrawal_and_approval_at_once_one_stands(committed: Application, people: People) -> None:
    """Fault 7: never an approved application without an order, nor a queued order that was taken back."""
    seen = cases.seen_of(committed)
    rows = [Application.objects.get(pk=committed.pk) for _person in range(2)]
    results = together(
        lambda: approve(rows[0], people.approver, seen),
        lambda: intake.withdraw(application=rows[1], actor=people.hanako.actor(ORIGIN), at=timezone.now()),
    )
    order = cases.order_of(committed)
    assert (committed.status, order.status) in {("approved", "queued"), ("withdrawn", "cancelled")}
    assert sum(isinstance(result, Stale) for result in results) == 1


def test_a_case_in_other_hands_stays_there(application: Application, people: People) -> None:
    cases.claimed(application, people)
    with pytest.raises(Stale):
        examination.judge(
            application=application,
            key="common_name",
            verdict=Verdict("matches", "登記"),
            actor=people.second_examiner.actor(ORIGIN),
            at=timezone.now(),
        )


def test_a_blocked_key_stops_the_case(application: Application, people: People) -> None:
    cases.judged(application, people)
    digest = cases.give_request(application)
    BlockedKey.objects.create(public_key_sha256=digest, reason="key_compromise", blocked_at=timezone.now())
    with pytest.raises(RuleViolated):
        deciding.recommend(
            application=application,
            seen=cases.seen_of(application),
            actor=people.examiner.actor(ORIGIN),
            at=timezone.now(),
        )
