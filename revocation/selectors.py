"""Reads about requests and lists."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from certificates.models import Certificate, CertificationAuthority, Order, RootCrl, SignerHeartbeat
from regulations.models import Subscription
from revocation.grounds import half_time
from revocation.models import Crl, CrlEntry, RevocationRequest

PUBLISHER = "publisher"
SILENCE = timedelta(minutes=5)
# Answers kept by the responder are half a second old at most; a list waits twice as long before it is served.
WAIT = timedelta(seconds=1)
UNDECIDED = ("received", "verifying", "awaiting_approval")


def current_crl(authority: CertificationAuthority, shard: int = 0) -> Crl | None:
    """The list that is served: the newest whose time has come by the database's clock."""
    return served_lists().filter(authority=authority, shard=shard).order_by("-number").first()


def served_lists() -> QuerySet[Crl]:
    """The lists whose time has come; the newest of an authority and shard is served.

    No list waits longer than `WAIT`. One that seems to was served already, and then the clock was set back.
    """
    return Crl.objects.filter(Q(current_from__lte=Now()) | Q(current_from__gt=Now() + WAIT))


def bytes_of(crl: Crl) -> bytes:
    """The whole of a stored list."""
    return b"".join(bytes(body) for body in crl.chunks.order_by("position").values_list("body", flat=True))


def current_root_crl(authority: CertificationAuthority) -> RootCrl | None:
    """The root's newest list, as the ceremony command made it."""
    return RootCrl.objects.filter(authority=authority).order_by("-number").first()


def seen_by(entries: QuerySet[CrlEntry], snapshot: str) -> QuerySet[CrlEntry]:
    """Those entries whose writing transaction a stored snapshot sees; a clock has no part in it."""
    visible = RawSQL("pg_visible_in_snapshot(xid::text::xid8, %s::pg_snapshot)", [snapshot], BooleanField())
    return entries.alias(seen=visible).filter(seen=True)


def unseen_by(entries: QuerySet[CrlEntry], snapshot: str) -> QuerySet[CrlEntry]:
    """Those entries that were committed after a stored snapshot."""
    visible = RawSQL("pg_visible_in_snapshot(xid::text::xid8, %s::pg_snapshot)", [snapshot], BooleanField())
    return entries.alias(seen=visible).filter(seen=False)


def ended_entries(issuer: bytes, serials: Collection[int], before: datetime) -> set[int]:
    """Those of some serials whose certificates had ended before an instant; `issuer` is the DER of the CA's name."""
    named = {f"{serial:x}": serial for serial in serials}
    rows = CrlEntry.objects.filter(authority__subject_der=issuer, serial__in=named, ends_at__lt=before)
    return {named[serial] for serial in rows.values_list("serial", flat=True)}


def is_published(certificate: Certificate) -> bool:
    """Whether the newest list, served within the second, had to contain this certificate's entry as it stands."""
    lists = Crl.objects.filter(authority=certificate.authority_id, shard=certificate.shard)
    crl = lists.order_by("-number").first()
    return crl is not None and seen_by(CrlEntry.objects.filter(certificate=certificate), crl.snapshot).exists()


@dataclass(frozen=True)
class Publication:
    """How the lists of one authority stand at an instant: one row of the status page."""

    authority: CertificationAuthority
    shard: int
    number: int | None
    this_update: datetime | None
    next_update: datetime | None
    size: int
    entries: int | None
    at: datetime

    @property
    def alarm(self) -> bool:
        """Half of the list's time is gone and no newer one has come: the publisher is not well."""
        if self.this_update is None or self.next_update is None:
            return True
        return half_time(self.this_update, self.next_update) <= self.at

    @property
    def late(self) -> bool:
        """There is no list, or the time by which the next one was promised has passed."""
        return self.next_update is None or self.next_update <= self.at

    @cached_property
    def path(self) -> str:
        """Where it is served from, below the host of the status addresses."""
        suffix = f"-{self.shard}" if self.shard else ""
        return f"/crl/{self.authority.name}{suffix}.crl"


def publications(at: datetime) -> list[Publication]:
    """How every list of every authority stands, roots last."""
    authorities = CertificationAuthority.objects.order_by("issuer__name", "name")
    issuing = [authority for authority in authorities if authority.issuer_id]
    roots = [authority for authority in authorities if not authority.issuer_id]
    rows = [_of_issuing(authority, shard, at) for authority in issuing for shard in range(authority.shards)]
    return rows + [_of_root(authority, at) for authority in roots]


@dataclass(frozen=True)
class Publisher:
    """How the process that brings lists out says that it is."""

    seen_at: datetime | None
    refuses: str
    at: datetime

    @property
    def silent(self) -> bool:
        """Whether it has not been heard of for so long that somebody should look."""
        return self.seen_at is None or self.at - self.seen_at > SILENCE


def publisher(at: datetime) -> Publisher:
    """The heartbeat of the publisher, as it stands at `at`."""
    row = SignerHeartbeat.objects.filter(name=PUBLISHER).first()
    return Publisher(row.seen_at if row else None, row.refuses if row else "", at)


@dataclass(frozen=True)
class Answering:
    """How the responder answered about one authority when it was asked last; None as long as nobody has asked."""

    authority: CertificationAuthority
    asked_at: datetime | None
    finding: str
    at: datetime

    @property
    def state(self) -> str:
        """Well when it answered as it must and that is not long ago; unknown as long as nobody has asked."""
        if self.asked_at is None:
            return "unknown"
        return "unwell" if self.finding or self.at - self.asked_at > SILENCE else "well"


def answering(at: datetime) -> list[Answering]:
    """How the responder stands for every authority whose certificates name it."""
    named = CertificationAuthority.objects.filter(issuer__isnull=False).exclude(ocsp_url="").order_by("name")
    rows = []
    for authority in named.select_related("responder_probe"):
        probe = getattr(authority, "responder_probe", None)
        rows.append(Answering(authority, probe.asked_at if probe else None, probe.finding if probe else "", at))
    return rows


def queue() -> list[RevocationRequest]:
    """What awaits a check or a decision: urgent first, then by due time."""
    open_cases = RevocationRequest.objects.filter(status__in=UNDECIDED, joined_to=None)
    return list(open_cases.select_related("certificate__holder", "requester").order_by("-urgent", "due_at", "pk")[:200])


def awaiting_countersignature() -> QuerySet[RevocationRequest]:
    """What one person, or a proof of the key, had revoked and no other approver has looked at yet."""
    rows = RevocationRequest.objects.filter(countersign_due_at__isnull=False, countersigned_by=None)
    return rows.select_related("certificate", "decided_by").order_by("countersign_due_at", "pk")


def late_countersignatures(at: datetime) -> QuerySet[RevocationRequest]:
    """What should have been countersigned by `at`: the queue, the alarm and `check_invariants` all say these."""
    return awaiting_countersignature().filter(countersign_due_at__lte=at)


def objections(limit: int = 30) -> list[RevocationRequest]:
    """Revocations to which the second approver objected, newest first."""
    rows = RevocationRequest.objects.filter(objected=True).select_related("certificate", "countersigned_by")
    return list(rows.order_by("-countersigned_at")[:limit])


def suspended(limit: int = 50) -> list[Certificate]:
    """The current certificates of suspended services, the latest first, and whether an order is held (O-11.1)."""
    rows = Certificate.objects.filter(slot="current", subscription__status="suspended").select_related("subscription")
    rows = rows.annotate(order_held=Exists(held_orders(OuterRef("subscription"))))
    return list(rows.order_by("-subscription__suspended_at")[:limit])


def held_orders(subscription: Subscription | OuterRef) -> QuerySet[Order]:
    """What is approved for a subscription and not signed yet; while it is suspended, it waits."""
    return Order.objects.filter(subscription=subscription, status__in=["awaiting_key", "queued"])


def decided(limit: int = 30) -> list[RevocationRequest]:
    """The requests decided last, newest first."""
    cases = RevocationRequest.objects.exclude(status__in=UNDECIDED).select_related("certificate", "decided_by")
    return list(cases.order_by("-status_since")[:limit])


def alarmed(case: RevocationRequest, at: datetime) -> bool:
    """Whether half of an undecided request's time is gone."""
    return case.status in UNDECIDED and half_time(case.received_at, case.due_at) <= at


def past_half_time(at: datetime) -> list[RevocationRequest]:
    """The undecided requests whose time is half gone."""
    waiting = RevocationRequest.objects.filter(status__in=UNDECIDED, joined_to=None)
    return [case for case in waiting if alarmed(case, at)]


def _of_issuing(authority: CertificationAuthority, shard: int, at: datetime) -> Publication:
    crl = current_crl(authority, shard)
    if crl is None:
        return Publication(authority, shard, None, None, None, 0, None, at)
    number = int(crl.number)
    return Publication(authority, shard, number, crl.this_update, crl.next_update, crl.size, crl.entry_count, at)


def _of_root(authority: CertificationAuthority, at: datetime) -> Publication:
    crl = current_root_crl(authority)
    if crl is None:
        return Publication(authority, 0, None, None, None, 0, None, at)
    return Publication(authority, 0, int(crl.number), crl.this_update, crl.next_update, len(crl.der), None, at)


def overlap_end(authority: CertificationAuthority, this_update: datetime) -> datetime:
    """Until when a list issued at `this_update` holds: its period, and an overlap for lists that come late."""
    return this_update + timedelta(hours=authority.crl_period_hours + authority.crl_overlap_hours)


def republish_at(authority: CertificationAuthority, this_update: datetime) -> datetime:
    """When the next list is due although nothing was revoked: well before the end of this one."""
    return this_update + timedelta(hours=min(authority.crl_interval_hours, authority.crl_period_hours))
