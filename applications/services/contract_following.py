"""What follows from contracts for their subscribers: told when a period moves, acted on when it has ended.

A sweep compares the periods as they stand with what people hold. Nothing is scheduled elsewhere, so an end
that is corrected in time has no effect but a second notice (O-18.1, O-18.2, O-18.3).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.notices import notify
from accounts.services import authorise
from applications.emails import link_to
from applications.selectors.contract_effects import certificates_under
from audit.actors import Actor
from audit.acts import Act
from audit.services import record, transition
from certificates.models import Certificate, Order
from certificates.services import orders
from regulations.models import Contract, ContractChange, ContractMember, Subscription
from regulations.periods import fate
from regulations.states import SUBSCRIPTION
from revocation.services.revoking import revoke
from revocation.services.telling import tell_revoked

BATCH = 200
GROUND = "lra:service_ended"
TOLD = {"revoke": "contract_ends_early", "keep": "contract_goes_on", "renew": "contract_extended"}
ONE_SECOND = timedelta(seconds=1)


def follow_changes(*, actor: Actor, at: datetime) -> int:
    """Tell subscribers and administrators of periods that moved; returns how many contracts were settled."""
    actor = authorise(actor=actor, act=Act.CONTRACT_FOLLOW)
    unsettled = ContractChange.objects.filter(settled_at=None).order_by("made_at")
    contracts = list(dict.fromkeys(unsettled.values_list("contract_id", flat=True)[:BATCH]))
    return sum(settle(contract_id=key, actor=actor, at=at) for key in contracts)


@transaction.atomic
def settle(*, contract_id: UUID, actor: Actor, at: datetime) -> bool:
    """Tell what all unsettled changes of one contract come to; an error corrected meanwhile is told to nobody."""
    changes = ContractChange.objects.filter(contract_id=contract_id, settled_at=None).order_by("made_at", "pk")
    rows = list(changes.select_for_update(of=("self",), skip_locked=True))
    if not rows:
        return False
    contract = Contract.objects.get(pk=rows[0].contract_id)
    before, after, last = rows[0].ends_before, contract.ends_at, rows[-1]
    told = 0
    if before != after:
        told = tell_subscribers(contract, last, before, at)
        tell_administrators(contract, last, at)
    ContractChange.objects.filter(pk__in=[row.pk for row in rows]).update(settled_at=at)
    details = {"number": contract.number, "changes": len(rows), "certificates_told": told}
    record(act=Act.CONTRACT_FOLLOW, actor=actor, at=at, subject=contract, details=details)
    return True


def tell_subscribers(contract: Contract, change: ContractChange, before: datetime | None, at: datetime) -> int:
    """Tell every holder what the moved end does to their certificate; returns how many certificates it touches."""
    told = 0
    if contract.ends_at is not None and contract.ends_at <= at:
        return told  # they hear that it has ended
    for certificate in certificates_under(contract, at).iterator():
        destiny = fate(not_after=certificate.not_after, before=before, after=contract.ends_at)
        if destiny == "stay" or (destiny == "renew" and certificate.slot == "past"):
            continue  # nothing happens to it, or it was renewed already
        notify(
            kind=f"applications/{TOLD[destiny]}",
            to=certificate.holder,
            context={**words_of(contract), "management_number": certificate.management_number,
                     "not_after": certificate.not_after.isoformat(),
                     "renewal": link_to("applications:renewal", certificate.pk)},
            at=at,
            dedupe=f"contract:{change.pk}:{certificate.pk}",
            story=certificate.story,
        )  # fmt: skip
        told += 1
    return told


def tell_administrators(contract: Contract, change: ContractChange, at: datetime) -> None:
    """Tell the contract's administrators its new period."""
    for member in ContractMember.objects.filter(contract=contract, is_administrator=True).select_related("person"):
        notify(
            kind="applications/contract_moved",
            to=member.person,
            email=member.email,
            context=words_of(contract),
            at=at,
            dedupe=f"contract:{change.pk}:{member.pk}",
        )


def words_of(contract: Contract) -> dict[str, object]:
    """What notices say about a contract."""
    ends = (contract.ends_at - ONE_SECOND).isoformat() if contract.ends_at else ""
    return {"number": contract.number, "service": contract.parent_service.name, "ends": ends, "link": settings.SITE_URL}


def end_services(*, actor: Actor, at: datetime) -> int:
    """End what stands under contracts that have ended: subscriptions move on or end, certificates are revoked.

    Returns how many things were done. Each is a transaction of its own, and another worker skips it.
    """
    actor = authorise(actor=actor, act=Act.CONTRACT_FOLLOW)
    over = Q(contract__ends_at__lte=at)
    subscriptions = Subscription.objects.filter(over).exclude(status="ended").order_by("pk")
    done = sum(go_on_or_end(subscription_id=key, actor=actor, at=at) for key in keys(subscriptions))
    outlasting = Certificate.objects.valid(at).filter(subscription__contract__ends_at__lte=at).order_by("pk")
    return done + sum(end_certificate(certificate_id=key, actor=actor, at=at) for key in keys(outlasting))


def keys(rows: QuerySet[Subscription] | QuerySet[Certificate]) -> list[UUID]:
    """The keys of the first rows."""
    return list(rows.values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def go_on_or_end(*, subscription_id: UUID, actor: Actor, at: datetime) -> bool:
    """Move a subscription to another contract in force of the same corporation, else end it (O-18.3)."""
    rows = Subscription.objects.select_for_update(of=("self",), skip_locked=True)
    subscription = rows.filter(pk=subscription_id, contract__ends_at__lte=at).exclude(status="ended").first()
    if subscription is None or subscription.contract is None:
        return False
    contract = subscription.contract
    following = next_contract(subscription, contract, at)
    if following is not None:
        Subscription.objects.filter(pk=subscription.pk).update(contract=following)
        details = {"from": contract.number, "to": following.number}
        record(act=Act.SUBSCRIPTION_MOVE, actor=actor, at=at, subject=subscription, details=details)
        return True
    for order in Order.objects.filter(subscription=subscription, status__in=["awaiting_key", "queued", "failed"]):
        orders.cancel(order=order, reason="the contract has ended", actor=actor, at=at)
    for certificate in Certificate.objects.valid(at).filter(subscription=subscription):
        end_certificate(certificate_id=certificate.pk, actor=actor, at=at)
    transition(
        machine=SUBSCRIPTION,
        row=subscription,
        act=Act.SUBSCRIPTION_END,
        actor=actor,
        at=at,
        details={"contract": contract.number},
        columns={"ended_at": at},
    )
    notify(
        kind="applications/service_ended",
        to=subscription.holder,
        context={**words_of(contract), "target_system": target_name(subscription)},
        at=at,
        dedupe=f"service-ended:{subscription.pk}",
    )
    return True


def target_name(subscription: Subscription) -> dict[str, str]:
    """What the target system is called, in both languages."""
    name = subscription.target_system.version_in_force().rules["name"]
    return {"ja": name["ja"], "en": name["en"]}


def next_contract(subscription: Subscription, contract: Contract, at: datetime) -> Contract | None:
    """Another contract in force under which the subscriber goes on: the same number's, or one that names them."""
    if contract.corporation_id is None:
        return None
    candidates = Contract.objects.in_force(at).filter(
        parent_service=contract.parent_service_id, corporation=contract.corporation_id
    )
    holder = subscription.holder
    named = Q(members__person=holder) | Q(members__person=None, members__email=holder.email)
    found = candidates.filter(Q(number=contract.number) | named).exclude(pk=contract.pk).distinct()
    return max(found, key=lambda row: (row.ends_at is None, row.ends_at or at), default=None)


@transaction.atomic
def end_certificate(*, certificate_id: UUID, actor: Actor, at: datetime) -> bool:
    """Revoke a certificate that outlasts its contract, and tell its holder to stop using it (O-16.2.6)."""
    rows = Certificate.objects.select_for_update(of=("self",), skip_locked=True)
    certificate = rows.filter(pk=certificate_id, revoked_at=None, subscription__contract__ends_at__lte=at).first()
    if certificate is None or not revoke(certificate=certificate, ground=GROUND, actor=actor, at=at):
        return False
    tell_revoked(certificate=certificate, at=at)
    return True
