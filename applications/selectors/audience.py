"""Whom a document's new version touches: those told in advance, and those who have to agree anew (O-3.3, O-4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import User
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
        failed=Count("pk", filter=Q(notice__status="failed")),
    )
    return Progress(**counts)


def recipients_after(advance: AdvanceNotice, last: int, size: int) -> list[AdvanceRecipient]:
    """Return the next recipients after the row `last`, one more than `size` when there are more."""
    rows = advance.recipients.filter(pk__gt=last).order_by("pk").select_related("person", "notice")
    return list(rows[: size + 1])


@dataclass(frozen=True)
class Renewal:
    """A document to which subscribers have to agree anew: what they read now, since when, until when."""

    asking: DocumentVersion
    current: DocumentVersion
    since: datetime
    until: datetime

    def people(self) -> QuerySet[User]:
        """Return every subscriber whose rules name the document."""
        systems = [
            system.pk
            for system in TargetSystem.objects.filter(versions__activated_at__isnull=False).distinct()
            if self.current.document.slug in system.version_in_force().ruleset.consents
        ]
        holders = Subscription.objects.filter(status__in=SUBSCRIBED, target_system__in=systems).values("holder")
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
