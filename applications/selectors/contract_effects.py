"""What a moved end of a contract does to its subscribers: seen before it is done, from the same rule that acts.

A certificate that outlasts the new end is revoked at that instant (O-18.1); one that ended with the old
contract is to be renewed (O-18.2); one that the old end would have revoked is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from certificates.models import Certificate
from regulations.models import Contract, ContractChange, ContractFile, Subscription
from regulations.periods import FATES, fate

SHOWN = 50
SLACK = timedelta(minutes=1)


@dataclass(frozen=True)
class EffectRow:
    """What happens to one certificate, and when; `at_instant` None: nothing more than it ends by itself."""

    certificate: Certificate
    fate: str
    at_instant: datetime


@dataclass(frozen=True)
class Effects:
    """Counts by fate over all certificates, the first of them one by one, and how many hold none yet."""

    counts: dict[str, int]
    rows: list[EffectRow]
    subscriptions: int

    @property
    def revoked(self) -> int:
        """How many certificates are revoked at the new end."""
        return self.counts["revoke"]

    def to_json(self) -> dict[str, int]:
        """Return the counts for the API."""
        words = {"revoke": "to_be_revoked", "keep": "kept", "renew": "to_be_renewed", "stay": "unchanged"}
        return {"subscriptions": self.subscriptions} | {words[name]: self.counts[name] for name in FATES}


def certificates_under(contract: Contract, at: datetime) -> QuerySet[Certificate]:
    """The certificates of a contract's subscribers that are valid at `at`, in order of their end."""
    certificates = Certificate.objects.valid(at).filter(subscription__contract=contract)
    return certificates.select_related("holder", "subscription__target_system").order_by("not_after", "pk")


def effects_of(*, contract: Contract, before: datetime | None, after: datetime | None, at: datetime) -> Effects:
    """What follows when the end of `contract` moves from `before` to `after`, as things stand at `at`."""
    counts = dict.fromkeys(FATES, 0)
    certificates = certificates_under(contract, at)
    for not_after in certificates.values_list("not_after", flat=True).iterator():
        counts[fate(not_after=not_after, before=before, after=after)] += 1
    rows = list(rows_of(certificates, before=before, after=after))
    return Effects(counts, rows, subscriptions_of(contract).count())


def rows_of(
    certificates: QuerySet[Certificate], *, before: datetime | None, after: datetime | None
) -> Iterator[EffectRow]:
    """The first certificates that something happens to, those to be revoked first."""
    touched = [*certificates.filter(not_after__gte=after)] if after is not None else []
    if before is not None:
        rest = certificates.filter(not_after__gte=before - SLACK)
        touched += [row for row in rest[:SHOWN] if after is None or row.not_after < after]
    for certificate in touched[:SHOWN]:
        destiny = fate(not_after=certificate.not_after, before=before, after=after)
        revoked_at = after if destiny == "revoke" and after is not None else certificate.not_after
        if destiny != "stay":
            yield EffectRow(certificate, destiny, revoked_at)


def subscriptions_of(contract: Contract) -> QuerySet[Subscription]:
    """The subscriptions under a contract that have not ended."""
    return Subscription.objects.filter(contract=contract).exclude(status="ended")


FILE_EFFECTS = """
    SELECT count(*) FILTER (WHERE l.ends_at IS NOT NULL AND x.not_after >= l.ends_at),
           count(*) FILTER (WHERE x.not_after >= c.ends_at AND (l.ends_at IS NULL OR x.not_after < l.ends_at)),
           count(*) FILTER (WHERE x.not_after < c.ends_at AND x.not_after >= c.ends_at - interval '1 minute'
                              AND (l.ends_at IS NULL OR l.ends_at > c.ends_at))
    FROM regulations_contractline l
    JOIN regulations_contract c ON c.parent_service_id = %(service)s AND c.number = l.number
         AND c.begins_at = l.begins_at AND c.ends_at IS DISTINCT FROM l.ends_at
    JOIN regulations_subscription s ON s.contract_id = c.id
    JOIN certificates_certificate x ON x.subscription_id = s.id AND x.not_after >= %(at)s AND x.revoked_at IS NULL
    WHERE l.file_id = %(file)s"""


def effects_of_file(*, file: ContractFile, at: datetime) -> dict[str, int]:
    """How many certificates loading a checked file would have revoked, kept and renewed."""
    facts: dict[str, Any] = {"file": file.pk, "service": file.parent_service_id, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(FILE_EFFECTS, facts)
        revoke, keep, renew = cursor.fetchone()
    return {"revoke": revoke, "keep": keep, "renew": renew}


def renewal_opened(certificate: Certificate) -> bool:
    """Whether the contract was extended beyond this certificate's end, so that its holder may apply anew (O-18.2)."""
    contract = certificate.subscription.contract
    if contract is None or (contract.ends_at is not None and contract.ends_at <= certificate.not_after + SLACK):
        return False
    extensions = ContractChange.objects.filter(contract=contract, kind="extended", made_at__gte=certificate.issued_at)
    return extensions.filter(ends_before__lte=certificate.not_after + SLACK).exists()
