"""What is sealed opens only under its own key, in its own row, on the record."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured

from audit.actors import Actor
from audit.acts import Act
from audit.models import Event
from vault.keys import parse_ring
from vault.models import Purpose, SealedBlob
from vault.services import decrypt, destroy, open_blob, seal

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CLERK = Actor(person_id=uuid4(), roles=frozenset({"examiner"}), acting_as="examiner")


@pytest.mark.django_db
@pytest.mark.clause("O-9")
def test_a_document_rests_encrypted_and_opening_it_is_on_record_with_its_reason() -> None:
    blob = seal(purpose=Purpose.DOCUMENTS, plaintext="登記事項".encode())
    assert "登記事項".encode() not in bytes(blob.ciphertext)
    assert open_blob(blob=blob, actor=CLERK, reason="examination", at=AT) == "登記事項".encode()
    event = Event.objects.get(act=Act.BLOB_OPEN)
    assert event.details.body == {"purpose": "documents", "reason": "examination"}


@pytest.mark.django_db
def test_a_blob_opens_for_nobody_without_a_reason() -> None:
    blob = seal(purpose=Purpose.DOCUMENTS, plaintext=b"x")
    with pytest.raises(ValueError, match="reason"):
        open_blob(blob=blob, actor=CLERK, reason="", at=AT)


@pytest.mark.django_db
def test_ciphertext_moved_to_another_row_does_not_open() -> None:
    one, another = (seal(purpose=Purpose.PIN, plaintext=text) for text in (b"one", b"two"))
    SealedBlob.objects.filter(pk=one.pk).update(ciphertext=another.ciphertext, nonce=another.nonce)
    with pytest.raises(InvalidTag):
        decrypt(SealedBlob.objects.get(pk=one.pk))


@pytest.mark.django_db
def test_a_process_without_the_key_can_not_open_the_purpose(settings: LazySettings) -> None:
    blob = seal(purpose=Purpose.PIN, plaintext=b"PIN")
    settings.VAULT_KEYS = {**settings.VAULT_KEYS, "pin": ""}
    with pytest.raises(ImproperlyConfigured):
        decrypt(blob)


@pytest.mark.django_db
def test_a_new_key_closes_new_blobs_while_old_ones_still_open(settings: LazySettings) -> None:
    old = seal(purpose=Purpose.PIN, plaintext=b"old")
    fresh = "next:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
    settings.VAULT_KEYS = {**settings.VAULT_KEYS, "pin": f"{fresh},{settings.VAULT_KEYS['pin']}"}
    assert seal(purpose=Purpose.PIN, plaintext=b"new").key_id == "next"
    assert decrypt(old) == b"old"


@pytest.mark.django_db
def test_what_is_destroyed_is_gone_and_its_end_is_on_record() -> None:
    blob = seal(purpose=Purpose.DOCUMENTS, plaintext=b"x")
    destroy(blob=blob, actor=CLERK, reason="withdrawn", at=AT)
    assert not SealedBlob.objects.exists()
    assert Event.objects.filter(act=Act.BLOB_DESTROY).count() == 1


@pytest.mark.parametrize("text", ["a:short", "a:!!!!", "no-colon", ":" + "QUFB" * 11])
def test_a_weak_or_broken_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="vault key"):
        parse_ring(text)
