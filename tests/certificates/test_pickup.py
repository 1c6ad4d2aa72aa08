"""Keys that the holder's browser makes at pick-up: after the approvals, from the holder alone, one certificate."""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core import mail
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice
from audit.actors import Actor
from audit.acts import Act
from audit.models import Event
from audit.refusals import NotFound, Refused, RuleViolated, Stale, Suspended
from certificates import emails, invariants
from certificates.models import BlockedKey, Certificate, CertificationAuthority, DeliveryLink, HolderKey, Order
from certificates.names import Part
from certificates.services import acceptance, deliveries, pickup, reminding
from certificates.services import orders as services
from certificates.worker import batch, checking
from regulations.models import Suspension, TargetSystemVersion
from tests.certificates import material, orders
from tests.harness.cloned import Clone
from tests.harness.jobs import Jobs
from tests.people import ORIGIN, People, signed_in

SPKI = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def waiting(people: People, version: TargetSystemVersion, issuing: CertificationAuthority) -> Order:
    """An approved order for Hanako that waits for the key of her browser."""
    orders.make_desk(timezone.now())
    wanted = orders.frozen(version, key_mode="browser", csr=None)
    return orders.approved(people, orders.proposed(people, wanted))


def give(order: Order, people: People, request: bytes, *, turn: int = 1, who: str = "hanako") -> Order:
    actor = getattr(people, who).actor(ORIGIN)
    return pickup.give_key(order=order, request=request, turn=turn, actor=actor, at=timezone.now())


def posted(browser: Client, order: Order, request: bytes, turn: int = 1) -> Any:
    pem = x509.load_der_x509_csr(request).public_bytes(Encoding.PEM).decode()
    return browser.post(reverse("certificates:give_key", args=[order.pk]), {"csr": pem, "turn": turn})


def fresh_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def fresh() -> bytes:
    return material.request(fresh_key())


@pytest.mark.clause("O-14.2", "O-14.3")
def test_the_holder_is_told_after_the_last_approval_and_nothing_is_queued_before_the_key(
    waiting: Order, people: People, jobs: Jobs
) -> None:
    assert waiting.status == "awaiting_key"
    assert batch.run() == 0
    jobs.run("accounts.send_notices")
    told = [message for message in mail.outbox if f"/certificates/pick-up/{waiting.pk}/" in str(message.body)]
    assert [message.to for message in told] == [[people.hanako.email]]
    page = signed_in(people.hanako).get(reverse("certificates:pickup", args=[waiting.pk]))
    assert page.status_code == 200
    assert b"pkijs.min.js" in page.content
    assert b"<noscript>" in page.content


@pytest.mark.clause("O-14.2", "O-16.2.2")
def test_the_certificate_is_for_the_key_of_the_browser_and_for_the_name_that_was_approved(
    waiting: Order, people: People
) -> None:
    key, browser = fresh_key(), signed_in(people.hanako)
    answer = posted(browser, waiting, material.request(key, subject=(Part("CN", "Somebody Else"),)))
    assert answer.json() == {"state": "queued"}
    assert batch.run() == 1
    state = browser.get(reverse("certificates:pickup_state", args=[waiting.pk])).json()
    made = Certificate.objects.get()
    assert (state["state"], state["number"]) == ("issued", made.management_number)
    assert len(state["above"]) == 2
    parsed = x509.load_der_x509_certificate(bytes(made.der))
    assert parsed.public_key().public_bytes(*SPKI) == key.public_key().public_bytes(*SPKI)
    assert "Hanako Kaku" in made.subject_text
    assert made.pkcs12_id is None
    assert not DeliveryLink.objects.exists()
    assert Notice.objects.filter(kind=emails.MADE_IN_BROWSER, recipient=people.hanako).count() == 1
    assert list(checking.everything()) == []
    assert list(invariants.breaches()) == []


@pytest.mark.clause("O-14.2", "O-14.3")
@pytest.mark.parametrize("who", ["outsider", "examiner", "approver", "agent", "contract_admin", "key_officer"])
def test_nobody_else_gives_a_key_or_sees_the_page(waiting: Order, people: People, who: str) -> None:
    browser = signed_in(getattr(people, who))
    for name in ("pickup", "pickup_state"):
        assert browser.get(reverse(f"certificates:{name}", args=[waiting.pk])).status_code == 404
    assert posted(browser, waiting, fresh()).status_code == 404
    assert browser.post(reverse("certificates:take_back_key", args=[waiting.pk])).status_code == 404
    with pytest.raises(NotFound):
        pickup.take_back_key(order=waiting, actor=people.outsider.actor(ORIGIN), at=timezone.now())
    assert not HolderKey.objects.exists()


def test_the_same_request_twice_is_one_key_and_a_second_window_comes_too_late(waiting: Order, people: People) -> None:
    request = fresh()
    give(waiting, people, request)
    assert give(waiting, people, request).status == "queued"
    with pytest.raises(Stale):
        give(waiting, people, fresh())
    assert HolderKey.objects.count() == 1
    assert batch.run() == 1
    assert give(waiting, people, request).status == "issued"
    with pytest.raises(Stale):
        give(waiting, people, fresh())
    assert Certificate.objects.count() == 1


def test_one_key_for_two_orders_at_the_same_moment_is_refused_in_words(
    waiting: Order, people: People, version: TargetSystemVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = orders.subscription_of(people.hanako, version, key="beside")
    wanted = orders.frozen(version, key_mode="browser", csr=None)
    other = orders.approved(people, orders.proposed(people, wanted, subscription=beside))
    request = fresh()
    give(waiting, people, request)
    # The other window looked before this one had stored the key.
    monkeypatch.setattr(pickup, "_refuse_known_key", lambda _facts: None)
    answer = posted(signed_in(people.hanako), other, request)
    assert (answer.status_code, list(answer.json())) == (422, ["message"])
    other.refresh_from_db()
    assert other.status == "awaiting_key"


def test_a_key_whose_window_is_gone_is_taken_back_and_stays_useless(waiting: Order, people: People) -> None:
    lost, hanako = fresh(), people.hanako.actor(ORIGIN)
    give(waiting, people, lost)
    page = signed_in(people.hanako).get(reverse("certificates:pickup", args=[waiting.pk])).content.decode()
    assert reverse("certificates:take_back_key", args=[waiting.pk]) in page
    order = Order.objects.get(pk=waiting.pk)
    assert pickup.take_back_key(order=order, actor=hanako, at=timezone.now()).status == "awaiting_key"
    assert batch.run() == 0
    with pytest.raises(RuleViolated) as refused:
        give(waiting, people, lost, turn=2)
    assert refused.value.violations[0].code == "key_used"
    with pytest.raises(Stale):
        give(waiting, people, fresh(), turn=1)
    key = fresh_key()
    give(waiting, people, material.request(key), turn=2)
    assert batch.run() == 1
    digest = hashlib.sha256(key.public_key().public_bytes(*SPKI)).hexdigest()
    assert Certificate.objects.get().public_key_sha256 == digest
    with pytest.raises(Stale):
        pickup.take_back_key(order=Order.objects.get(), actor=hanako, at=timezone.now())


@pytest.mark.parametrize("fault", ["blocked", "certified", "kind", "forged", "nothing"])
def test_a_key_that_may_not_be_certified_is_refused_in_words_on_the_page(
    waiting: Order, people: People, version: TargetSystemVersion, fault: str
) -> None:
    request = fresh()
    digest = hashlib.sha256(x509.load_der_x509_csr(request).public_key().public_bytes(*SPKI)).hexdigest()
    if fault == "blocked":
        BlockedKey.objects.create(public_key_sha256=digest, reason="test", blocked_at=timezone.now())
    elif fault == "certified":
        other = orders.subscription_of(people.hanako, version)
        orders.approved(people, orders.proposed(people, orders.frozen(version, csr=request), subscription=other))
        batch.run()
    elif fault == "kind":
        request = material.request(material.rsa_key(3072))
    browser, address = signed_in(people.hanako), reverse("certificates:give_key", args=[waiting.pk])
    pem = x509.load_der_x509_csr(request).public_bytes(Encoding.PEM).decode()
    csr = {"forged": pem.replace("A", "B", 40), "nothing": ""}.get(fault, pem)
    answer = browser.post(address, {"csr": csr, "turn": "1"})
    assert answer.status_code == 422
    assert answer.json()["message"]
    assert not HolderKey.objects.exists()
    assert Order.objects.get(pk=waiting.pk).status == "awaiting_key"
    assert Event.objects.filter(act=Act.ORDER_GIVE_KEY, outcome="refused").count() == 1


@pytest.mark.parametrize("turn", ["", "x", "-1", "٣", "1" * 400])
def test_a_turn_that_is_no_number_is_a_stale_page(waiting: Order, people: People, turn: str) -> None:
    address = reverse("certificates:give_key", args=[waiting.pk])
    pem = x509.load_der_x509_csr(fresh()).public_bytes(Encoding.PEM).decode()
    assert signed_in(people.hanako).post(address, {"csr": pem, "turn": turn}).status_code == 409


def test_a_private_key_that_reaches_us_by_mistake_is_refused_and_kept_nowhere(waiting: Order, people: People) -> None:
    address = reverse("certificates:give_key", args=[waiting.pk])
    answer = signed_in(people.hanako).post(address, {"csr": "-----BEGIN PRIVATE KEY-----\nMII", "turn": "1"})
    assert answer.status_code == 422
    assert not HolderKey.objects.exists()


def test_no_key_is_taken_while_nothing_is_signed(waiting: Order, people: People) -> None:
    at = timezone.now()
    said = {"ja": "点検", "en": "Maintenance"}
    Suspension.objects.create(begins_at=at, ends_at=at + timedelta(hours=1), reason=said)
    with pytest.raises(Suspended):
        give(waiting, people, fresh())
    assert Order.objects.get(pk=waiting.pk).status == "awaiting_key"


def test_a_stopped_order_asks_for_another_key_because_the_first_is_gone(waiting: Order, people: People) -> None:
    give(waiting, people, fresh())
    Order.objects.filter(pk=waiting.pk).update(status="failed", failure=["lra.build: test"])
    page = signed_in(people.hanako).get(reverse("certificates:pickup", args=[waiting.pk])).content.decode()
    assert "証明書を発行できませんでした" in page
    assert "data-make" not in page
    order = services.retry(
        order=Order.objects.get(pk=waiting.pk), actor=people.approver.actor(ORIGIN), at=timezone.now()
    )
    assert order.status == "awaiting_key"
    give(order, people, fresh(), turn=2)
    assert batch.run() == 1
    assert Certificate.objects.count() == 1


@pytest.mark.clause("O-16.2.2")
def test_the_holder_says_that_the_file_is_saved_and_accepts_or_has_a_lost_one_reissued(
    waiting: Order, people: People
) -> None:
    give(waiting, people, fresh())
    batch.run()
    made, browser = Certificate.objects.get(), signed_in(people.hanako)
    hanako, at = people.hanako.actor(ORIGIN), timezone.now()
    page = browser.get(reverse("certificates:detail", args=[made.pk])).content.decode()
    assert reverse("certificates:saved", args=[made.pk]) in page
    assert reverse("applications:reissue", args=[made.pk]) in page
    assert browser.get(reverse("certificates:pickup", args=[waiting.pk])).status_code == 302
    with pytest.raises(RuleViolated):
        acceptance.accept(certificate=made, actor=hanako, at=at)
    with pytest.raises(RuleViolated):
        deliveries.send_again(certificate=made, actor=hanako, at=at)
    assert signed_in(people.outsider).post(reverse("certificates:saved", args=[made.pk])).status_code == 404
    for _ in range(2):
        answer = browser.post(reverse("certificates:saved", args=[made.pk]))
        assert answer["Location"] == reverse("certificates:accept", args=[made.pk])
    assert Event.objects.filter(act=Act.CERTIFICATE_DOWNLOAD, outcome="done").count() == 1
    acceptance.accept(certificate=Certificate.objects.get(), actor=hanako, at=at)
    assert Certificate.objects.get().delivery == "accepted"


def test_a_file_of_another_key_mode_is_not_said_to_be_saved(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    orders.queued(people, version)
    batch.run()
    with pytest.raises(NotFound):
        pickup.confirm_saved(
            certificate=Certificate.objects.get(), actor=people.hanako.actor(ORIGIN), at=timezone.now()
        )


def key_row(waiting: Order, people: People, **changes: Any) -> dict[str, Any]:
    """Return a row that the database takes, with `changes` that it should not."""
    row = {"order": waiting, "turn": 1, "person": people.hanako, "csr": b"x", "given_at": timezone.now()}
    return {**row, "public_key_sha256": "0" * 64, **changes}


@pytest.mark.parametrize("how", ["somebody_else", "too_early", "certified_key"])
def test_the_database_itself_takes_a_key_from_the_holder_alone_and_when_it_is_due(
    waiting: Order, people: People, version: TargetSystemVersion, how: str
) -> None:
    changes: dict[str, Any] = {}
    if how == "somebody_else":
        changes["person"] = people.outsider
    elif how == "too_early":
        other = orders.subscription_of(people.hanako, version)
        wanted = orders.frozen(version, key_mode="browser", csr=None)
        changes["order"] = orders.proposed(people, wanted, subscription=other)
    else:
        other = orders.subscription_of(people.hanako, version)
        orders.approved(people, orders.proposed(people, orders.frozen(version), subscription=other))
        batch.run()
        changes["public_key_sha256"] = Certificate.objects.get().public_key_sha256
    with pytest.raises(IntegrityError), transaction.atomic():
        HolderKey.objects.create(**key_row(waiting, people, **changes))


@pytest.mark.parametrize("old_key", [False, True])
def test_the_database_itself_queues_no_order_without_a_key_of_this_turn(
    waiting: Order, people: People, old_key: bool
) -> None:
    if old_key:
        HolderKey.objects.create(**key_row(waiting, people, given_at=timezone.now() - timedelta(days=1)))
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=waiting.pk).update(status="queued")


def test_a_key_on_record_never_changes(waiting: Order, people: People) -> None:
    HolderKey.objects.create(**key_row(waiting, people))
    with pytest.raises(DatabaseError), transaction.atomic():
        HolderKey.objects.update(csr=b"y")


def test_an_order_of_another_key_mode_never_waits_for_a_browser(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    order = orders.proposed(people, orders.frozen(version))
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(status="awaiting_key")


def test_a_planted_key_is_found_when_everything_stored_is_looked_at_again(waiting: Order, people: People) -> None:
    give(waiting, people, fresh())
    batch.run()
    made = Certificate.objects.get()
    Certificate.objects.filter(pk=made.pk).update(public_key_sha256="1" * 64)
    assert any("another key than its holder gave" in breach for breach in invariants.breaches())


def test_the_vendored_bundle_is_the_one_that_is_described_and_evaluates_no_text() -> None:
    vendored = Path(__file__).parents[2] / "static" / "vendor"
    content = (vendored / "pkijs.min.js").read_bytes()
    assert hashlib.sha256(content).hexdigest() in (vendored / "README.md").read_text()
    assert not re.search(rb"\beval\(|new Function|importScripts|sourceMappingURL", content)
    for name in ("pkijs", "asn1js", "bytestreamjs", "@peculiar/utils", "@noble/hashes"):
        assert f"== {name} " in (vendored / "LICENSE.pkijs").read_text()


def test_who_does_not_come_is_asked_again_each_week_three_times(waiting: Order, people: People) -> None:
    asked = Notice.objects.filter(kind=emails.MAKE_KEY, recipient=people.hanako)
    for days, mails in ((6, 1), (7, 2), (8, 2), (14, 3), (22, 4), (29, 4), (60, 4)):
        for _again in range(2):
            reminding.remind_of_keys(actor=Actor.system("test"), at=waiting.status_since + timedelta(days=days))
        assert asked.count() == mails, days
    assert Event.objects.filter(act=Act.CERTIFICATE_REMIND, story=waiting.story).count() == 3
    give(waiting, people, fresh())
    assert reminding.remind_of_keys(actor=Actor.system("test"), at=waiting.status_since + timedelta(days=14)) == 0


def test_of_ten_windows_at_once_one_gives_the_key(clone: Clone, waiting: Order, people: People) -> None:
    hanako = people.hanako.actor(ORIGIN)

    def attempt(request: bytes) -> bool:
        try:
            pickup.give_key(order=waiting, request=request, turn=1, actor=hanako, at=timezone.now())
        except Refused:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(attempt, [fresh() for _ in range(10)])) == 1
    assert HolderKey.objects.count() == 1


def test_an_order_that_a_signer_gave_back_is_signed_for_the_same_key_while_the_page_waits(
    waiting: Order, people: People
) -> None:
    key = fresh_key()
    give(waiting, people, material.request(key))
    for status in ("signing", "queued"):
        Order.objects.filter(pk=waiting.pk).update(status=status)
    assert batch.run() == 1
    made = x509.load_der_x509_certificate(bytes(Certificate.objects.get().der))
    assert made.public_key() == key.public_key()
