"""Reads of the public site: what is in force, what was announced, whether the desk is open."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from certificates.models import AuthorityCertificate, CertificationAuthority, RootCrl
from regulations.calendar import Calendar, tokyo
from regulations.models import (
    Announcement,
    ContactPoint,
    Document,
    DocumentKind,
    DocumentVersion,
    Suspension,
    TargetSystem,
)
from regulations.ruleset import RuleSet
from regulations.selectors import business_calendar, coming_suspensions, contact_point
from revocation.models import Crl
from revocation.selectors import Answering, Publication, answering, publications, served_lists

LOOK_AHEAD = timedelta(days=30)
# Kinds that people agree to or rely on, in the order in which they win (O-2.1).
BINDING = (DocumentKind.TERMS, DocumentKind.REGULATION, DocumentKind.POLICY, DocumentKind.PRIVACY)


@dataclass(frozen=True)
class Desk:
    """The call center as a visitor meets it now (O-8.3)."""

    contact: ContactPoint | None
    is_open: bool
    closes_at: datetime
    opens_at: datetime
    closed_days: list[date]


@dataclass(frozen=True)
class CrlRow:
    """One current revocation list, as the site names it."""

    authority: str
    number: int
    this_update: datetime
    next_update: datetime
    size: int
    path: str
    status: str


def desk(at: datetime) -> Desk:
    """Return whether the desk is open at `at`, until when, and the days off that come next."""
    calendar, contact = business_calendar(), contact_point(at)
    opening = calendar.next_opening(at)
    is_open = calendar.is_open(at)
    closing = tokyo(at).replace(hour=18, minute=0, second=0, microsecond=0)
    return Desk(contact, is_open, closing, opening, _days_off(calendar, tokyo(at).date()))


def _days_off(calendar: Calendar, today: date) -> list[date]:
    """Return the next run of days on which the desk is closed, today not counted."""
    day, found = today + timedelta(days=1), list[date]()
    while day <= today + LOOK_AHEAD:
        if not calendar.is_business_day(day):
            found.append(day)
        elif found:
            break
        day += timedelta(days=1)
    return found


def in_force(at: datetime, *kinds: DocumentKind) -> list[DocumentVersion]:
    """Return the version in force of every document (of `kinds`), in the order of precedence (O-2.1)."""
    documents = Document.objects.order_by("precedence", "slug")
    if kinds:
        documents = documents.filter(kind__in=kinds)
    newest = (
        DocumentVersion.objects.posted(at)
        .filter(document__in=documents)
        .order_by("document_id", "-posted_at")
        .distinct("document_id")
        .select_related("document")
    )
    return sorted(newest, key=lambda version: (version.document.precedence, version.document.slug))


def history(document: Document, at: datetime) -> list[DocumentVersion]:
    """Return all versions of a document that were posted by `at`, newest first (O-3.1)."""
    return list(document.versions.posted(at).order_by("-posted_at"))


def announcements(at: datetime, limit: int = 50) -> list[Announcement]:
    """Return what was announced by `at`, newest first."""
    return list(Announcement.objects.filter(posted_at__lte=at).order_by("-posted_at")[:limit])


def current_lists(at: datetime) -> list[CrlRow]:
    """Return the newest list of every authority, the issuing ones first."""
    issued = served_lists().order_by("authority_id", "shard", "-number")
    rows = [_row(crl, crl.size, at) for crl in issued.distinct("authority_id", "shard").select_related("authority")]
    of_root = RootCrl.objects.order_by("authority_id", "-number").distinct("authority_id").select_related("authority")
    return [*rows, *(_row(crl, len(crl.der), at) for crl in of_root)]


def _row(crl: Crl | RootCrl, size: int, at: datetime) -> CrlRow:
    return CrlRow(
        authority=crl.authority.name,
        number=int(crl.number),
        this_update=crl.this_update,
        next_update=crl.next_update,
        size=size,
        path=urlsplit(_address(crl)).path,
        status="current" if crl.next_update > at else "late",
    )


def _address(crl: Crl | RootCrl) -> str:
    """The address under which certificates of its shard name a list."""
    points = crl.authority.distribution_points.filter(shard=crl.shard) if isinstance(crl, Crl) else None
    point = points.first() if points is not None else None
    return point.url if point else crl.authority.crl_url


@dataclass(frozen=True)
class AuthorityRow:
    """One authority on the page for relying parties: its certificate and its lists."""

    authority: CertificationAuthority
    certificate: x509.Certificate
    lists: list[Publication]
    earlier: list[AuthorityCertificate]

    @property
    def sha256(self) -> str:
        """Its fingerprint as people compare it: pairs of digits."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def sha1(self) -> str:
        """The older fingerprint, which some systems still show."""
        return self.certificate.fingerprint(hashes.SHA1()).hex(":").upper()  # noqa: S303 — to be compared, not trusted

    @property
    def subject(self) -> str:
        """Its name as the certificate prints it."""
        return self.certificate.subject.rfc4514_string()

    @property
    def ocsp_url(self) -> str:
        """Where its certificates are asked about; empty for a root, which answers by its list alone."""
        return self.authority.ocsp_url


def authorities(at: datetime) -> list[AuthorityRow]:
    """Return every authority with its lists as they stand at `at`, issuing ones first."""
    rows: dict[UUID, AuthorityRow] = {}
    for publication in publications(at):
        authority = publication.authority
        if authority.pk not in rows:
            certificate = x509.load_der_x509_certificate(bytes(authority.certificate_der))
            earlier = authority.own_certificates.exclude(sha256=authority.sha256).order_by("-made_at")
            rows[authority.pk] = AuthorityRow(authority, certificate, [], list(earlier))
        rows[authority.pk].lists.append(publication)
    return list(rows.values())


@dataclass(frozen=True)
class ServiceStatus:
    """What relying parties and holders lean on, as it stands at an instant."""

    lists: list[Publication]
    responders: list[Answering]
    suspensions: list[Suspension]
    at: datetime

    @property
    def all_well(self) -> bool:
        """Whether every list is in time and nothing is wrong with the responder for any authority."""
        return not any(row.late for row in self.lists) and all(row.state != "unwell" for row in self.responders)

    @property
    def suspended(self) -> Suspension | None:
        """The suspension that lasts now."""
        return next((row for row in self.suspensions if row.begins_at <= self.at), None)


def service_status(at: datetime) -> ServiceStatus:
    """Return how lists, responder and intake stand at `at` (O-6)."""
    return ServiceStatus(publications(at), answering(at), coming_suspensions(at), at)


def chain_of(authority: CertificationAuthority) -> list[CertificationAuthority]:
    """Return the authority and those above it, up to the root."""
    return [authority, *(chain_of(authority.issuer) if authority.issuer else [])]


def authority_and_shard(name: str) -> tuple[CertificationAuthority | None, int]:
    """Return whose list a file name means: an authority's own name, or one with the number of a shard behind it."""
    named = CertificationAuthority.objects.filter(name=name).first()
    stem, _, number = name.rpartition("-")
    if named or not re.fullmatch("0|[1-9][0-9]{0,4}", number):
        return named, 0
    return CertificationAuthority.objects.filter(name=stem, shards__gt=int(number)).first(), int(number)


def permitted_use() -> list[RuleSet]:
    """Return the rules in force of every target system: what its certificates are for (O-14.1)."""
    systems = TargetSystem.objects.in_force()
    return [system.version_in_force().ruleset for system in systems]
