"""Every act has words, and details that were changed are found."""

import pytest
from django.utils import timezone

from audit.actors import Actor
from audit.acts import Act
from audit.models import EventDetails
from audit.services import record
from audit.verification import details_are_true
from audit.words import ACT_WORDS, words_of


def test_every_act_has_words() -> None:
    assert not set(Act) - set(ACT_WORDS)


def test_an_old_tag_shows_itself() -> None:
    assert words_of("pigeon:send") == "pigeon:send"


@pytest.mark.django_db
@pytest.mark.clause("O-16.2.7")
def test_details_that_do_not_belong_to_an_event_are_found() -> None:
    event = record(act=Act.PAGE_VISIT, actor=Actor.system("test"), at=timezone.now(), details={"page": "/"})
    assert details_are_true(event)
    event.details = EventDetails(event=event, salt=event.details.salt, body={"page": "/other/"})
    assert details_are_true(event) is False


@pytest.mark.django_db
def test_a_nul_in_what_was_typed_breaks_no_record() -> None:
    event = record(act=Act.PAGE_VISIT, actor=Actor.system("test"), at=timezone.now(), details={"q": ["a\x00b"]})
    assert event.details.body == {"q": ["a\ufffdb"]}
