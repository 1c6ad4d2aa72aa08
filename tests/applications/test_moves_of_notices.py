"""Every state of a notice of change, every act, everybody; and whom each act tells (docs/states.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.core import mail
from django.forms.models import model_to_dict
from django.test import Client
from django.utils import timezone

from accounts.models import Notice, User
from accounts.roles import roles_for
from applications.models import ChangeAlarm, ChangeNotice
from applications.selectors.changes import said_now
from applications.services import change_alarms, changing
from applications.services.changing import Proposal, Said
from applications.states import CHANGE
from applications.worker.deadlines import CLOCK
from audit.acts import Act
from audit.models import Event
from certificates.models import Certificate
from tests.applications.test_every_move import Walk, act_of, undone
from tests.applications.test_telling import Mails, Nobody, told_since
from tests.flows import steps
from tests.flows.steps import House
from tests.people import signed_in

PROPOSAL = Proposal("correction", "登記と合っています", "ご届出のとおりに直しました。")
RETURNED = "番号をもう一度確かめてください。"


@dataclass
class NoticeWalk(Walk):
    """One notice of Jiro's in one state; who is who is as it is for his application."""

    notice: ChangeNotice

    def picture(self) -> dict[str, Any]:
        """Everything about the notice that an act may change."""
        row = ChangeNotice.objects.get(pk=self.notice.pk)
        moves = Event.objects.filter(story=row.story, outcome="done", act__startswith="change:").exclude(after="")
        return {"row": model_to_dict(row), "moves": moves.count()}


def received(house: House, certificate: Certificate) -> ChangeNotice:
    said = Said({**said_now(certificate), "direct_phone": "06-0000-0123"}, "wrong", None, "")
    jiro = act_of(house.people.jiro)
    return changing.submit(certificate=certificate, said=said, actor=jiro, at=timezone.now())


def examining(house: House, certificate: Certificate) -> ChangeNotice:
    notice, examiner = received(house, certificate), act_of(house.people.examiner)
    return changing.claim(notice=notice, actor=examiner, at=timezone.now())


def awaiting_approval(house: House, certificate: Certificate) -> ChangeNotice:
    notice, examiner = examining(house, certificate), act_of(house.people.examiner)
    return changing.propose(notice=notice, proposal=PROPOSAL, actor=examiner, at=timezone.now())


def settled(house: House, certificate: Certificate) -> ChangeNotice:
    notice, approver = awaiting_approval(house, certificate), act_of(house.people.approver)
    return changing.settle(notice=notice, seen=notice.seen, actor=approver, at=timezone.now())


def withdrawn(house: House, certificate: Certificate) -> ChangeNotice:
    notice, jiro = examining(house, certificate), act_of(house.people.jiro)
    return changing.withdraw(notice=notice, actor=jiro, at=timezone.now())


PLACES: dict[str, Callable[[House, Certificate], ChangeNotice]] = {
    place.__name__: place for place in (received, examining, awaiting_approval, settled, withdrawn)
}
PRESSED: dict[Act, tuple[str, dict[str, str]]] = {
    Act.CHANGE_CLAIM: ("office/changes/{}/claim/", {}),
    Act.CHANGE_RELEASE: ("office/changes/{}/release/", {}),
    Act.CHANGE_PROPOSE: ("office/changes/{}/propose/", vars(PROPOSAL)),
    Act.CHANGE_RETURN: ("office/changes/{}/return/", {"note": RETURNED}),
    Act.CHANGE_SETTLE: ("office/changes/{}/settle/", {}),
    Act.CHANGE_WITHDRAW: ("changes/{}/withdraw/", {}),
}
TOLD: dict[tuple[Act, str], Mails | Nobody] = {
    (Act.CHANGE_CLAIM, "received"): Nobody.QUEUE,
    (Act.CHANGE_RELEASE, "examining"): Nobody.QUEUE,
    (Act.CHANGE_PROPOSE, "examining"): Nobody.QUEUE,
    (Act.CHANGE_RETURN, "awaiting_approval"): {("examiner", "change_moved")},
    (Act.CHANGE_SETTLE, "awaiting_approval"): {("applicant", "change_settled")},
    (Act.CHANGE_WITHDRAW, "received"): {("applicant", "change_withdrawn")},
    (Act.CHANGE_WITHDRAW, "examining"): {("applicant", "change_withdrawn"), ("examiner", "change_moved")},
}


@pytest.fixture
def certificate(house: House) -> Certificate:
    """Jiro's certificate for electronic contracts, in use."""
    jiro = house.people.jiro
    issued = steps.issue(steps.apply(jiro, "e-contract"), house.people, house.jobs)
    steps.fetch(issued, jiro)
    return steps.accept(issued, jiro)


def walk_of(house: House, certificate: Certificate, place: str) -> NoticeWalk:
    application = certificate.order.application
    return NoticeWalk(house, application, PLACES[place](house, certificate))


def may(walk: NoticeWalk, who: str, act: Act) -> bool:
    """Whether this person may do this act: the holder withdraws, who has it works on it, somebody else decides."""
    person = walk.everybody()[who]
    whose = {
        Act.CHANGE_WITHDRAW: {"applicant"},
        Act.CHANGE_CLAIM: {"examiner", "other examiner"},
        Act.CHANGE_RELEASE: {"examiner"},
        Act.CHANGE_PROPOSE: {"examiner"},
    }
    by_role = person.role_names() & {role.value for role in roles_for(act)}
    return bool(by_role) and who in whose.get(act, {"approver"})


def pressed(walk: NoticeWalk, act: Act, browser: Client) -> int:
    """Send what the page of the act would send; the answer's status."""
    address, sent = PRESSED[act]
    return browser.post(f"/{address.format(walk.notice.pk)}", {**sent, "seen": walk.notice.seen}).status_code


def test_every_act_and_every_state_of_the_table_is_there() -> None:
    assert set(PRESSED) == {move.act for move in CHANGE.moves}
    assert set(PLACES) == set(CHANGE.states())
    assert set(TOLD) == {(move.act, source) for move in CHANGE.moves for source in move.sources}


@pytest.mark.clause("O-13")
def test_what_table_and_roles_allow_succeeds_and_all_else_changes_nothing(
    certificate: Certificate, house: House
) -> None:
    wrong, everybody = [], Walk(house, certificate.order.application).everybody()
    browsers = {who: signed_in(person) for who, person in everybody.items()}
    for place in PLACES:
        with undone():
            walk = walk_of(house, certificate, place)
            before = walk.picture()
            for act, who in product(PRESSED, browsers):
                allowed = CHANGE.allows(act, place) and may(walk, who, act)
                with undone():
                    status, picture = pressed(walk, act, browsers[who]), walk.picture()
                expected = CHANGE.move(act).target if allowed else place
                unmoved = allowed or picture == before
                if status >= 500 or picture["row"]["status"] != expected or not unmoved:
                    wrong.append(f"{who}: {act.value} in {place}: {status}, {picture['row']['status']}")
    assert wrong == []


@pytest.mark.clause("O-13")
def test_every_act_on_a_notice_tells_whom_it_concerns_and_nobody_else(certificate: Certificate, house: House) -> None:
    wrong = {}
    for (act, place), expected in TOLD.items():
        with undone():
            walk = walk_of(house, certificate, place)
            known = set(Notice.objects.values_list("pk", flat=True))
            who = next(person for name, person in walk.everybody().items() if may(walk, name, act))
            assert pressed(walk, act, signed_in(who)) == 302, act
            told = told_since(walk, known)
        if told != (set() if isinstance(expected, Nobody) else expected):
            wrong[act.value, place] = told
    assert wrong == {}


@pytest.mark.parametrize(
    ("place", "act", "words"),
    [
        ("awaiting_approval", Act.CHANGE_RETURN, (RETURNED, "sent it back to you")),
        ("received", Act.CHANGE_WITHDRAW, ("取り下げを承りました", "withdrawn as you asked")),
    ],
)
def test_the_mails_about_a_notice_read_well_in_both_languages(
    certificate: Certificate, house: House, place: str, act: Act, words: tuple[str, str]
) -> None:
    for language, said in zip(("ja", "en"), words, strict=True):
        User.objects.update(language=language)
        with undone():
            walk = walk_of(house, certificate, place)
            house.jobs.run("accounts.send_notices")
            who = next(person for name, person in walk.everybody().items() if may(walk, name, act))
            sent = len(mail.outbox)
            pressed(walk, act, signed_in(who))
            house.jobs.run("accounts.send_notices")
            message = mail.outbox[sent]
        text = f"{message.subject}\n{message.body}"
        assert said in text, text
        assert walk.notice.receipt_number in message.subject
        assert "{{" not in text


def test_the_page_of_a_notice_has_the_button_to_withdraw_it_or_says_why_not(
    certificate: Certificate, house: House
) -> None:
    for place, (button, why) in {"examining": (True, False), "awaiting_approval": (False, True)}.items():
        with undone():
            notice = PLACES[place](house, certificate)
            page = signed_in(house.people.jiro).get(f"/changes/{notice.pk}/").content.decode()
        assert ("/withdraw/" in page, "今は取り下げられません" in page) == (button, why)


@pytest.mark.clause("O-13", "O-15.1.7")
def test_a_request_to_revoke_outlives_the_notice_that_it_came_from_and_everybody_reads_so(
    certificate: Certificate, house: House
) -> None:
    people = house.people
    examiner, approver, jiro = act_of(people.examiner), act_of(people.approver), act_of(people.jiro)
    said = Said({**said_now(certificate), "department_latin": "Sales, Director"}, "changed", timezone.localdate(), "")
    notice = changing.submit(certificate=certificate, said=said, actor=jiro, at=timezone.now())
    changing.claim(notice=notice, actor=examiner, at=timezone.now())
    proposal = Proposal("revocation", "", "失効の手続きをします。")
    number = changing.propose(notice=notice, proposal=proposal, actor=examiner, at=timezone.now()).revocation_number
    changing.send_back(notice=notice, note=RETURNED, actor=approver, at=timezone.now())
    assert signed_in(people.jiro).post(f"/changes/{notice.pk}/withdraw/").status_code == 302
    for person, page in ((people.jiro, f"/changes/{notice.pk}/"), (people.examiner, f"/office/changes/{notice.pk}/")):
        assert f"失効の請求 {number}" in signed_in(person).get(page).content.decode()
    rows = Notice.objects.filter(kind__in=("applications/change_moved", "applications/change_withdrawn"))
    told = rows.filter(context__revocation_number=number).values_list("recipient__email", flat=True)
    assert {people.jiro.email, people.examiner.email} == set(told)


@pytest.mark.clause("O-13", "J-5.4")
def test_the_promised_time_of_a_notice_is_alarmed_before_and_when_it_passes_once_each(
    certificate: Certificate, house: House
) -> None:
    notice, people = received(house, certificate), house.people

    def raised(at: datetime) -> tuple[list[str], set[User | None]]:
        known = set(Notice.objects.values_list("pk", flat=True))
        alarms = set(ChangeAlarm.objects.values_list("pk", flat=True))
        change_alarms.raise_due(actor=CLOCK, at=at)
        rows = ChangeAlarm.objects.exclude(pk__in=alarms).order_by("stage").values_list("stage", flat=True)
        told = Notice.objects.exclude(pk__in=known).filter(kind="applications/change_alarm")
        return list(rows), {row.recipient for row in told}

    close = notice.due_at
    assert raised(notice.received_at) == ([], set())
    assert raised(close - timedelta(hours=1)) == (["half", "near"], {people.examiner, people.second_examiner})
    changing.claim(notice=notice, actor=act_of(people.examiner), at=timezone.now())
    assert raised(close - timedelta(hours=1)) == ([], set())
    late = close + timedelta(seconds=1)
    assert raised(late) == (["over"], {people.examiner, people.approver, people.second_approver})
    assert raised(late) == ([], set())
    assert Event.objects.filter(act="change:alarm", story=certificate.story).count() == 3
    Notice.objects.filter(kind="applications/change_alarm").update(not_before=timezone.now())
    house.jobs.run("accounts.send_notices")
    assert notice.receipt_number in mail.outbox[-1].body
    assert "約束の期限" in mail.outbox[-1].body
