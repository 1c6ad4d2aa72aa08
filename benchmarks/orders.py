"""Orders for benchmarks: approved by three people, in the queue, written with a few statements."""

import os
import secrets
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import cycle
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

if TYPE_CHECKING:
    from accounts.models import User
    from certificates.models import Order

PROFILE = {
    "key_types": ["p256"],
    "lra_key_type": "",
    "signature_hash": "sha256",
    "key_usage": ["digital_signature", "content_commitment"],
    "extended_key_usage": ["client_auth", "email_protection"],
    "policy_oid": "1.3.6.1.4.1.99999.1.2",
    "validity_days": 365,
}
SUBJECT = [["C", "JP"], ["ST", "Tokyo"], ["O", "Mihon Seiki Co., Ltd."], ["OU", "CN-1999900000123"]]
REQUESTS = 50


def hold_ceremony(name: str, key_type: str) -> None:
    """Make an issuing authority, and the root the first time."""
    from django.core.management import call_command  # noqa: PLC0415 — Django is set up by now

    places = {"status_url": "http://127.0.0.1:8000/", "ocsp_url": "http://127.0.0.1:8001/"}
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 — no path, a device
        call_command("create_authority", name=name, key_type=key_type, stdout=nowhere, **places)


@cache
def people() -> dict[str, "User"]:
    """Return one person for each role that approves an order."""
    from accounts.models import RoleGrant, User  # noqa: PLC0415

    made = {
        role: User.objects.create(email=f"bench-{role}@demo.example", name=role)
        for role in ("applicant", "examiner", "approver")
    }
    for role in ("examiner", "approver"):
        RoleGrant.objects.create(user=made[role], role=role, granted_at=datetime.now(UTC))
    return made


@cache
def requests() -> list[bytes]:
    """Return requests with as many different keys as there are, which stand for many applicants."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Bench")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    keys = (ec.generate_private_key(ec.SECP256R1()) for _ in range(REQUESTS))
    return [builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER) for key in keys]


def queue(count: int, *, issuer: str, status: str = "queued") -> list["Order"]:
    """Put `count` approved orders of an issuer into the queue, or leave them one step before it (`proposed`)."""
    from certificates.models import Approval, Order  # noqa: PLC0415
    from regulations.models import Subscription  # noqa: PLC0415

    at, holder, version = datetime.now(UTC), people()["applicant"], _version()
    subscriptions = [
        Subscription(
            target_system=version.target_system, holder=holder, subject_key=secrets.token_hex(16), status_since=at
        )
        for _ in range(count)
    ]
    Subscription.objects.bulk_create(subscriptions)
    rows = [
        _order(subscription, csr, version.pk, issuer, place)
        for place, (subscription, csr) in enumerate(zip(subscriptions, cycle(requests()), strict=False))
    ]
    Order.objects.bulk_create(rows)
    roles = people() if status == "queued" else {"applicant": holder}
    Approval.objects.bulk_create(
        Approval(order=row, round=1, role=role, person=person, digest=row.digest, given_at=at)
        for row in rows
        for role, person in roles.items()
    )
    if status == "queued":
        Order.objects.filter(pk__in=[row.pk for row in rows]).update(status="queued")
    return rows


def _order(subscription: Any, csr: bytes, version: Any, issuer: str, place: int) -> "Order":
    from certificates.models import Order  # noqa: PLC0415
    from certificates.names import Part  # noqa: PLC0415
    from certificates.rules import FrozenOrder, digest_of  # noqa: PLC0415

    name, at = f"Bench {secrets.token_hex(4)}", datetime.now(UTC)
    frozen = FrozenOrder(
        application_digest=secrets.token_hex(32),
        target_system="bench",
        rules_version=version,
        subject=tuple(Part(*part) for part in [*SUBJECT, ["CN", name]]),
        emails=("bench@demo.example",),
        profile={**PROFILE, "issuer": issuer},
        key_mode="csr",
        csr=csr,
    ).to_json()
    return Order(
        story=uuid4(),
        subscription=subscription,
        holder=subscription.holder,
        frozen=frozen,
        digest=digest_of(frozen),
        status_since=at + timedelta(microseconds=place),
        created_at=at,
    )


@cache
def _version() -> Any:
    from regulations.models import ParentService, TargetSystem, TargetSystemVersion  # noqa: PLC0415

    at = datetime.now(UTC)
    service = ParentService.objects.create(slug="bench", name={"ja": "計測", "en": "Bench"})
    system = TargetSystem.objects.create(slug="bench", parent_service=service)
    return TargetSystemVersion.objects.create(
        target_system=system,
        number=1,
        rules={"name": {"ja": "計測", "en": "Bench"}},
        rules_digest="0" * 64,
        status_since=at,
        created_at=at,
    )


def approve(order: "Order") -> None:
    """Give the last two approvals through the service, as people do; the second one queues and nudges."""
    from certificates.services import orders  # noqa: PLC0415

    for role in ("examiner", "approver"):
        at = datetime.now(UTC)
        orders.approve(order=order, role=role, digest=order.digest, actor=people()[role].actor("bench"), at=at)
