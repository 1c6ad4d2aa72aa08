"""The mails about a revocation say what they must, in both languages."""

import pytest

from accounts.models import Notice
from accounts.worker.mailing import render_notice
from revocation.services import decisions, requests
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
