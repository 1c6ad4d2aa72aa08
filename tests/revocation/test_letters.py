"""The mails about a revocation say what they must, in both languages."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import Notice
from accounts.worker import mailing
from accounts.worker.mailing import render_notice
from revocation.models import RevocationRequest
from revocation.services import decisions, requests, telling
from revocation.services.requests import Wish
from revocation.worker import tasks
from tests.revocation.world import World, now


@pytest.mark.clause("O-16.2.6", "J-5.6")
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_letter_of_a_revocation_is_written_and_tells_to_stop_using(committed_world: World, language: str) -> None:
    world = committed_world
    for name in world.people.values():
        type(name).objects.filter(pk=name.pk).update(language=language)
    for ground in ("holder:key_compromise", "holder:no_longer_used"):
        certificate = world.certificate()
        wish = Wish(ground, "Words")
        number = certificate.management_number
        case = requests.request_own(
            certificate=certificate, wish=wish, typed_number=number, actor=world.actor("holder"), at=now()
        )
        decide = decisions.approve if "compromise" in ground else decisions.deny
        decide(case=case, note="Seen", actor=world.actor("approver"), at=now())
        if "compromise" in ground:
            sent = Notice.objects.filter(kind="revocation/approved").order_by("pk").first()
            assert sent is not None
            Notice.objects.filter(pk=sent.pk).update(attempts=1)  # the mail server was busy: this one is on its way
    tasks.publish()
    kinds = set()
    for notice in Notice.objects.select_related("recipient"):
        notice.language = language
        subject, body = render_notice(notice, now())
        kinds.add(notice.kind)
        assert "{" not in subject + body
        assert notice.context["number"] in subject + body or notice.kind == "revocation/completed"
        assert "http" in body
        if notice.kind in ("revocation/approved", "revocation/completed"):
            assert ("stop using" if language == "en" else "使用をやめ") in body
    assert kinds == {f"revocation/{kind}" for kind in ("received", "urgent", "approved", "denied", "completed")}


def told(kind: str) -> list[str]:
    """Who gets mails of a kind, each once."""
    waiting = Notice.objects.filter(kind=f"revocation/{kind}").select_related("recipient")
    return sorted(str(notice.recipient) for notice in waiting)


@pytest.mark.clause("O-16.2.6")
def test_the_decision_and_its_completion_are_one_mail_where_the_list_follows_at_once(committed_world: World) -> None:
    world = committed_world
    case = approved(world)
    everybody = told("approved")
    assert everybody
    assert not Notice.objects.waiting(now()).filter(kind="revocation/approved").exists()
    tasks.publish()
    tasks.publish()
    assert (told("approved"), told("completed")) == ([], everybody)
    soon = now() + timedelta(seconds=5)
    notice = Notice.objects.waiting(soon).filter(kind="revocation/completed").select_related("recipient").first()
    assert notice is not None
    _subject, body = render_notice(notice, now())
    for said in (case.number, case.named, "Seen"):
        assert said in body


@pytest.mark.clause("O-16.2.6")
def test_where_the_list_is_late_the_duty_to_stop_is_told_before_it(committed_world: World) -> None:
    world = committed_world
    approved(world)
    everybody = told("approved")
    late = now() + telling.LIST_FOLLOWS
    assert Notice.objects.waiting(late).filter(kind="revocation/approved").count() == len(everybody)
    with time_machine.travel(late, tick=False):
        while mailing.send_waiting():
            pass
        tasks.publish()
    assert (told("approved"), told("completed")) == (everybody, everybody)


def approved(world: World) -> RevocationRequest:
    certificate = world.certificate()
    case = requests.request_own(
        certificate=certificate,
        wish=Wish("holder:no_longer_used", "Words"),
        typed_number=certificate.management_number,
        actor=world.actor("holder"),
        at=now(),
    )
    return decisions.approve(case=case, note="Seen", actor=world.actor("approver"), at=now())
