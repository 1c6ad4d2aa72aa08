"""Whether certificates can be checked and applications are taken, for everybody to see."""

from datetime import timedelta

import pytest
from django.test import Client

from regulations.models import Suspension
from revocation.models import ResponderProbe
from revocation.worker import asking, crl_publishing
from tests.revocation.world import PUBLISHER, World, make_current, make_world, now


@pytest.fixture
def world(db: None) -> World:
    """An authority whose list is out."""
    world = make_world()
    crl_publishing.publish(authority=world.issuing, shard=0, actor=PUBLISHER)
    make_current()
    return world


def page(client: Client, language: str = "en") -> str:
    answer = client.get("/service-status/", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def test_all_is_well_when_the_list_is_in_time_and_the_responder_has_answered(world: World, client: Client) -> None:
    ResponderProbe.objects.create(authority=world.issuing, asked_at=now())
    assert "Certificates can be checked" in page(client)
    assert "証明書の検証" in page(client, "ja")
    assert "Applications are taken" in page(client)


@pytest.mark.parametrize(("asked", "finding"), [(timedelta(0), "no answer (TimeoutError)"), (timedelta(minutes=6), "")])
def test_a_responder_that_answers_wrongly_or_was_not_asked_for_long_is_not_well(
    world: World, client: Client, asked: timedelta, finding: str
) -> None:
    ResponderProbe.objects.create(authority=world.issuing, asked_at=now() - asked, finding=finding)
    text = page(client)
    assert "Certificates can only partly be checked" in text
    assert "TimeoutError" not in text


def test_before_anybody_has_asked_the_page_says_so_and_raises_no_alarm(world: World, client: Client) -> None:
    text = page(client)
    assert "Not asked yet" in text
    assert "only partly" not in text


@pytest.mark.clause("O-6")
def test_a_suspension_is_shown_before_and_while_it_lasts_and_says_what_goes_on(world: World, client: Client) -> None:
    reason = {"ja": "設備の点検", "en": "Maintenance"}
    row = Suspension.objects.create(
        begins_at=now() + timedelta(days=1), ends_at=now() + timedelta(days=2), reason=reason
    )
    assert "A suspension is announced" in page(client)
    assert "Applications are taken" in page(client)
    Suspension.objects.filter(pk=row.pk).update(begins_at=now() - timedelta(hours=1))
    text = page(client)
    assert "Revocation, lists and OCSP go on as usual" in text
    assert "Applications are taken" not in text


def test_a_responder_that_nobody_reaches_is_noted(world: World) -> None:
    (finding,) = asking.ask_responders(at=now())
    assert "no answer" in finding
    assert "no answer" in ResponderProbe.objects.get().finding
