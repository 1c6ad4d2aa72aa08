"""Pick-up with a key that the holder's browser makes: the key never leaves it but inside the file it builds.

What is printed was approved before; the holder alone adds the key. The page waits for the signer and then builds the
PKCS#12 file itself, so nobody else can hand the file out again: what is lost is reissued (O-14.2, O-14.3).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.nudges import nudge
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Stale, Violation
from audit.services import record, transition
from certificates import csr
from certificates.csr import RequestFacts
from certificates.models import Certificate, HolderKey, Order
from certificates.profiles import CertificateProfile
from certificates.rules import KEY_IN_BROWSER
from certificates.services import deliveries, orders
from certificates.states import ORDER
from regulations.services.suspensions import ensure_running


def own(person: User, order_id: UUID) -> Order:
    """Return a person's own order whose key is made in the browser, once approved; raises NotFound for any other."""
    rows = Order.objects.filter(pk=order_id, holder=person, frozen__key_mode=KEY_IN_BROWSER)
    order = rows.exclude(status__in=["proposed", "cancelled"]).first()
    if order is None:
        raise NotFound
    return order


def turn_of(order: Order) -> int:
    """Return the number that the order's next key has; a page of an earlier turn is stale."""
    return order.holder_keys.count() + 1


@transaction.atomic
def give_key(*, order: Order, request: bytes, turn: int, actor: Actor, at: datetime) -> Order:
    """Take the request of the holder's browser and queue the order for the signer.

    Of the request only its key is used. The same request posted twice changes nothing. Raises NotFound for anybody
    but the holder, RuleViolated for a key that may not be certified, Stale when another window was faster, Suspended
    while nothing is signed.
    """
    actor = authorise(actor=actor, act=Act.ORDER_GIVE_KEY)
    order = _locked(order, actor)
    profile = CertificateProfile.parse(order.frozen["profile"])
    facts = csr.read(request, key_types=profile.browser_key_types)
    last = order.holder_keys.order_by("turn").last()
    if last is not None and last.public_key_sha256 == facts.spki_digest and order.status != "awaiting_key":
        return order
    if order.status != "awaiting_key" or turn != turn_of(order):
        raise Stale(order=str(order.pk), status=order.status)
    ensure_running(at=at)
    _refuse_suspended(order)
    _refuse_known_key(facts)
    _keep(order, turn, facts, at)
    details = {"turn": turn, "key_type": facts.key_type, "public_key_sha256": facts.spki_digest}
    order = transition(machine=ORDER, row=order, act=Act.ORDER_GIVE_KEY, actor=actor, at=at, details=details)
    nudge("certificates.sign_batch")
    return order


@transaction.atomic
def take_back_key(*, order: Order, actor: Actor, at: datetime) -> Order:
    """Let the holder make another key, because the window that held the last one is gone.

    Raises NotFound for anybody else, Stale once the signer has taken the order.
    """
    actor = authorise(actor=actor, act=Act.ORDER_TAKE_BACK_KEY)
    return transition(machine=ORDER, row=_locked(order, actor), act=Act.ORDER_TAKE_BACK_KEY, actor=actor, at=at)


@transaction.atomic
def confirm_saved(*, certificate: Certificate, actor: Actor, at: datetime) -> Certificate:
    """Note that the holder has saved the file that their browser built; the contents are checked next (O-16.2.2).

    Saying it twice changes nothing. Raises NotFound for anybody else's certificate and for one whose key was made
    elsewhere, RuleViolated for one that is revoked or over.
    """
    actor = authorise(actor=actor, act=Act.CERTIFICATE_DOWNLOAD)
    rows = Certificate.objects.select_for_update(of=("self",)).filter(pk=certificate.pk, holder_id=actor.person_id)
    held = rows.select_related("order").first()
    if held is None or not held.order.made_in_browser:
        raise NotFound
    deliveries.refuse_dead(held, at)
    if held.delivery == "undelivered":
        Certificate.objects.filter(pk=held.pk).update(delivery="downloaded", delivery_since=at)
        held.refresh_from_db()
        record(act=Act.CERTIFICATE_DOWNLOAD, actor=actor, at=at, subject=held, details={"file": "built and saved"})
    return held


def _locked(order: Order, actor: Actor) -> Order:
    rows = Order.objects.select_for_update().filter(pk=order.pk, holder_id=actor.person_id)
    found = rows.filter(frozen__key_mode=KEY_IN_BROWSER).first()
    if found is None:
        raise NotFound
    return found


def _keep(order: Order, turn: int, facts: RequestFacts, at: datetime) -> None:
    """Store the key; the database alone can tell that the same one comes for another order at this very moment."""
    try:
        with transaction.atomic():
            HolderKey.objects.create(
                order=order,
                turn=turn,
                person_id=order.holder_id,
                csr=facts.der,
                public_key_sha256=facts.spki_digest,
                given_at=at,
            )
    except IntegrityError:
        raise RuleViolated([_key_used()]) from None


def _key_used() -> Violation:
    message = _("This key was used before. Please load the page again and make a new key.")
    return Violation(csr.FIELD, "key_used", message)


def _refuse_suspended(order: Order) -> None:
    """Refuse while the service is suspended for this subscriber (O-11.1)."""
    if order.subscription.status == "suspended":
        message = _("The service is suspended for you, so nothing is handed out until it is resumed.")
        raise RuleViolated([Violation(None, "suspended", message)])


def _refuse_known_key(facts: RequestFacts) -> None:
    """Refuse a key that was reported as lost, or was certified or handed in before: a new one is made each time."""
    violations = list(orders.key_violations(facts.spki_digest))
    known = Certificate.objects.filter(public_key_sha256=facts.spki_digest).exists()
    if known or HolderKey.objects.filter(public_key_sha256=facts.spki_digest).exists():
        violations.append(_key_used())
    if violations:
        raise RuleViolated(violations)
