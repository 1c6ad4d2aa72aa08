"""Step four of signing: one commit that stores what was signed, or nothing of it.

Compare-and-set on the intent: a signer that comes too late, after the sweep gave its orders to another
one, stores nothing. Its serials are burnt and stand on the CRL.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction
from django.db.models import F

from accounts.nudges import nudge
from audit.acts import Act
from audit.copying import copy_all, one_array
from audit.services import Entry, record_many, transition
from certificates import rules
from certificates.models import Certificate, CertificationAuthority, Intent, Order
from certificates.services import deliveries, slots
from certificates.states import ORDER
from certificates.worker import authorities, pkcs12
from certificates.worker.claims import SIGNER, Claim, fail_orders
from regulations.numbers import management_numbers
from vault.models import Purpose, SealedBlob
from vault.services import seal

_HEX_SERIAL: Final = "040x"


@dataclass(frozen=True)
class Signed:
    """A claim with the certificate that was signed for it and, in PKCS#12 mode, the closed file and its PIN."""

    claim: Claim
    certificate: x509.Certificate
    pkcs12: bytes | None = None
    pin: str = ""

    @property
    def serial(self) -> str:
        """The serial in hexadecimal, as it is stored."""
        return format(self.certificate.serial_number, _HEX_SERIAL)

    @cached_property
    def der(self) -> bytes:
        """The certificate's bytes."""
        return self.certificate.public_bytes(Encoding.DER)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the certificate's bytes, in hexadecimal."""
        return hashlib.sha256(self.der).hexdigest()


def packed(claim: Claim, certificate: x509.Certificate) -> Signed:
    """Return what is to be stored; closes the PKCS#12 file when the LRA made the key (J-5.2)."""
    if claim.key is None:
        return Signed(claim, certificate)
    pin = pkcs12.new_pin()
    file = pkcs12.pack(
        key=claim.key,
        certificate=certificate,
        chain=authorities.chain_of(claim.authority),
        label=rules.common_name(claim.plan.subject),
        pin=pin,
        lock=claim.plan.profile.pkcs12,
    )
    return Signed(claim, certificate, file, pin)


@transaction.atomic
def store(signed: Sequence[Signed], failed: Sequence[tuple[Claim, list[str]]], *, at: datetime) -> list[Certificate]:
    """Store the certificates whose intents are still open, and what failed; returns the certificates."""
    wanted = [item.claim.intent.pk for item in signed] + [claim.intent.pk for claim, _findings in failed]
    still_open = set(
        Intent.objects.select_for_update().filter(pk__in=one_array(wanted), status="open").values_list("pk", flat=True)
    )
    in_time = [item for item in signed if item.claim.intent.pk in still_open]
    rows = _rows(in_time, at)
    if rows:
        copy_all(rows)
        _close([item.claim for item in in_time], rows, at)
        deliveries.announce(certificates=rows, at=at)
    unsigned = [(claim, findings) for claim, findings in failed if claim.intent.pk in still_open]
    if unsigned:
        fail_orders([(claim.order, findings) for claim, findings in unsigned], source="signing", at=at)
        burn([claim.intent for claim, _findings in unsigned], reason="not released by linting", at=at)
    return rows


@transaction.atomic
def give_back(intents: Sequence[Intent], *, reason: str, at: datetime) -> None:
    """Burn open intents and put their orders back into the queue, each with a new serial at its next turn.

    A signature over such a serial may exist, whatever became of the signer or its key.
    """
    still_open = Intent.objects.select_for_update(of=("self",)).filter(
        pk__in=[intent.pk for intent in intents], status="open"
    )
    lost = list(still_open.select_related("order"))
    if not lost:
        return
    burn(lost, reason=reason, at=at)
    for intent in lost:
        if intent.order is not None and intent.order.status == "signing":
            details = {"serial": intent.serial}
            transition(machine=ORDER, row=intent.order, act=Act.ORDER_RELEASE, actor=SIGNER, at=at, details=details)


def burn(intents: Sequence[Intent], *, reason: str, at: datetime) -> None:
    """Abandon open intents: their serials are never used, and stand on the CRL. Inside a transaction."""
    Intent.objects.filter(pk__in=[intent.pk for intent in intents], status="open").update(
        status="abandoned", status_since=at
    )
    entries = [
        Entry(
            Act.INTENT_ABANDON,
            intent,
            story=intent.order.story if intent.order else None,
            details={"serial": intent.serial, "reason": reason},
            moved=("open", "abandoned"),
        )
        for intent in intents
    ]
    record_many(actor=SIGNER, at=at, entries=entries)
    issuers = {intent.authority_id for intent in intents}
    CertificationAuthority.objects.filter(pk__in=issuers).update(status_epoch=F("status_epoch") + 1)
    nudge("revocation.publish")


def _rows(signed: Sequence[Signed], at: datetime) -> list[Certificate]:
    if not signed:
        return []
    taken: dict[Any, set[str]] = defaultdict(set)
    subscriptions = [item.claim.order.subscription_id for item in signed]
    held = Certificate.objects.filter(subscription__in=one_array(subscriptions)).exclude(slot="past")
    for subscription, slot in held.values_list("subscription_id", "slot"):
        taken[subscription].add(slot)
    numbers = management_numbers(len(signed))
    return [row_of(item, number, taken, at) for item, number in zip(signed, numbers, strict=True)]


def row_of(item: Signed, number: str, taken: dict[Any, set[str]], at: datetime) -> Certificate:
    """Return the certificate as a row; a PKCS#12 file and its PIN are sealed on the way."""
    order, plan = item.claim.order, item.claim.plan
    slot = slots.free_slot(taken[order.subscription_id]) or "past"
    file, pin = _sealed(item)
    return Certificate(
        story=order.story,
        management_number=number,
        order=order,
        intent_id=item.claim.intent.pk,
        subscription_id=order.subscription_id,
        holder=order.holder,
        authority_id=item.claim.authority.pk,
        shard=plan.shard,
        serial=item.serial,
        der=item.der,
        sha256=item.sha256,
        public_key_sha256=hashlib.sha256(plan.spki).hexdigest(),
        subject_text=rules.subject_text(plan.subject),
        common_name=rules.common_name(plan.subject),
        not_before=plan.not_before,
        not_after=plan.not_after,
        issued_at=at,
        slot=slot,
        delivery_since=at,
        pkcs12=file,
        pin=pin,
    )


def _sealed(item: Signed) -> tuple[SealedBlob | None, SealedBlob | None]:
    """Seal file and PIN under two different keys (J-5.2)."""
    if item.pkcs12 is None:
        return None, None
    file = seal(purpose=Purpose.PKCS12, plaintext=item.pkcs12)
    return file, seal(purpose=Purpose.PIN, plaintext=item.pin.encode())


def _close(claims: Sequence[Claim], rows: Sequence[Certificate], at: datetime) -> None:
    """Move intents and orders on; one event says both, since they are one act."""
    intents, orders = [claim.intent.pk for claim in claims], [claim.order.pk for claim in claims]
    Intent.objects.filter(pk__in=one_array(intents), status="open").update(status="signed", status_since=at)
    Order.objects.filter(pk__in=one_array(orders), status="signing").update(
        status="issued", status_since=at, failure=[]
    )
    record_many(actor=SIGNER, at=at, entries=[entry_of(claim, row) for claim, row in zip(claims, rows, strict=True)])


def entry_of(claim: Claim, row: Certificate) -> Entry:
    """Return the evidence of an issued certificate."""
    facts = {
        "certificate": str(row.pk),
        "intent": str(claim.intent.pk),
        "management_number": row.management_number,
        "serial": row.serial,
        "sha256": row.sha256,
        "not_after": row.not_after.isoformat(),
    }
    return Entry(Act.CERTIFICATE_ISSUE, claim.order, row.story, facts, ("signing", "issued"))
