"""Whom each change of an application concerns: who gets which mail, or why nobody does (docs/states.md)."""

from enum import Enum
from uuid import UUID

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Notice
from applications.services import asking, confirming, intake
from applications.states import APPLICATION
from audit.acts import Act
from tests.applications.test_every_move import CLOCK, LONG_AFTER, PLACES, PRESSED, Walk, may, undone
from tests.flows.steps import House
from tests.people import signed_in

Mails = set[tuple[str, str]]


class Nobody(Enum):
    """Why a change makes no mail."""

    QUEUE = "the office's queue shows it at once and counts it, and alarms rise before its time is over"
    OWN = "whoever did it is the only one whom it concerns"


TOLD: dict[tuple[Act, str], Mails | Nobody] = {
    (Act.APPLICATION_SUBMIT, "draft"): {("applicant", "received")},
    (Act.APPLICATION_SUBMIT, "waiting_consent"): {
        ("applicant", "received"),
        ("filer", "received"),
        ("filer", "confirmation_settled"),
    },
    (Act.APPLICATION_PRESENT, "filed_draft"): {("applicant", "confirmation_asked")},
    (Act.APPLICATION_RECALL, "waiting_consent"): {("applicant", "confirmation_over")},
    (Act.APPLICATION_TAKE_OVER, "waiting_consent"): {("filer", "confirmation_settled")},
    (Act.APPLICATION_DECLINE, "waiting_consent"): {("filer", "confirmation_settled")},
    (Act.APPLICATION_CLAIM, "submitted"): Nobody.QUEUE,
    (Act.APPLICATION_RELEASE, "examining"): Nobody.QUEUE,
    (Act.APPLICATION_ASK, "examining"): {("applicant", "information_requested")},
    (Act.APPLICATION_ANSWER, "waiting_information"): {("examiner", "case_moved")},
    (Act.APPLICATION_LAPSE, "draft"): {("applicant", "draft_lapsed")},
    (Act.APPLICATION_LAPSE, "filed_draft"): {("filer", "draft_lapsed")},
    (Act.APPLICATION_LAPSE, "waiting_consent"): {("filer", "confirmation_settled")},
    (Act.APPLICATION_LAPSE, "waiting_information"): {("applicant", "lapsed"), ("examiner", "case_moved")},
    (Act.APPLICATION_REOPEN, "lapsed"): {("applicant", "reopened"), ("examiner", "case_moved")},
    (Act.APPLICATION_RECOMMEND, "examining"): Nobody.QUEUE,
    (Act.APPLICATION_RETURN, "awaiting_approval"): {("examiner", "case_moved")},
    (Act.APPLICATION_APPROVE, "awaiting_approval"): {("applicant", "approved")},
    (Act.APPLICATION_REFUSE, "awaiting_approval"): {("applicant", "refused")},
    (Act.APPLICATION_WITHDRAW, "draft"): Nobody.OWN,
    (Act.APPLICATION_WITHDRAW, "filed_draft"): Nobody.OWN,
    (Act.APPLICATION_WITHDRAW, "waiting_consent"): {("applicant", "confirmation_over")},
    (Act.APPLICATION_WITHDRAW, "submitted"): {("applicant", "withdrawn")},
    **{
        (Act.APPLICATION_WITHDRAW, place): {("applicant", "withdrawn"), ("examiner", "case_moved")}
        for place in ("examining", "waiting_information", "awaiting_approval")
    },
}


def test_every_move_of_the_table_says_whom_it_concerns() -> None:
    moves = {(move.act, source) for move in APPLICATION.moves for source in move.sources}
    assert {(act, place.removeprefix("filed_")) for act, place in TOLD} == moves


@pytest.mark.clause("O-4.2")
@pytest.mark.parametrize("place", PLACES)
def test_every_act_tells_whom_it_concerns_and_nobody_else(house: House, place: str) -> None:
    walk = Walk(house, PLACES[place](house))
    known = set(Notice.objects.values_list("pk", flat=True))
    wrong = {}
    for act in (act for act, where in TOLD if where == place):
        with undone():
            did(walk, act)
            told = told_since(walk, known)
        expected = TOLD[act, place]
        if told != (set() if isinstance(expected, Nobody) else expected):
            wrong[act.value] = told
    assert wrong == {}


def did(walk: Walk, act: Act) -> None:
    """Do an act as one of those who may."""
    before = walk.fresh().status
    if act == Act.APPLICATION_LAPSE:
        for sweep in (intake.lapse_drafts, asking.lapse_unanswered, confirming.lapse_unconfirmed):
            sweep(actor=CLOCK, at=timezone.now() + LONG_AFTER)
    else:
        who = next(name for name in walk.everybody() if may(walk, name, act))
        address, sent = PRESSED[act](walk.fresh())
        signed_in(walk.everybody()[who]).post(address, sent)
    assert walk.fresh().status != before, act


def told_since(walk: Walk, known: set[UUID]) -> Mails:
    """Return who got which mail about the application, by the names of the walk."""
    names = {person.pk: name for name, person in walk.everybody().items()}
    rows = Notice.objects.exclude(pk__in=known).filter(kind__startswith="applications/")
    return {(names.get(row.recipient_id or row.pk, "?"), row.kind.removeprefix("applications/")) for row in rows}


@pytest.mark.parametrize(
    ("place", "act", "words"),
    [
        ("awaiting_approval", Act.APPLICATION_APPROVE, ("承認されました", "was approved")),
        ("awaiting_approval", Act.APPLICATION_RETURN, ("部署名をもう一度確かめてください。", "sent it back")),
        ("waiting_information", Act.APPLICATION_ANSWER, ("回答しました", "answered what you asked")),
        ("waiting_consent", Act.APPLICATION_RECALL, ("お手続きは必要ありません", "need do nothing")),
        ("draft", Act.APPLICATION_LAPSE, ("下書きを閉じました", "draft was closed")),
    ],
)
def test_the_mails_read_well_in_both_languages(house: House, place: str, act: Act, words: tuple[str, str]) -> None:
    walk = Walk(house, PLACES[place](house))
    house.jobs.run("accounts.send_notices")
    for language, said in zip(("ja", "en"), words, strict=True):
        for person in walk.everybody().values():
            type(person).objects.filter(pk=person.pk).update(language=language)
        with undone():
            known = set(Notice.objects.values_list("pk", flat=True))
            did(walk, act)
            row = Notice.objects.exclude(pk__in=known).get()
            Notice.objects.filter(pk=row.pk).update(not_before=timezone.now())
            sent = len(mail.outbox)
            house.jobs.run("accounts.send_notices")
            message = mail.outbox[sent]
        text = f"{message.subject}\n{message.body}"
        assert row.email in message.to
        assert said in text, text
        assert "{{" not in text
