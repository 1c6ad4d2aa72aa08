"""Every state, every act, everybody: what table and roles allow succeeds, all else is refused and changes nothing.

The walk is made from the table of states and the table of roles; what is pressed are the addresses of the pages.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.forms.models import model_to_dict
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role, roles_for
from applications.models import Application, InformationRequest
from applications.selectors.intake import contents_digest
from applications.services import asking, confirming, deciding, examination, filing, intake
from applications.services.asking import Question
from applications.services.deciding import Refusal
from applications.services.filing import Subject
from applications.states import APPLICATION
from audit.actors import Actor
from audit.acts import Act
from audit.models import Event
from audit.refusals import NotAllowed
from regulations.models import TargetSystem
from regulations.services import consents
from tests.flows import steps
from tests.flows.steps import House
from tests.people import ORIGIN, signed_in

CLOCK = Actor.system("deadlines")
LONG_AFTER = timedelta(days=90)
REFUSAL = Refusal("unsuitable", "在職を確認できませんでした。")


@dataclass
class Walk:
    """One application in one state, and who is who around it."""

    house: House
    application: Application

    @property
    def side(self) -> dict[str, User]:
        """The applicant, who has filed for them where somebody has, and people who have nothing to do with it."""
        people = self.house.people
        return {"applicant": people.jiro, "filer": people.hanako, "stranger": people.outsider}

    def everybody(self) -> dict[str, User]:
        """One person or more for every role there is."""
        people = self.house.people
        return self.side | {
            "contract administrator": people.contract_admin,
            "examiner": people.examiner,
            "other examiner": people.second_examiner,
            "approver": people.approver,
            "rules manager": people.rules_manager,
            "key officer": people.key_officer,
            "agent": people.agent,
            "auditor": people.auditor,
            "administrator": people.administrator,
        }

    def fresh(self) -> Application:
        """The application as it stands."""
        return Application.objects.get(pk=self.application.pk)

    def picture(self) -> dict[str, Any]:
        """Everything about it that an act may change."""
        row = Application.objects.select_related("order").get(pk=self.application.pk)
        return {
            "row": model_to_dict(row),
            "order": model_to_dict(row.order) if row.order is not None else None,
            "approvals": row.order.approvals.count() if row.order is not None else 0,
            "moves": Event.objects.filter(story=row.story, outcome="done").exclude(after="").count(),
        }


def act_of(person: User) -> Actor:
    return person.actor(ORIGIN)


# How each state comes about, by the services that lead there.


def draft(house: House) -> Application:
    return steps.fill_in(house.people.jiro, "e-contract")


def filed_draft(house: House) -> Application:
    agent, jiro, at = house.people.hanako, house.people.jiro, timezone.now()
    filed = filing.start_for(
        target_system=TargetSystem.objects.get(slug="e-contract"),
        subject=Subject(jiro.name, jiro.email, "E-40213"),
        person=agent,
        actor=act_of(agent),
        at=at,
    )
    for step in ("applicant", "certificate"):
        typed = steps.ANSWERS["e-contract"]
        assert intake.save_step(application=filed, step=step, typed=typed, actor=act_of(agent), at=at) == []
    steps.add_documents(filed, agent)
    steps.add_document(filed, agent, "letter_of_proxy")
    return filed


def waiting_consent(house: House) -> Application:
    filed = filed_draft(house)
    filed.refresh_from_db()
    seen, actor = contents_digest(filed), act_of(house.people.hanako)
    return filing.present(application=filed, seen=seen, actor=actor, at=timezone.now())


def submitted(house: House) -> Application:
    return steps.hand_in(draft(house), house.people.jiro)


def examining(house: House) -> Application:
    return steps.judge(submitted(house), house.people.examiner)


def waiting_information(house: House) -> Application:
    application = examining(house)
    question = Question(message="在職がわかる書類はありますか。")
    asking.ask(application=application, question=question, actor=act_of(house.people.examiner), at=timezone.now())
    return application


def awaiting_approval(house: House) -> Application:
    return steps.examine(submitted(house), house.people.examiner)


def approved(house: House) -> Application:
    return steps.approve(awaiting_approval(house), house.people.approver)


def refused(house: House) -> Application:
    application = awaiting_approval(house)
    seen, actor = steps.order_of(application).seen, act_of(house.people.approver)
    return deciding.refuse(application=application, refusal=REFUSAL, seen=seen, actor=actor, at=timezone.now())


def withdrawn(house: House) -> Application:
    return intake.withdraw(application=submitted(house), actor=act_of(house.people.jiro), at=timezone.now())


def lapsed(house: House) -> Application:
    application = waiting_information(house)
    assert asking.lapse_unanswered(actor=CLOCK, at=timezone.now() + LONG_AFTER) == 1
    return application


PLACES: dict[str, Callable[[House], Application]] = {
    place.__name__: place
    for place in (
        draft,
        filed_draft,
        waiting_consent,
        submitted,
        examining,
        waiting_information,
        awaiting_approval,
        approved,
        refused,
        withdrawn,
        lapsed,
    )
}


# How each act is pressed: its address and what the page sends.


def consenting(application: Application) -> dict[str, Any]:
    items = consents.asked_for(ruleset=application.rules.ruleset, at=timezone.now())
    return {"consent": [item.key for item in items], "seen": contents_digest(application)}


def submitting(application: Application) -> tuple[str, dict[str, Any]]:
    page = "confirm" if application.status == "waiting_consent" else "submit"
    return f"/applications/{application.pk}/{page}/", consenting(application)


def own(page: str, **sent: str) -> Callable[[Application], tuple[str, dict[str, Any]]]:
    return lambda row: (f"/applications/{row.pk}/{page}/", {**sent, "seen": contents_digest(row)})


def office(page: str, **sent: str) -> Callable[[Application], tuple[str, dict[str, Any]]]:
    def press(row: Application) -> tuple[str, dict[str, Any]]:
        return f"/examination/{row.pk}/{page}/", {**sent, "seen": row.order.seen if row.order is not None else ""}

    return press


PRESSED: dict[Act, Callable[[Application], tuple[str, dict[str, Any]]]] = {
    Act.APPLICATION_SUBMIT: submitting,
    Act.APPLICATION_PRESENT: own("present"),
    Act.APPLICATION_RECALL: own("recall"),
    Act.APPLICATION_TAKE_OVER: own("take-over"),
    Act.APPLICATION_DECLINE: own("decline", note="頼んでいません。"),
    Act.APPLICATION_ANSWER: own("answer", answer="在職証明書は総務で発行できます。"),
    Act.APPLICATION_REOPEN: own("reopen"),
    Act.APPLICATION_WITHDRAW: own("withdraw"),
    Act.APPLICATION_CLAIM: office("claim"),
    Act.APPLICATION_RELEASE: office("release"),
    Act.APPLICATION_ASK: office("ask", act="send", message="部署を教えてください。", business_days="5"),
    Act.APPLICATION_RECOMMEND: office("recommend"),
    Act.APPLICATION_RETURN: office("return", note="部署名をもう一度確かめてください。"),
    Act.APPLICATION_APPROVE: office("approve"),
    Act.APPLICATION_REFUSE: office("refuse", ground=REFUSAL.ground, text=REFUSAL.text),
}
BY_THE_CLOCK = {Act.APPLICATION_LAPSE}


def may(walk: Walk, who: str, act: Act) -> bool:
    """Whether this person may do this act to this application by their role, and by who they are to it."""
    row, person = walk.application, walk.everybody()[who]
    filed, editor = row.is_filed, "filer" if row.is_filed else "applicant"
    whose = {
        Act.APPLICATION_SUBMIT: set() if filed and row.status == "draft" else {"applicant"},
        Act.APPLICATION_PRESENT: {"filer"} if filed else set(),
        Act.APPLICATION_RECALL: {"filer"} if filed else set(),
        Act.APPLICATION_TAKE_OVER: {"applicant"} if filed else set(),
        Act.APPLICATION_DECLINE: {"applicant"} if filed else set(),
        Act.APPLICATION_WITHDRAW: {editor} if row.submitted_at is None else {"applicant"},
        Act.APPLICATION_ANSWER: {"applicant", editor},
        Act.APPLICATION_REOPEN: {"applicant", editor},
        Act.APPLICATION_CLAIM: {"examiner", "other examiner"},
    }
    by_role = person.role_names() & {role.value for role in roles_for(act)}
    of_the_office = {"approver"} if Role.APPROVER in roles_for(act) else {"examiner"}
    return bool(by_role) and who in whose.get(act, of_the_office)


def press(browser: Client, walk: Walk, act: Act) -> int:
    """Send what the page of the act would send; the answer's status."""
    address, sent = PRESSED[act](walk.fresh())
    return browser.post(address, sent).status_code


# An agent by proxy is one by the case (the places `filed_`); a parent service calls the API with a key of its own.
NOBODY_SIGNS_IN_AS = {Role.PROXY, Role.API_CLIENT, Role.SYSTEM, Role.ANYONE}


def test_every_act_of_the_table_is_pressed_and_every_state_and_role_is_there(house: House) -> None:
    assert set(PRESSED) | BY_THE_CLOCK == {move.act for move in APPLICATION.moves}
    walk = Walk(house, draft(house))
    assert {role for person in walk.everybody().values() for role in person.role_names()} == {
        role.value for role in Role if role not in NOBODY_SIGNS_IN_AS
    }
    assert set(APPLICATION.states()) <= {place.removeprefix("filed_") for place in PLACES}


@pytest.mark.clause("O-4.2")
@pytest.mark.parametrize("place", PLACES)
def test_what_the_table_and_the_roles_allow_succeeds_and_all_else_changes_nothing(house: House, place: str) -> None:
    walk = Walk(house, PLACES[place](house))
    walk.application.refresh_from_db()
    state = walk.application.status
    before, browsers = walk.picture(), {who: signed_in(person) for who, person in walk.everybody().items()}
    wrong = []
    pages = {act: page(walk.fresh()) for act, page in PRESSED.items()}
    for act in PRESSED:
        mine = {who for who in browsers if APPLICATION.allows(act, state) and may(walk, who, act)}
        with undone():
            # All who may not, one after the other: a single look afterwards finds whatever one of them changed.
            answers = {who: browsers[who].post(*pages[act]).status_code for who in browsers.keys() - mine}
            if walk.picture() != before or max(answers.values()) >= 500:
                wrong.append(f"{act.value} in {place} by people who may not: {answers}, {walk.picture()}")
        for who in mine:
            with undone():
                status, after = browsers[who].post(*pages[act]).status_code, walk.fresh().status
            if status >= 500 or after != APPLICATION.move(act).target:
                wrong.append(f"{who}: {act.value} in {place}: {status}, {state} → {after}")
    assert wrong == []


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("place", PLACES)
def test_only_the_clock_lets_an_application_lapse_and_only_where_it_waits(house: House, place: str) -> None:
    walk = Walk(house, PLACES[place](house))
    state = walk.fresh().status
    sweeps = (intake.lapse_drafts, asking.lapse_unanswered, confirming.lapse_unconfirmed)
    for person in walk.everybody().values():
        for sweep in sweeps:
            with pytest.raises(NotAllowed):
                sweep(actor=act_of(person), at=timezone.now() + LONG_AFTER)
    for sweep in sweeps:
        sweep(actor=CLOCK, at=timezone.now() + LONG_AFTER)
    lapses = APPLICATION.allows(Act.APPLICATION_LAPSE, state)
    assert walk.fresh().status == ("lapsed" if lapses else state)


def test_nobody_without_an_account_moves_anything(house: House) -> None:
    walk = Walk(house, waiting_information(house))
    before = walk.picture()
    for act in PRESSED:
        assert press(Client(), walk, act) == 302
    assert walk.picture() == before


def test_a_question_that_was_answered_is_answered_no_second_time(house: House) -> None:
    walk = Walk(house, waiting_information(house))
    browser = signed_in(house.people.jiro)
    assert press(browser, walk, Act.APPLICATION_ANSWER) == 302
    before = walk.picture()
    assert press(browser, walk, Act.APPLICATION_ANSWER) == 302
    assert walk.picture() == before
    assert InformationRequest.objects.count() == 1


def test_a_case_that_was_put_back_is_taken_by_another_examiner(house: House) -> None:
    application = examining(house)
    at = timezone.now()
    examination.release(application=application, actor=act_of(house.people.examiner), at=at)
    taken = examination.claim(application=application, actor=act_of(house.people.second_examiner), at=at)
    assert taken.examiner == house.people.second_examiner
