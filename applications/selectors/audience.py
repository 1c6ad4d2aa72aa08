"""Whom a document's new version touches: those told in advance, and those who have to agree anew (O-3.3, O-4.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts.models import Notice, User
from accounts.paging import SIZE, page_by_key
from accounts.states import UNSENT
from applications.advance import AdvanceNotice, AdvanceRecipient
from regulations.models import Consent, Contract, DocumentVersion, Subscription, TargetSystem

SUBSCRIBED = ("in_use", "suspended")


@dataclass(frozen=True)
class Circle:
    """Whom a mailing is for: everybody who subscribes, or those of one target system or one contract."""

    target_system: TargetSystem | None = None
    contract: Contract | None = None

    def people(self) -> QuerySet[User]:
        """Return each person of the circle once, however many subscriptions they hold."""
        subscriptions = Subscription.objects.exclude(status="ended")
        if self.target_system is not None:
            subscriptions = subscriptions.filter(target_system=self.target_system)
        if self.contract is not None:
            subscriptions = subscriptions.filter(contract=self.contract)
        return User.objects.filter(pk__in=subscriptions.values("holder"), is_active=True).order_by("pk")


@dataclass(frozen=True)
class Progress:
    """How far a mailing is: everybody, written into the outbox, handed over, given up."""

    total: int
    written: int
    handed_over: int
    failed: int

    @property
    def waiting(self) -> int:
        """How many mails are still to be handed over."""
        return self.total - self.handed_over - self.failed


def progress_of(advance: AdvanceNotice) -> Progress:
    """Return how far `advance` is, by the mails themselves."""
    counts = advance.recipients.aggregate(
        total=Count("pk"),
        written=Count("notice"),
        handed_over=Count("pk", filter=Q(notice__status="handed_over")),
        failed=Count("pk", filter=Q(notice__status__in=UNSENT)),
    )
    return Progress(**counts)


def recipients_of(advance: AdvanceNotice) -> QuerySet[AdvanceRecipient]:
    """Return everybody who is told, with their mails."""
    return advance.recipients.select_related("person", "notice")


@dataclass(frozen=True)
class Renewal:
    """A document to which subscribers have to agree anew: what they read now, since when, until when."""

    asking: DocumentVersion
    current: DocumentVersion
    since: datetime
    until: datetime

    def systems(self) -> list[TargetSystem]:
        """Return the target systems whose rules name the document."""
        known = TargetSystem.objects.in_force()
        return [row for row in known if self.current.document.slug in row.version_in_force().ruleset.consents]

    def people(self) -> QuerySet[User]:
        """Return every subscriber whose rules name the document."""
        holders = Subscription.objects.filter(status__in=SUBSCRIBED, target_system__in=self.systems()).values("holder")
        return User.objects.filter(pk__in=holders, is_active=True).order_by("pk")

    def missing(self) -> QuerySet[User]:
        """Return those of them who have agreed to no version since."""
        versions = self.current.document.versions.filter(posted_at__gte=self.since)
        agreed = Consent.objects.filter(person=OuterRef("pk"), document_version__in=versions)
        return self.people().filter(~Exists(agreed))


def renewals(at: datetime) -> list[Renewal]:
    """Return every document to which subscribers are asked to agree anew at `at`, in the order of precedence."""
    posted = DocumentVersion.objects.posted(at).filter(consent_within_days__isnull=False)
    asking = posted.order_by("document_id", "-posted_at").distinct("document_id").select_related("document")
    found = [renewal_of(version, at) for version in asking]
    return sorted(found, key=lambda row: (row.current.document.precedence, row.current.document.slug))


def renewal_of(asking: DocumentVersion, at: datetime) -> Renewal:
    """Return what the version `asking` asks for at `at`: the text in force is read, also when a later one asks not."""
    if asking.posted_at is None or asking.consent_within_days is None:
        raise ValueError("only a posted version that asks has a renewal")
    until = asking.posted_at + timedelta(days=asking.consent_within_days)
    return Renewal(asking, asking.document.version_in_force(at), asking.posted_at, until)


def renewals_due(person: User, at: datetime) -> list[Renewal]:
    """Return the documents to which `person` still has to agree."""
    return [renewal for renewal in renewals(at) if renewal.missing().filter(pk=person.pk).exists()]


def mail_key(renewal: Renewal, step: str, person: User) -> str:
    """Return what makes one mail of a step to one person, however often it is written."""
    return f"consent:{renewal.asking.pk}:{step}:{person.pk}"


def mails(renewal: Renewal, step: str) -> QuerySet[Notice]:
    """Return, within a query over people, the mail of a step (asked, reminder) that was written to them."""
    person = Cast(OuterRef("pk"), CharField())
    return Notice.objects.filter(dedupe=Concat(Value(f"consent:{renewal.asking.pk}:{step}:"), person))


@dataclass(frozen=True)
class Unagreed:
    """Somebody who has not agreed anew: what they subscribe to, when they were asked and reminded."""

    person: User
    holdings: list[str]
    asked_at: datetime | None
    reminded_at: datetime | None


def unagreed(renewal: Renewal, *, after: str = "", size: int = SIZE) -> tuple[list[Unagreed], str]:
    """Return a page of those who have not agreed, and the key of the next page."""
    page = page_by_key(renewal.missing(), after=after, size=size)
    systems = {system.pk: str(system.version_in_force().ruleset.name) for system in renewal.systems()}
    held = Subscription.objects.filter(status__in=SUBSCRIBED, target_system__in=systems, holder__in=page.rows)
    holdings: dict[UUID, list[str]] = defaultdict(list)
    for subscription in held.select_related("contract").order_by("pk"):
        holdings[subscription.holder_id].append(holding_of(subscription, systems))
    keys = [mail_key(renewal, step, person) for person in page.rows for step in ("asked", "reminder")]
    written = dict(Notice.objects.filter(dedupe__in=keys).values_list("dedupe", "created_at"))

    def when(step: str, person: User) -> datetime | None:
        return written.get(mail_key(renewal, step, person))

    rows = [
        Unagreed(person, holdings[person.pk], when("asked", person), when("reminder", person)) for person in page.rows
    ]
    return rows, page.next_key


def holding_of(subscription: Subscription, systems: Mapping[UUID, str]) -> str:
    """Return what somebody subscribes to: the target system, with the contract's number where there is one."""
    name = systems[subscription.target_system_id]
    return f"{name} ({subscription.contract.number})" if subscription.contract else name
