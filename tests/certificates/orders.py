"""Orders for tests, taken through the real services: proposed, examined, approved."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from certificates.models import Order
from certificates.names import Part
from certificates.rules import FrozenOrder
from certificates.services import orders
from regulations.models import ContactPoint, ParentService, Subscription, TargetSystem, TargetSystemVersion
from tests.certificates import material
from tests.people import ORIGIN, People

PROFILE = {
    "key_types": ["rsa2048", "p256"],
    "lra_key_type": "p256",
    "signature_hash": "sha256",
    "key_usage": ["digital_signature", "content_commitment"],
    "extended_key_usage": ["client_auth", "email_protection"],
    "policy_oid": "1.3.6.1.4.1.99999.1.2",
    "validity_days": 365,
    "issuer": "issuing",
}
SUBJECT = (
    Part("C", "JP"),
    Part("ST", "Tokyo"),
    Part("O", "Mihon Seiki Co., Ltd."),
    Part("OU", "CN-1234567890123"),
    Part("OU", "Sales, Director"),
    Part("CN", "Hanako Kaku"),
)


def make_version(*, backup: bool = True) -> TargetSystemVersion:
    """Return a version of the rules, with or without a backup of keys."""
    service, _ = ParentService.objects.get_or_create(slug="demo", defaults={"name": {"ja": "デモ", "en": "Demo"}})
    system, _ = TargetSystem.objects.get_or_create(slug="demo", defaults={"parent_service": service})
    number = system.versions.count() + 1
    at = timezone.now()
    system.versions.filter(status="in_force").update(status="superseded", status_since=at)
    version = TargetSystemVersion.objects.create(
        target_system=system,
        number=number,
        rules={"backup": backup, "name": {"ja": "デモ サービス", "en": "Demo service"}},
        rules_digest=f"{number:064x}",
        status_since=at,
        created_at=at,
    )
    TargetSystemVersion.objects.filter(pk=version.pk).update(status="in_force", activated_at=at)
    version.refresh_from_db()
    return version


def make_desk(at: datetime) -> ContactPoint:
    """Return how the call center is reached."""
    return ContactPoint.objects.create(
        name={"ja": "デモ コールセンター", "en": "Demo call center"},
        operator={"ja": "デモ株式会社", "en": "Demo K.K."},
        phone="03-0000-0000",
        email="desk@demo.example",
        address={"ja": "東京都千代田区デモ町1-1", "en": "1-1 Demo-cho, Tokyo"},
        opens="09:00",
        closes="18:00",
        valid_from=at,
    )


def subscription_of(holder: User, version: TargetSystemVersion, key: str = "") -> Subscription:
    """Return the holder's right to use the target system, applied for."""
    return Subscription.objects.create(
        target_system=version.target_system,
        holder=holder,
        subject_key=key or uuid4().hex,
        status_since=timezone.now(),
    )


def frozen(version: TargetSystemVersion, **changes: Any) -> FrozenOrder:
    """Return the frozen part of an order with the applicant's own key, with `changes`."""
    base = FrozenOrder(
        application_digest="0" * 64,
        target_system="demo",
        rules_version=version.pk,
        subject=SUBJECT,
        emails=("hanako@demo.example",),
        profile=PROFILE,
        key_mode="csr",
        csr=material.request(),
    )
    return replace(base, **changes)


def by_lra(version: TargetSystemVersion, **changes: Any) -> FrozenOrder:
    """Return the frozen part of an order whose key the LRA makes."""
    return frozen(version, key_mode="lra", csr=None, **changes)


def proposed(people: People, wanted: FrozenOrder, *, subscription: Subscription | None = None) -> Order:
    """Return an order that the holder has submitted."""
    version = TargetSystemVersion.objects.get(pk=wanted.rules_version)
    subscription = subscription or subscription_of(people.hanako, version)
    return orders.propose(
        story=uuid4(),
        subscription=subscription,
        frozen=wanted.to_json(),
        people=[subscription.holder],
        actor=subscription.holder.actor(ORIGIN),
        at=timezone.now(),
    )


def approved(people: People, order: Order) -> Order:
    """Return the order after examiner and approver have said yes, which queues it."""
    for role, person in (("examiner", people.examiner), ("approver", people.approver)):
        order = orders.approve(
            order=order, role=role, digest=order.digest, actor=person.actor(ORIGIN), at=timezone.now()
        )
    return order


def queued(people: People, version: TargetSystemVersion, **changes: Any) -> Order:
    """Return an order in the signer's queue, with the applicant's key unless `changes` say otherwise."""
    return approved(people, proposed(people, frozen(version, **changes)))
