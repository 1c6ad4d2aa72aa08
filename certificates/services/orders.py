"""Orders: proposed when an application is submitted, queued when everybody needed has approved.

An approval binds to the digest of what was seen. An edit raises the round, which voids all approvals
given before. The signer reads all of it again and trusts nothing that is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.notices import notify
from accounts.nudges import nudge
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotAllowed, RuleViolated, Stale, Violation
from audit.services import record, transition
from certificates import csr, emails, names
from certificates.models import Approval, BlockedKey, Certificate, CertificationAuthority, Order
from certificates.profiles import CertificateProfile
from certificates.rules import KEY_BY_LRA, KEY_IN_BROWSER, FrozenOrder, digest_of
from certificates.states import ORDER
from regulations.models import Subscription

APPLICANT: Final = "applicant"
DECIDING_ROLES: Final = frozenset({"examiner", "approver"})


@transaction.atomic
def propose(
    *,
    story: UUID,
    subscription: Subscription,
    frozen: Mapping[str, Any],
    people: Sequence[User],
    actor: Actor,
    at: datetime,
) -> Order:
    """Make the order of an application and the applicant's approval of it.

    `frozen` is `FrozenOrder.to_json()`; `people` are those on the applicant's side, none of whom may
    examine or approve. Raises RuleViolated when the certificate could not be made, or when another
    order of the subscription is open.
    """
    actor = authorise(actor=actor, act=Act.ORDER_PROPOSE)
    wanted = _checked(frozen)
    if Order.objects.filter(subscription=subscription, status__in=OPEN).exists():
        message = _("A certificate for this use is already being made.")
        raise RuleViolated([Violation(None, "order_open", message)])
    order = Order.objects.create(
        story=story,
        subscription=subscription,
        holder=subscription.holder,
        frozen=dict(frozen),
        digest=digest_of(frozen),
        four_eyes=wanted.four_eyes,
        replaces=_replaced(wanted, subscription),
        status_since=at,
        created_at=at,
    )
    _approve_as_applicants(order, {*(person.pk for person in people), actor.person_id}, at)
    record(act=Act.ORDER_PROPOSE, actor=actor, at=at, subject=order, details={"digest": order.digest})
    return order


@transaction.atomic
def revise(*, order: Order, frozen: Mapping[str, Any], actor: Actor, at: datetime) -> Order:
    """Put new contents into an order that is not approved yet; every approval so far is void.

    Raises Stale when the order was approved, cancelled or revised meanwhile, RuleViolated as `propose`.
    """
    actor = authorise(actor=actor, act=Act.ORDER_REVISE)
    wanted = _checked(frozen)
    seen = order.round
    people = set(order.approvals.filter(role=APPLICANT, round=seen).values_list("person_id", flat=True))
    changed = Order.objects.filter(pk=order.pk, status="proposed", round=seen).update(
        frozen=dict(frozen), digest=digest_of(frozen), four_eyes=wanted.four_eyes, round=seen + 1
    )
    if not changed:
        raise Stale(order=str(order.pk))
    order.refresh_from_db()
    _approve_as_applicants(order, {*people, actor.person_id}, at)
    details = {"digest": order.digest, "round": order.round}
    record(act=Act.ORDER_REVISE, actor=actor, at=at, subject=order, details=details)
    return order


@transaction.atomic
def void(*, order: Order, reason: str, actor: Actor, at: datetime) -> Order:
    """Begin a new round with the same contents: whoever examined has to look again (a case sent back).

    The applicant's yes is carried over, nobody else's. Raises Stale unless the order is still proposed.
    """
    actor = authorise(actor=actor, act=Act.ORDER_VOID)
    seen = order.round
    people: set[UUID | None] = set(
        order.approvals.filter(role=APPLICANT, round=seen).values_list("person_id", flat=True)
    )
    if not Order.objects.filter(pk=order.pk, status="proposed", round=seen).update(round=seen + 1):
        raise Stale(order=str(order.pk))
    order.refresh_from_db()
    _approve_as_applicants(order, people, at)
    record(act=Act.ORDER_VOID, actor=actor, at=at, subject=order, details={"reason": reason, "round": order.round})
    return order


@transaction.atomic
def approve(*, order: Order, role: str, digest: str, actor: Actor, at: datetime) -> Order:
    """Write one person's yes, in `role`, to what has `digest`; queue the order when nothing is missing.

    Raises Stale when the order no longer says what was seen or is no longer open, NotAllowed without
    the role, RuleViolated when the person is on the applicant's side or has decided already.
    """
    actor = authorise(actor=actor, act=Act.ORDER_APPROVE)
    if role not in DECIDING_ROLES or role not in actor.roles or actor.person_id is None:
        raise NotAllowed(role=role)
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.status != "proposed" or order.digest != digest:
        raise Stale(order=str(order.pk), status=order.status)
    _write_approval(order, role, actor.person_id, at)
    details = {"digest": digest, "round": order.round, "role": role}
    record(act=Act.ORDER_APPROVE, actor=actor.acting(role), at=at, subject=order, details=details)
    given = set(order.approvals.filter(round=order.round, digest=digest).values_list("role", flat=True))
    if given >= set(order.required_roles()):
        order = _hand_on(order, Act.ORDER_QUEUE, actor=actor.acting(role), at=at)
    return order


@transaction.atomic
def cancel(*, order: Order, reason: str, actor: Actor, at: datetime) -> Order:
    """Take an order out of the way before anything is signed; raises Stale once it is being signed."""
    actor = authorise(actor=actor, act=Act.ORDER_CANCEL)
    return transition(machine=ORDER, row=order, act=Act.ORDER_CANCEL, actor=actor, at=at, details={"reason": reason})


@transaction.atomic
def reopen(*, order: Order, frozen: Mapping[str, Any], actor: Actor, at: datetime) -> Order:
    """Take up an order again that was cancelled because its application lapsed; nobody but the applicant has agreed.

    Raises Stale when it is not cancelled, RuleViolated when it can't be made any more or another one is open.
    """
    actor = authorise(actor=actor, act=Act.ORDER_REOPEN)
    wanted = _checked(frozen)
    people = set(order.approvals.filter(role=APPLICANT, round=order.round).values_list("person_id", flat=True))
    columns = {
        "frozen": dict(frozen), "digest": digest_of(frozen), "four_eyes": wanted.four_eyes, "round": order.round + 1,
    }  # fmt: skip
    try:
        with transaction.atomic():
            order = transition(machine=ORDER, row=order, act=Act.ORDER_REOPEN, actor=actor, at=at, columns=columns)
    except IntegrityError:
        message = _("A certificate for this use is already being made.")
        raise RuleViolated([Violation(None, "order_open", message)]) from None
    _approve_as_applicants(order, {*people, actor.person_id}, at)
    return order


@transaction.atomic
def retry(*, order: Order, actor: Actor, at: datetime) -> Order:
    """Queue an order again whose signing had failed; raises Stale when it has not.

    A key of the holder's browser is gone by then, so the holder is asked for another one.
    """
    actor = authorise(actor=actor, act=Act.ORDER_RETRY)
    return _hand_on(order, Act.ORDER_RETRY, actor=actor, at=at, was={"failure": order.failure})


OPEN: Final = ("proposed", "awaiting_key", "queued", "signing", "failed")


def _hand_on(order: Order, act: Act, *, actor: Actor, at: datetime, was: Mapping[str, Any] | None = None) -> Order:
    """Queue an order by `act`; where the key is made in the holder's browser, ask the holder for it first."""
    columns: dict[str, Any] = {"failure": []}
    if not order.made_in_browser:
        order = transition(machine=ORDER, row=order, act=act, actor=actor, at=at, details=was, columns=columns)
        nudge("certificates.sign_batch")
        return order
    act = Act.ORDER_AWAIT_KEY
    order = transition(machine=ORDER, row=order, act=act, actor=actor, at=at, details=was, columns=columns)
    notify(
        kind=emails.MAKE_KEY,
        to=order.holder,
        context=emails.make_key(order),
        at=at,
        dedupe=emails.key_of_make_key(order),
        story=order.story,
    )
    return order


def _checked(frozen: Mapping[str, Any]) -> FrozenOrder:
    """Return the order in `frozen`; raises RuleViolated for what a signer would only find too late."""
    try:
        wanted = FrozenOrder.parse(frozen)
        profile = CertificateProfile.parse(wanted.profile)
    except (KeyError, TypeError, ValueError) as error:
        message = _("The rules of this target system can't be followed. Please tell the call center.")
        raise RuleViolated([Violation(None, "unusable_order", message)]) from error
    violations = [*names.check_parts(wanted.subject), *_key_violations(wanted, profile)]
    for email in wanted.emails:
        violations.extend(names.check_email(email, field="email"))
    if not CertificationAuthority.objects.filter(name=profile.issuer).exclude(issuer=None).exists():
        message = _("There is no authority for this certificate yet. Please tell the call center.")
        violations.append(Violation(None, "no_issuer", message))
    if violations:
        raise RuleViolated(violations)
    return wanted


def _key_violations(wanted: FrozenOrder, profile: CertificateProfile) -> Iterable[Violation]:
    if wanted.key_mode == KEY_BY_LRA:
        if not profile.lra_key_type:
            yield Violation(None, "no_key_type", _("The rules don't say which key is to be made."))
        return
    if wanted.key_mode == KEY_IN_BROWSER:
        if not profile.browser_key_types:
            yield Violation(None, "no_key_type", _("The rules don't say which key is to be made."))
        return
    facts = csr.read(wanted.csr or b"", key_types=profile.key_types)
    yield from key_violations(facts.spki_digest)


def key_violations(spki_digest: str) -> Iterable[Violation]:
    """Yield why the public key with this SHA-256 may not be certified: it is blocked (key compromise)."""
    if BlockedKey.objects.filter(pk=spki_digest).exists():
        message = _("This key was reported as lost or leaked. Please make a new key and a new request.")
        yield Violation(csr.FIELD, "blocked_key", message)


def _replaced(wanted: FrozenOrder, subscription: Subscription) -> Certificate | None:
    if wanted.replaces is None:
        return None
    certificate = Certificate.objects.filter(pk=wanted.replaces, subscription=subscription).first()
    if certificate is None:
        # O-12.2: reissue is for the same holder; another holder is a new application.
        message = _("Only a certificate of the same holder can be replaced.")
        raise RuleViolated([Violation(None, "foreign_certificate", message)])
    return certificate


def _approve_as_applicants(order: Order, people: set[UUID | None], at: datetime) -> None:
    for person_id in sorted(filter(None, people)):
        _insert(order, APPLICANT, person_id, at)


def _write_approval(order: Order, role: str, person_id: UUID, at: datetime) -> None:
    """Write a decision; the database itself refuses the same person twice and the applicant's side."""
    try:
        with transaction.atomic():
            _insert(order, role, person_id, at)
    except IntegrityError:
        message = _("Somebody else has to decide this: nobody decides twice or about their own application.")
        raise RuleViolated([Violation(None, "four_eyes", message)]) from None


def _insert(order: Order, role: str, person_id: UUID, at: datetime) -> None:
    Approval.objects.create(
        order=order,
        round=order.round,
        role=role,
        person_id=person_id,
        digest=order.digest,
        four_eyes=order.four_eyes,
        given_at=at,
    )
