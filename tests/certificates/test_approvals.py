"""Four eyes, bound to what was seen: refused by the service, by the database, and once more by the signer."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, ProgrammingError, connections, transaction
from django.utils import timezone

from accounts.models import User
from audit.refusals import NotAllowed, Refused, RuleViolated, Stale
from certificates import csr, rules
from certificates.models import Approval, BlockedKey, Certificate, CertificationAuthority, Intent, Order
from certificates.names import Part
from certificates.services import orders as services
from certificates.worker import batch
from regulations.models import TargetSystemVersion
from tests.certificates import material, orders
from tests.harness.cloned import Clone
from tests.people import ORIGIN, People


@pytest.fixture
def order(people: People, version: TargetSystemVersion, issuing: CertificationAuthority) -> Order:
    return orders.proposed(people, orders.frozen(version))


def say_yes(order: Order, role: str, person: User, digest: str = "") -> Order:
    return services.approve(
        order=order, role=role, digest=digest or order.digest, actor=person.actor(ORIGIN), at=timezone.now()
    )


def insert(order: Order, role: str, person: User, **columns: object) -> None:
    values = {"round": order.round, "digest": order.digest, "four_eyes": True, "given_at": timezone.now(), **columns}
    Approval.objects.create(order=order, role=role, person=person, **values)


def test_an_order_is_queued_when_examiner_and_approver_have_both_said_yes(order: Order, people: People) -> None:
    assert say_yes(order, "examiner", people.examiner).status == "proposed"
    assert say_yes(order, "approver", people.approver).status == "queued"


def test_nobody_approves_twice_nor_in_a_role_not_held(order: Order, people: People) -> None:
    say_yes(order, "examiner", people.examiner)
    with pytest.raises(NotAllowed):
        say_yes(order, "approver", people.examiner)
    with pytest.raises(RuleViolated):
        say_yes(order, "examiner", people.second_examiner)


def test_the_applicants_side_decides_nothing(order: Order, people: People) -> None:
    with pytest.raises(NotAllowed):
        say_yes(order, "examiner", people.hanako)
    insider = Order.objects.get(pk=order.pk)
    insert(insider, "applicant", people.examiner)
    with pytest.raises(RuleViolated):
        say_yes(order, "examiner", people.examiner)


def test_an_approval_of_what_is_no_longer_there_is_stale(
    order: Order, people: People, version: TargetSystemVersion
) -> None:
    seen = order.digest
    other = orders.frozen(version, subject=(*orders.SUBJECT[:-1], Part("CN", "Hanako Kakuu"))).to_json()
    say_yes(order, "examiner", people.examiner)
    services.revise(order=order, frozen=other, actor=people.hanako.actor(ORIGIN), at=timezone.now())
    order.refresh_from_db()
    assert order.round == 2
    with pytest.raises(Stale):
        say_yes(order, "approver", people.approver, seen)
    say_yes(order, "approver", people.approver)
    order.refresh_from_db()
    assert order.status == "proposed", "the examiner's yes was given to something else"


def test_a_queued_order_can_be_cancelled_and_then_not_signed(order: Order, people: People) -> None:
    orders.approved(people, order)
    order.refresh_from_db()
    services.cancel(order=order, reason="withdrawn", actor=people.hanako.actor(ORIGIN), at=timezone.now())
    assert batch.run() == 0
    with pytest.raises(Stale):
        services.cancel(order=order, reason="again", actor=people.hanako.actor(ORIGIN), at=timezone.now())


@pytest.mark.parametrize("role", ["examiner", "approver"])
def test_the_database_refuses_one_person_twice(order: Order, people: People, role: str) -> None:
    insert(order, "examiner", people.examiner)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(order, role, people.examiner)


def test_the_database_refuses_the_applicant_as_approver_even_without_four_eyes(order: Order, people: People) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(order, "approver", people.hanako, four_eyes=False)


def test_the_database_lets_nobody_change_or_delete_an_approval(order: Order, people: People) -> None:
    insert(order, "examiner", people.examiner)
    with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
        Approval.objects.update(role="approver")
    with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
        Approval.objects.all()._raw_delete("default")


def test_the_database_refuses_a_leap_over_the_approvals_states(order: Order) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(status="issued")


def signed_or_why(order: Order) -> str:
    batch.run()
    order.refresh_from_db()
    assert order.status == "failed"
    assert not Certificate.objects.exists()
    assert not Intent.objects.exists()
    return str(order.failure[0])


def queue(order: Order) -> None:
    """Queue an order as its last approval does, behind the services' back."""
    Order.objects.filter(pk=order.pk).update(status="queued")


def test_the_signer_finds_contents_that_changed_after_the_approval(order: Order, people: People) -> None:
    insert(order, "examiner", people.examiner)
    insert(order, "approver", people.approver)
    changed = order.frozen | {"subject": [["C", "JP"], ["CN", "Somebody Else"]]}
    Order.objects.filter(pk=order.pk).update(frozen=changed)
    queue(order)
    assert "not those of its digest" in signed_or_why(order)


def test_the_signer_finds_contents_and_digest_changed_together(order: Order, people: People) -> None:
    insert(order, "examiner", people.examiner)
    insert(order, "approver", people.approver)
    changed = order.frozen | {"subject": [["C", "JP"], ["CN", "Somebody Else"]]}
    Order.objects.filter(pk=order.pk).update(frozen=changed, digest=rules.digest_of(changed))
    queue(order)
    assert "missing in round 1: applicant, approver, examiner" in signed_or_why(order)


@pytest.mark.parametrize("column", ["frozen", "digest", "four_eyes"])
@pytest.mark.parametrize("status", ["queued", "signing", "issued", "failed", "cancelled"])
def test_the_database_lets_nobody_change_what_was_approved(order: Order, column: str, status: str) -> None:
    ways = {"issued": ("queued", "signing", "issued"), "signing": ("queued", "signing"), "failed": ("queued", "failed")}
    for step in ways.get(status, (status,)):
        Order.objects.filter(pk=order.pk).update(status=step)
    changed = {"frozen": order.frozen | {"subject": []}, "digest": "0" * 64, "four_eyes": not order.four_eyes}
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**{column: changed[column]})


def test_the_signer_finds_an_order_queued_behind_everybodys_back(order: Order, people: People) -> None:
    insert(order, "examiner", people.examiner)
    queue(order)
    assert "approver" in signed_or_why(order)


def test_the_signer_finds_a_round_raised_after_the_approvals(order: Order, people: People) -> None:
    orders.approved(people, order)
    Order.objects.filter(pk=order.pk).update(round=2)
    assert "missing in round 2" in signed_or_why(order)


def test_the_signer_finds_a_four_eyes_flag_taken_down(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    order = orders.proposed(people, orders.frozen(version))
    Order.objects.filter(pk=order.pk).update(four_eyes=False)
    for role in ("examiner", "approver"):
        insert(order, role, people.approver, four_eyes=False)
    Order.objects.filter(pk=order.pk).update(status="queued")
    assert "four-eyes flag" in signed_or_why(order)


def test_the_signer_refuses_a_key_that_was_blocked_meanwhile(order: Order, people: People) -> None:
    orders.approved(people, order)
    digest = csr.read(material.request(), key_types=("p256",)).spki_digest
    BlockedKey.objects.create(public_key_sha256=digest, reason="lost", blocked_at=timezone.now())
    assert "blocked" in signed_or_why(order)


def test_a_failed_order_may_be_tried_again(order: Order, people: People) -> None:
    orders.approved(people, order)
    digest = csr.read(material.request(), key_types=("p256",)).spki_digest
    blocked = BlockedKey.objects.create(public_key_sha256=digest, reason="by mistake", blocked_at=timezone.now())
    signed_or_why(order)
    BlockedKey.objects.filter(pk=blocked.pk)._raw_delete("default")
    services.retry(order=order, actor=people.approver.actor(ORIGIN), at=timezone.now())
    assert batch.run() == 1


def test_a_blocked_key_is_refused_at_intake_with_a_message(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority
) -> None:
    digest = csr.read(material.request(), key_types=("p256",)).spki_digest
    BlockedKey.objects.create(public_key_sha256=digest, reason="lost", blocked_at=timezone.now())
    with pytest.raises(RuleViolated) as refused:
        orders.proposed(people, orders.frozen(version))
    assert [violation.field for violation in refused.value.violations] == ["csr"]


def test_a_second_open_order_of_a_subscription_is_refused(order: Order, people: People) -> None:
    version = TargetSystemVersion.objects.get()
    with pytest.raises(RuleViolated):
        orders.proposed(people, orders.frozen(version), subscription=order.subscription)


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": (Part("C", "JP"), Part("CN", "Taro\nX"))},
        {"subject": ()},
        {"emails": ("not an address",)},
        {"profile": {**orders.PROFILE, "issuer": "nobody"}},
        {"profile": {**orders.PROFILE, "key_usage": ["key_cert_sign"]}},
        {"csr": b"0\x03abc"},
    ],
)
def test_what_could_never_be_signed_is_refused_at_intake(
    people: People, version: TargetSystemVersion, issuing: CertificationAuthority, changes: dict[str, object]
) -> None:
    with pytest.raises(RuleViolated):
        orders.proposed(people, orders.frozen(version, **changes))
    assert not Order.objects.exists()


def test_of_two_approvers_at_once_one_decides(clone: Clone, order: Order, people: People) -> None:
    say_yes(order, "examiner", people.examiner)

    def decide(person: User) -> bool:
        try:
            say_yes(order, "approver", person)
        except Refused:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(decide, [people.approver, people.second_approver] * 2)) == 1
    order.refresh_from_db()
    assert order.status == "queued"
