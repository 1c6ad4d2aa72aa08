"""A key of the vault is exchanged: everything goes under the new one, however often that is stopped (J-5.2)."""

import base64
import io
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import key_rotation
from accounts.adapters import MFAAdapter
from accounts.management.commands import rotate_keys
from audit.acts import Act
from audit.models import Event
from audit.refusals import NotAllowed
from tests.harness.cloned import Clone
from tests.people import ORIGIN, TOTP_SECRET, People
from vault import resealing
from vault.models import Purpose, SealedBlob
from vault.services import decrypt, seal

BASE = Path(__file__).resolve().parents[2]
REASON = "the key is two years old"


def a_key(name: str = "next", key: bytes = b"") -> str:
    return f"{name}:{base64.b64encode(key or secrets.token_bytes(32)).decode()}"


def with_rings(settings: LazySettings, **first: str) -> None:
    """Put a key before those that this process holds."""
    rings = {purpose: f"{key},{settings.VAULT_KEYS[purpose]}" for purpose, key in first.items()}
    settings.VAULT_KEYS = {**settings.VAULT_KEYS, **rings}


def sealed(purpose: Purpose, count: int) -> dict[UUID, bytes]:
    """Seal so many secrets; return each by the id of its row."""
    texts = [f"{purpose} {number}".encode() for number in range(count)]
    return {seal(purpose=purpose, plaintext=text).pk: text for text in texts}


def opened() -> dict[UUID, bytes]:
    return {blob.pk: decrypt(blob) for blob in SealedBlob.objects.exclude(purpose=Purpose.SECOND_FACTORS)}


def under(key_id: str, purpose: str = "pin") -> int:
    return SealedBlob.objects.filter(purpose=purpose, key_id=key_id).count()


def rotate(people: People, *purposes: str, out: io.StringIO | None = None) -> str:
    out = out or io.StringIO()
    call_command("rotate_keys", *purposes, person=people.key_officer.email, reason=REASON, stdout=out)
    return out.getvalue()


@pytest.mark.clause("J-5.2", "O-9")
def test_documents_files_pins_and_second_factors_go_under_the_new_key_and_the_old_one_is_needed_no_more(
    db: None, people: People, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "MOST_ROWS", 4)
    texts = {pk: text for purpose in Purpose for pk, text in sealed(purpose, 10).items()}
    new = {purpose.value: a_key(f"{purpose}-2") for purpose in Purpose}
    with_rings(settings, **new)
    told = rotate(people, *Purpose.values)
    assert "documents: 8 of 10" in told
    settings.VAULT_KEYS = new
    assert {blob.pk: decrypt(blob) for blob in SealedBlob.objects.filter(pk__in=texts)} == texts
    assert {blob.key_id for blob in SealedBlob.objects.all()} == {f"{purpose}-2" for purpose in Purpose}
    event = Event.objects.filter(act=Act.BLOB_RESEAL).earliest("pk")
    assert (event.person_id, event.role) == (people.key_officer.pk, "key_officer")
    body = {"purpose": "documents", "from": {"test": 4}, "to": "documents-2", "count": 4, "reason": REASON}
    assert event.details.body == body


def test_second_factors_are_the_same_after_it(db: None, people: People, settings: LazySettings) -> None:
    new = a_key()
    with_rings(settings, second_factors=new)
    rotate(people, "second_factors")
    settings.VAULT_KEYS = {**settings.VAULT_KEYS, "second_factors": new}
    factor = Authenticator.objects.get(user=people.examiner, type=Authenticator.Type.TOTP)
    assert MFAAdapter().decrypt(factor.data["secret"]) == TOTP_SECRET


class Interrupting(io.StringIO):
    """A terminal where somebody presses Ctrl-C, or an operator ends the process, after a line of progress."""

    def __init__(self, after: str, number: int) -> None:
        super().__init__()
        self.after, self.number = after, number

    def write(self, text: str, /) -> int:
        if self.after in text:
            signal.raise_signal(self.number)
        return super().write(text)


@pytest.mark.parametrize("number", rotate_keys.STOPS)
def test_stopped_in_the_middle_everything_opens_and_the_same_command_goes_on(
    db: None, people: People, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(resealing, "MOST_ROWS", 3)
    before = [signal.getsignal(stop) for stop in rotate_keys.STOPS]
    texts = sealed(Purpose.PIN, 10)
    with_rings(settings, pin=a_key())
    with pytest.raises(CommandError, match="the same command goes on"):
        rotate(people, "pin", out=Interrupting("6 of 10", number))
    assert (under("next"), under("test")) == (6, 4)
    assert opened() == texts
    late = seal(purpose=Purpose.PIN, plaintext=b"sealed meanwhile")
    assert late.key_id == "next"
    assert "4 of 4" in rotate(people, "pin")
    assert (under("next"), under("test")) == (11, 0)
    assert "0 of 0" in rotate(people, "pin")
    assert [signal.getsignal(stop) for stop in rotate_keys.STOPS] == before


def started(clone: Clone, people: People, ring: str) -> "subprocess.Popen[str]":
    """Start the command as an operator does, with a worker's settings, role and keys."""
    keys = {f"VAULT_KEY_{name.upper()}": project.VAULT_KEYS[name] for name in ("documents", "pkcs12")}
    words = ["rotate_keys", "pin", "--person", people.key_officer.email, "--reason", REASON]
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=BASE,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "lra_portal.settings.worker",
            "QUICKSTART": "1",
            **clone.environment("lra_worker"),
            **keys,
            "VAULT_KEY_PIN": ring,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_killed_in_the_middle_of_a_portion_it_leaves_the_portion_as_it_was(
    clone: Clone, people: People, settings: LazySettings
) -> None:
    texts = sealed(Purpose.PIN, resealing.MOST_ROWS + 20)
    ring = f"{a_key()},{settings.VAULT_KEYS['pin']}"
    last = SealedBlob.objects.filter(purpose="pin").order_by("pk").last()
    assert last is not None
    holder = clone.connect("lra_worker")
    holder.cursor().execute("SELECT FROM vault_sealedblob WHERE id = %s FOR UPDATE", [str(last.pk)])
    process = started(clone, people, ring)
    assert process.stdout is not None
    while f"{resealing.MOST_ROWS} of" not in (line := process.stdout.readline()):
        assert line, "it ended early"
    process.kill()
    process.wait(30)
    holder.rollback()
    settings.VAULT_KEYS = {**settings.VAULT_KEYS, "pin": ring}
    assert (under("next"), under("test")) == (resealing.MOST_ROWS, 20)
    assert opened() == texts
    output, _ = started(clone, people, ring).communicate(timeout=60)
    assert "pin: 20 of 20" in output
    assert opened() == texts
    assert under("test") == 0


def test_weak_equal_and_shared_keys_are_refused_before_anything_is_touched(
    db: None, people: People, settings: LazySettings
) -> None:
    sealed(Purpose.PIN, 2)
    first = project.VAULT_KEYS["pin"]
    same = base64.b64decode(first.partition(":")[2])
    document = base64.b64decode(project.VAULT_KEYS["documents"].partition(":")[2])
    refused = {
        "not random": a_key(key=b"0123" * 8),
        "same key": a_key(key=same),
        "share a key": a_key(key=document),
        "32 bytes": "next:QUJD",
        "an id of its own": a_key("test"),
    }
    for why, new in refused.items():
        settings.VAULT_KEYS = {**project.VAULT_KEYS, "pin": f"{new},{first}"}
        with pytest.raises(CommandError, match=why):
            rotate(people, "pin")
    settings.VAULT_KEYS = {**project.VAULT_KEYS, "pin": a_key()}
    with pytest.raises(CommandError, match="closed by test, which this process lacks"):
        rotate(people, "pin")
    settings.VAULT_KEYS = {**project.VAULT_KEYS, "pin": ""}
    with pytest.raises(CommandError, match="holds no key for pin"):
        rotate(people, "pin")
    assert under("test") == 2
    assert not Event.objects.filter(act=Act.BLOB_RESEAL, outcome="done").exists()


def test_what_was_tampered_with_stops_it_and_stays_for_whoever_looks_into_it(
    db: None, people: People, settings: LazySettings
) -> None:
    sealed(Purpose.PIN, 3)
    one = SealedBlob.objects.filter(purpose="pin").earliest("pk")
    SealedBlob.objects.filter(pk=one.pk).update(ciphertext=bytes(len(one.ciphertext)))
    with_rings(settings, pin=a_key())
    with pytest.raises(CommandError, match="tampered with"):
        rotate(people, "pin")
    assert under("test") == 3


def test_a_key_officer_does_it_and_nobody_else_and_not_without_a_reason(
    db: None, people: People, settings: LazySettings
) -> None:
    with_rings(settings, pin=a_key())
    common = {"purpose": Purpose.PIN, "clock": timezone.now, "go_on": lambda _done, _total: True}
    for person in (people.administrator, people.approver, people.hanako):
        with pytest.raises(NotAllowed):
            key_rotation.rotate(actor=person.actor(ORIGIN), reason=REASON, **common)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="reason"):
        key_rotation.rotate(actor=people.key_officer.actor(ORIGIN), reason=" ", **common)  # type: ignore[arg-type]
    with pytest.raises(CommandError, match="no account"):
        call_command("rotate_keys", "pin", person="nobody@demo.example", reason=REASON)
    with pytest.raises(CommandError, match="no_such"):
        rotate(people, "no_such")
