"""What COPY writes is what INSERT would have written, letter for letter, and is refused where INSERT is refused."""

import hashlib
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Notice
from audit.actors import Actor
from audit.acts import Act
from audit.copying import copy_all, copy_rows, one_array, reserve_keys
from audit.models import Event, EventDetails
from audit.services import Entry, canonical, record, record_many
from vault.models import SealedBlob

AT = datetime(2026, 11, 20, 9, 0, 0, 123456, tzinfo=UTC)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
CONTEXT = st.dictionaries(TEXT, st.one_of(TEXT, st.integers(-(2**40), 2**40), st.booleans(), st.none(), st.lists(TEXT)))


def notice(**facts: object) -> Notice:
    usual = {"kind": "test", "dedupe": uuid4().hex, "email": "a@demo.example", "language": "ja"}
    times = dict.fromkeys(("status_since", "created_at", "not_before"), AT)
    return Notice(**usual | times | facts)


class TestLetters(TestCase):
    """Hypothesis with Django wants a class."""

    @given(text=TEXT, context=CONTEXT)
    def test_every_letter_comes_back(self, text: str, context: dict[str, object]) -> None:
        one = notice(last_error=text, context=context, story=uuid4())
        copy_all([one])
        back = Notice.objects.get(pk=one.pk)
        assert (back.last_error, back.context, back.story, back.handed_over_at) == (text, context, one.story, None)
        assert back.created_at == AT

    @given(content=st.binary(max_size=200))
    def test_every_octet_comes_back(self, content: bytes) -> None:
        key = uuid4()
        columns = ("id", "purpose", "key_id", "nonce", "ciphertext", "size", "sealed_at")
        copy_rows(model=SealedBlob, columns=columns, rows=[(key, "pin", "k", b"\0" * 12, content, len(content), AT)])
        assert bytes(SealedBlob.objects.get(pk=key).ciphertext) == content


@pytest.mark.django_db
def test_a_constraint_holds_as_for_any_insert_and_none_of_the_rows_is_there() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_all([notice(dedupe="one"), notice(dedupe="two"), notice(dedupe="one")])
    assert not Notice.objects.filter(dedupe__in=["one", "two"]).exists()


@pytest.mark.django_db
def test_keys_that_were_reserved_are_nobody_elses() -> None:
    mine = reserve_keys(Event, 3)
    event = record(act=Act.PAGE_VISIT, actor=Actor.system("test"), at=AT)
    assert len({*mine, event.pk}) == 4
    assert reserve_keys(Event, 0) == []


@pytest.mark.django_db
def test_many_events_at_once_are_the_evidence_that_one_by_one_would_have_been() -> None:
    subject, actor = notice(), Actor.system("test")
    details = {"words": "改行\n\tと \\N と \0", "number": 7}
    one = record(act=Act.NOTICE_SEND, actor=actor, at=AT, subject=subject, details=details, moved=("waiting", "sent"))
    record_many(actor=actor, at=AT, entries=[Entry(Act.NOTICE_SEND, subject, None, details, ("waiting", "sent"))])
    many = Event.objects.latest("pk")
    same = (
        "act",
        "outcome",
        "at",
        "person_id",
        "role",
        "origin",
        "subject_type",
        "subject_id",
        "story",
        "before",
        "after",
    )
    assert [getattr(many, name) for name in same] == [getattr(one, name) for name in same]
    assert many.details.body == EventDetails.objects.get(event=one).body
    body = canonical(many.details.body)
    assert bytes(many.details_digest) == hashlib.sha256(bytes(many.details.salt) + body).digest()


@pytest.mark.django_db
def test_an_array_of_keys_finds_those_rows_and_no_others() -> None:
    rows = [notice() for _ in range(3)]
    copy_all(rows)
    assert {row.pk for row in Notice.objects.filter(pk__in=one_array(row.pk for row in rows[:2]))} == {
        rows[0].pk,
        rows[1].pk,
    }
    assert not Notice.objects.filter(pk__in=one_array([])).exists()
