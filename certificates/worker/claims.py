"""Step one of signing: claim orders, read their approvals again, and store what will be signed.

The signer trusts nothing that was concluded before. It recomputes the digest of the frozen part and
wants an approval of exactly that digest, in the current round, from every role, by different people.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction
from django.db.models import F, QuerySet, prefetch_related_objects

from audit.actors import Actor
from audit.acts import Act
from audit.copying import copy_all, one_array
from audit.refusals import RuleViolated
from audit.services import Entry, record_many
from certificates import csr, names, rules
from certificates.models import Approval, BlockedKey, Certificate, CertificationAuthority, HolderKey, Intent, Order
from certificates.profiles import CertificateProfile
from certificates.rules import KEY_BY_LRA, KEY_IN_BROWSER, FrozenOrder
from certificates.services import alarms
from certificates.worker import authorities
from certificates.worker.building import Plan
from certificates.worker.keys import SigningKey
from certificates.worker.serials import new_serial
from regulations.models import Subscription

SIGNER: Final = Actor.system("signer")
KeyPool = dict[str, list[SigningKey]]


class UnfitError(Exception):
    """An order may not be signed; `findings` say why, one line each, for the staff's page."""

    def __init__(self, *findings: str) -> None:
        super().__init__("; ".join(findings))
        self.findings = list(findings)


@dataclass(frozen=True)
class Berth:
    """The signer that claims, the lock it holds for this batch, and for how long it claims."""

    signer: str
    lock_key: int
    lease: timedelta


@dataclass(frozen=True)
class Claim:
    """One order claimed by this signer, with its stored intent and, in PKCS#12 mode, its new key."""

    order: Order
    intent: Intent
    authority: CertificationAuthority
    plan: Plan
    key: SigningKey | None


class GivenApproval(NamedTuple):
    """One approval, as far as the signer asks: a row of the table without the cost of an object."""

    order_id: UUID
    round: int
    role: str
    person_id: UUID
    digest: str


@dataclass
class Surroundings:
    """What the database says beside the orders themselves, read once for a whole claim."""

    approvals: Mapping[Any, list[GivenApproval]]
    authorities: Mapping[str, CertificationAuthority]
    taken_slots: Mapping[Any, set[str]]
    keys: KeyPool = field(default_factory=dict)
    holder_requests: Mapping[Any, bytes] = field(default_factory=dict)


@transaction.atomic
def claim(*, berth: Berth, keys: KeyPool, limit: int, at: datetime, away: Collection[str] = frozenset()) -> list[Claim]:
    """Claim up to `limit` queued orders and store an intent for each, in one transaction.

    Orders that others hold are passed over, those of issuers whose key is `away`, and those whose service is
    suspended. Orders that may not be
    signed become `failed` with their findings. An order whose key the LRA makes is left for later when `keys`
    holds no more of its type.
    """
    locked = queued(away).select_for_update(skip_locked=True, of=("self",))
    orders = list(locked.order_by("status_since", "pk")[:limit])
    prefetch_related_objects(orders, "holder")
    around = _surroundings(orders, keys)
    claims: list[Claim] = []
    unfit: list[tuple[Order, list[str]]] = []
    for order in orders:
        try:
            claimed = claim_of(order, around, berth, at)
        except UnfitError as error:
            unfit.append((order, error.findings))
        else:
            claims.extend([claimed] if claimed else [])
    claims = _without_blocked_keys(claims, unfit)
    _store(claims, at)
    fail_orders(unfit, source="queued", at=at)
    return claims


def queued(away: Collection[str]) -> QuerySet[Order]:
    """Return the orders that wait, but for those of issuers whose key is away and of suspended services (O-11.1)."""
    waiting = Order.objects.filter(status="queued").exclude(subscription__status="suspended")
    return waiting.exclude(frozen__profile__issuer__in=list(away)) if away else waiting


def suspended_since(claims: Sequence[Claim]) -> set[UUID]:
    """Return the subscriptions of claims whose service was suspended after the claim (O-11.1)."""
    subscriptions = one_array(claim.order.subscription_id for claim in claims)
    return set(Subscription.objects.filter(pk__in=subscriptions, status="suspended").values_list("pk", flat=True))


def fail_orders(unfit: Sequence[tuple[Order, list[str]]], *, source: str, at: datetime) -> None:
    """Make orders `failed` with their findings, and tell key officers, who may retry (G6). Inside a transaction."""
    entries = []
    for order, findings in unfit:
        changed = Order.objects.filter(pk=order.pk, status=source).update(
            status="failed", status_since=at, failure=findings
        )
        if changed:
            entries.append(Entry(Act.ORDER_FAIL, order, details={"findings": findings}, moved=(source, "failed")))
    if entries:
        record_many(actor=SIGNER, at=at, entries=entries)
        what = (
            f"{len(entries)} order(s) stopped before they were signed; the findings stand on the page of issue orders"
        )
        alarms.raise_alarm(what=what, key="orders/failed", at=at)


def _surroundings(orders: Sequence[Order], keys: KeyPool) -> Surroundings:
    approvals: dict[Any, list[GivenApproval]] = defaultdict(list)
    keys_of_orders = one_array(order.pk for order in orders)
    for approval in given(Approval.objects.filter(order__in=keys_of_orders, round=F("order__round"))):
        approvals[approval.order_id].append(approval)
    taken: dict[Any, set[str]] = defaultdict(set)
    subscriptions = one_array(order.subscription_id for order in orders)
    slots = Certificate.objects.filter(subscription__in=subscriptions).exclude(slot="past")
    for subscription, slot in slots.values_list("subscription_id", "slot"):
        taken[subscription].add(slot)
    return Surroundings(approvals, authorities.generations(), taken, keys, _holder_requests(orders))


def _holder_requests(orders: Sequence[Order]) -> dict[Any, bytes]:
    """Return the request of the holder's browser for each order that has one, the newest of each."""
    wanted = [order.pk for order in orders if order.frozen.get("key_mode") == KEY_IN_BROWSER]
    if not wanted:
        return {}
    rows = HolderKey.objects.filter(order__in=one_array(wanted), person=F("order__holder")).order_by("turn")
    return {order: bytes(request) for order, request in rows.values_list("order_id", "csr")}


def given(approvals: QuerySet[Approval]) -> list[GivenApproval]:
    """Return approvals as the signer takes them."""
    return list(itertools.starmap(GivenApproval, approvals.values_list(*GivenApproval._fields)))


def claim_of(order: Order, around: Surroundings, berth: Berth, at: datetime) -> Claim | None:
    """Return the claim of an order; None to leave it queued. Raises UnfitError."""
    frozen = approved(order, around.approvals[order.pk])
    profile = _profile(frozen)
    authority = _authority(profile, around, at)
    if len(around.taken_slots[order.subscription_id]) > 1:
        raise UnfitError("lra.slots: the subscription has a current certificate and a successor already")
    key: SigningKey | None = None
    if frozen.key_mode == KEY_BY_LRA:
        pool = around.keys.get(profile.lra_key_type)
        if not pool:
            return None
        key = pool.pop()
    spki = _spki(frozen, profile, key, around.holder_requests.get(order.pk))
    begin, end = rules.validity(profile, at=at, valid_until=frozen.valid_until, issuer_ends=authority.not_after)
    if not begin < end:
        raise UnfitError("lra.validity: the contract or the issuer has ended")
    serial = new_serial()
    shard = serial % profile.crl_shards
    issuer = authorities.issuer_of(authority, shard=shard)
    plan = Plan(serial, issuer, frozen.subject, frozen.emails, spki, profile, begin, end, shard)
    return Claim(order, _intent(order, authority, plan, berth, at), authority, plan, key)


def approved(order: Order, approvals: Sequence[GivenApproval]) -> FrozenOrder:
    """Return what was approved; raises UnfitError when any of it does not hold now."""
    digest = rules.digest_of(order.frozen)
    if digest != order.digest:
        raise UnfitError("lra.approval: the order's contents are not those of its digest")
    try:
        frozen = FrozenOrder.parse(order.frozen)
    except (KeyError, TypeError, ValueError) as error:
        raise UnfitError(f"lra.order: not an order that can be read ({type(error).__name__})") from None
    findings = list(_approval_findings(order, frozen, approvals, digest))
    if findings:
        raise UnfitError(*findings)
    return frozen


def _approval_findings(
    order: Order, frozen: FrozenOrder, approvals: Sequence[GivenApproval], digest: str
) -> Iterator[str]:
    good = [approval for approval in approvals if approval.digest == digest and approval.round == order.round]
    missing = set(order.required_roles()) - {approval.role for approval in good}
    if missing:
        yield f"lra.approval: missing in round {order.round}: {', '.join(sorted(missing))}"
    if frozen.four_eyes != order.four_eyes:
        yield "lra.approval: the four-eyes flag is not the approved one"
    applicants = {approval.person_id for approval in approvals if approval.role == "applicant"}
    deciders = [approval.person_id for approval in good if approval.role != "applicant"]
    if applicants & set(deciders):
        yield "lra.approval: somebody decided about their own application"
    if frozen.four_eyes and len(set(deciders)) < len(deciders):
        yield "lra.approval: examiner and approver are one person"


def _profile(frozen: FrozenOrder) -> CertificateProfile:
    try:
        return CertificateProfile.parse(frozen.profile)
    except (KeyError, TypeError, ValueError) as error:
        raise UnfitError(f"lra.profile: {error}") from None


def _authority(profile: CertificateProfile, around: Surroundings, at: datetime) -> CertificationAuthority:
    authority = around.authorities.get(profile.issuer)
    if authority is None:
        raise UnfitError(f"lra.issuer: there is no authority “{profile.issuer}”")
    if not authority.not_before <= at < authority.not_after:
        raise UnfitError(f"lra.issuer: “{profile.issuer}” is not valid now")
    return authority


def _spki(frozen: FrozenOrder, profile: CertificateProfile, key: SigningKey | None, from_holder: bytes | None) -> bytes:
    """Return the public key that will be certified; raises UnfitError for one that may not be."""
    if key is not None:
        return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    try:
        if frozen.key_mode == KEY_IN_BROWSER:
            facts = csr.read(from_holder or b"", key_types=profile.browser_key_types)
        else:
            facts = csr.read(frozen.csr or b"", key_types=profile.key_types)
    except RuleViolated as error:
        raise UnfitError(*(f"lra.request: {violation.code}" for violation in error.violations)) from None
    return facts.spki


def _without_blocked_keys(claims: Sequence[Claim], unfit: list[tuple[Order, list[str]]]) -> list[Claim]:
    """Return the claims whose keys are not blocked, and put the others among the unfit: one query for all."""
    digests = {claim.intent.pk: hashlib.sha256(claim.plan.spki).hexdigest() for claim in claims}
    blocked = set(BlockedKey.objects.filter(pk__in=digests.values()).values_list("pk", flat=True))
    unfit.extend(
        (claim.order, ["lra.request: the key is blocked"]) for claim in claims if digests[claim.intent.pk] in blocked
    )
    return [claim for claim in claims if digests[claim.intent.pk] not in blocked]


def _intent(order: Order, authority: CertificationAuthority, plan: Plan, berth: Berth, at: datetime) -> Intent:
    return Intent(
        order_id=order.pk,
        round=order.round,
        authority_id=authority.pk,
        serial=f"{plan.serial:040x}",
        statement=statement(plan),
        status_since=at,
        signer=berth.signer,
        lock_key=berth.lock_key,
        lease_until=at + berth.lease,
    )


def statement(plan: Plan) -> dict[str, Any]:
    """Return what an intent keeps of a plan: with its authority, everything that decides the bytes."""
    profile = plan.profile
    return {
        "schema": 1,
        "serial": f"{plan.serial:040x}",
        "subject": [list(part) for part in plan.subject],
        "emails": list(plan.emails),
        "spki": base64.b64encode(plan.spki).decode(),
        "not_before": plan.not_before.isoformat(),
        "not_after": plan.not_after.isoformat(),
        "profile": {name: getattr(profile, name) for name in profile.__dataclass_fields__},
        "shard": plan.shard,
        "crl_url": plan.issuer.crl_url,
        "issuer_sha256": plan.issuer.certificate.fingerprint(SHA256()).hex(),
    }


def plan_of(intent: Intent) -> Plan:
    """Return the plan that an intent was stored for; builds the same bytes as then."""
    said = intent.statement
    shard = int(said.get("shard", 0))
    return Plan(
        serial=int(said["serial"], 16),
        issuer=authorities.issuer_of(intent.authority, shard=shard, sha256=said.get("issuer_sha256", "")),
        subject=tuple(names.Part(*part) for part in said["subject"]),
        emails=tuple(said["emails"]),
        spki=base64.b64decode(said["spki"]),
        profile=CertificateProfile.parse(said["profile"]),
        not_before=datetime.fromisoformat(said["not_before"]),
        not_after=datetime.fromisoformat(said["not_after"]),
        shard=shard,
    )


def _store(claims: Sequence[Claim], at: datetime) -> None:
    if not claims:
        return
    copy_all([claim.intent for claim in claims])
    Order.objects.filter(pk__in=one_array(claim.order.pk for claim in claims), status="queued").update(
        status="signing", status_since=at, attempts=F("attempts") + 1
    )
    record_many(actor=SIGNER, at=at, entries=[entry_of(claim) for claim in claims])


def entry_of(claim: Claim) -> Entry:
    """Return the evidence of a claim."""
    said = {"serial": claim.intent.serial, "intent": str(claim.intent.pk), "signer": claim.intent.signer}
    return Entry(Act.ORDER_CLAIM, claim.order, details=said, moved=("queued", "signing"))
