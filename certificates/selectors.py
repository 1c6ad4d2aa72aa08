"""Reads for pages about certificates and orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from cryptography import x509
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.acts import Act
from audit.models import Event
from audit.refusals import NotFound
from certificates import names, rules
from certificates.models import Certificate, CertificateCheck, CertificationAuthority, Order, SignerHeartbeat
from certificates.reminders import UNACCEPTED, Terms
from certificates.services.acceptance import reached_at
from regulations.models import TargetSystemVersion
from regulations.ruleset import RuleSet, RuleSetError

PAGE: Final = 50
LocalTexts = dict[str, str] | str
LABELS: Final = {
    "C": _("Country"),
    "ST": _("Prefecture"),
    "L": _("City"),
    "O": _("Organization"),
    "OU": _("Department or number"),
    "CN": _("Name of the holder"),
    "serialNumber": _("Number in the name"),
}
# RFC 5280 5.3.1, in words; a revocation without a reason extension needs none.
REASONS: Final[dict[int | None, str | Promise]] = {
    None: _("No reason is printed on the list"),
    1: _("The key was lost or leaked, or may have been"),
    3: _("Something that the certificate says has changed"),
    4: _("It was replaced by a new certificate"),
    5: _("It is no longer used"),
    9: _("The right to use it was withdrawn"),
}
FINDINGS: Final = {
    "lra.approval": _("What was approved and what the order says are not the same."),
    "lra.order": _("The order can't be read."),
    "lra.profile": _("The rules of the target system don't make a certificate."),
    "lra.issuer": _("The authority that the rules name is not there or not valid."),
    "lra.slots": _("The holder has a current certificate and a successor already."),
    "lra.request": _("The applicant's key may not be certified."),
    "lra.key": _("The applicant's key may not be certified."),
    "lra.validity": _("The contract, the rules or the authority leave no period of validity."),
    "lra.subject": _("The name can't be printed as it is."),
    "lra.email": _("The mail address can't be printed as it is."),
    "lra.build": _("The certificate can't be put together."),
    "lra.signature": _("The signature is not the authority's."),
}


@dataclass(frozen=True)
class Content:
    """One item that the certificate says: words for it, its short type, its value."""

    label: str | Promise
    code: str
    value: str


@dataclass(frozen=True)
class Above:
    """An authority in a chain: its common name, and the name under which its certificate is published."""

    common_name: str
    name: str


@dataclass(frozen=True)
class Row:
    """A certificate in a list: what it is for, and how it stands at the moment of the page."""

    certificate: Certificate
    standing: str
    system: LocalTexts


@dataclass(frozen=True)
class OrderRow:
    """An order in the office's list: for whom, for what, and what the signer found."""

    order: Order
    holder: str
    system: LocalTexts
    findings: list[Finding]

    @property
    def held(self) -> bool:
        """Whether it waits because the service is suspended for its subscriber (O-11.1)."""
        return self.order.status in ("queued", "awaiting_key") and self.order.subscription.status == "suspended"


@dataclass(frozen=True)
class Finding:
    """What stopped an order: in words, and as the signer wrote it."""

    words: str | Promise
    detail: str


def standing_of(certificate: Certificate, at: datetime) -> str:
    """Return how a certificate stands at `at`, in the words of the table of statuses."""
    return rules.standing(
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        revoked=certificate.revoked_at is not None,
        revoking=certificate.revocation_requested_at is not None,
        at=at,
    )


def held_by(person: User, at: datetime) -> list[Row]:
    """Return a person's own certificates, newest first, with how each stands at `at`."""
    held = list(Certificate.objects.held_by(person).select_related("order")[:PAGE])
    systems = systems_of([certificate.order for certificate in held])
    return [Row(certificate, standing_of(certificate, at), systems[certificate.order_id]) for certificate in held]


def systems_of(orders: Sequence[Order]) -> dict[UUID, LocalTexts]:
    """Return what each order is for: the name of its target system, as the pinned rules have it."""
    pinned = {order.pk: str(order.frozen["rules_version"]) for order in orders}
    rules_of = TargetSystemVersion.objects.filter(pk__in=set(pinned.values())).values_list("pk", "rules")
    named = {str(version): said.get("name") for version, said in rules_of}
    return {order.pk: named.get(pinned[order.pk]) or str(order.frozen["target_system"]) for order in orders}


def pinned_rules(orders: Sequence[Order]) -> dict[UUID, RuleSet]:
    """Return the rules that each order was proposed under; orders whose rules can't be read are left out."""
    pinned = {order.pk: order.frozen.get("rules_version") for order in orders}
    read: dict[str, RuleSet] = {}
    for version in TargetSystemVersion.objects.filter(pk__in={key for key in pinned.values() if key}):
        try:
            read[str(version.pk)] = version.ruleset
        except RuleSetError:
            continue
    return {key: read[version] for key, version in pinned.items() if version in read}


def overdue_receipts(at: datetime) -> list[tuple[Certificate, datetime]]:
    """Return certificates whose holders have not accepted in time, with the limit, oldest first (O-16.2.2)."""
    unaccepted = Certificate.objects.valid(at).filter(delivery__in=UNACCEPTED, revoked_at=None)
    rows = list(unaccepted.select_related("order", "holder").order_by("issued_at")[:PAGE])
    rules = pinned_rules([row.order for row in rows])
    limits = [(row, Terms.of(rules[row.order_id]).accept_by(row.issued_at)) for row in rows if row.order_id in rules]
    return [(row, limit) for row, limit in limits if limit is not None and limit <= at]


def own(person: User, certificate_id: UUID) -> Certificate:
    """Return a person's own certificate; raises NotFound for anybody else's, as for none at all."""
    held = Certificate.objects.filter(holder=person, pk=certificate_id)
    certificate = held.select_related("order", "authority", "subscription__target_system", "holder").first()
    if certificate is None:
        raise NotFound
    return certificate


def contents(certificate: Certificate) -> list[Content]:
    """Return what the certificate says, item by item, read out of its bytes (O-16.2.2)."""
    return contents_of(x509.load_der_x509_certificate(bytes(certificate.der)))


def contents_of(parsed: x509.Certificate) -> list[Content]:
    """Return the name and the addresses in a certificate, item by item."""
    rows = named_parts(names.parts_of(parsed.subject))
    return rows + [Content(_("E-mail address"), "rfc822Name", address) for address in emails_in(parsed)]


def named_parts(parts: Iterable[names.Part]) -> list[Content]:
    """Return the parts of a name with words for each; the second of a type is numbered."""
    rows, seen = [], Counter[str]()
    for part in parts:
        seen[part.type] += 1
        code = part.type if seen[part.type] == 1 else f"{part.type}{seen[part.type]}"
        rows.append(Content(LABELS.get(part.type, part.type), code, part.value))
    return rows


def emails_in(certificate: x509.Certificate) -> list[str]:
    """Return the mail addresses in a certificate."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return found.get_values_for_type(x509.RFC822Name)


def called(authority: CertificationAuthority) -> str:
    """Return the common name that an authority's own certificate says."""
    parsed = x509.load_der_x509_certificate(bytes(authority.certificate_der))
    return rules.common_name(names.parts_of(parsed.subject))


def chain(certificate: Certificate) -> list[Above]:
    """Return the authorities above a certificate, from the one that issued it up to the root."""
    found, authority = list[Above](), certificate.authority
    while True:
        found.append(Above(called(authority), authority.name))
        if authority.issuer is None:
            return found
        authority = authority.issuer


def history(certificate: Certificate, at: datetime, *, own: bool = True) -> list[dict[str, Any]]:
    """Return what happened to a certificate and what lies ahead, for the page's timeline; `own`: for its holder."""
    told = _("You were told by e-mail how to fetch it.") if own and not certificate.order.made_in_browser else ""
    reached = _("The start-of-service notice reached you.") if own else _("The start-of-service notice was opened.")
    reported = certificate.delivery_since if certificate.delivery == "reported" else None
    events: list[tuple[datetime | None, str | Promise, str | Promise]] = [
        (certificate.issued_at, _("Issued"), told),
        (_fetched_at(certificate), _("Downloaded"), ""),
        (reported, _("You reported a difference") if own else _("Difference reported"), certificate.reported_text),
        (certificate.accepted_at, _("Contents accepted"), ""),
        (reached_at(certificate), _("Use began"), reached),
        (certificate.revocation_requested_at, _("Revocation requested"), ""),
        (certificate.revoked_at, _("Revoked"), REASONS.get(certificate.reason_code, "")),
        (certificate.not_after, _("End of the certificate"), _("It must not be used after this.")),
    ]
    done = sorted((event for event in events if event[0] is not None), key=lambda event: event[0] or at)
    return [
        {"at": when, "title": title, "text": text, "state": "ahead" if when and when > at else ""}
        for when, title, text in done
    ]


def _fetched_at(certificate: Certificate) -> datetime | None:
    """Return when the holder first had the file: by a link, or built by their browser."""
    fetched = Event.objects.of_story(certificate.story).filter(act=Act.CERTIFICATE_DOWNLOAD, outcome="done")
    return fetched.filter(subject_id=str(certificate.pk)).values_list("at", flat=True).first()


def order_rows() -> list[OrderRow]:
    """Return the orders that staff look after: failed first, then what is under way, then the newest issued."""
    orders = list(_watched_orders()[:PAGE])
    systems = systems_of(orders)
    return [
        OrderRow(
            order=order,
            holder=rules.common_name(rules.name_parts(order.frozen["subject"])),
            system=systems[order.pk],
            findings=[finding_of(line) for line in order.failure],
        )
        for order in orders
    ]


def finding_of(line: str) -> Finding:
    """Return a line of the signer with words for the office before it."""
    subject = line.split(":", 1)[0].split(" ", 1)[0]
    return Finding(FINDINGS.get(subject, _("The linter found a departure from RFC 5280.")), line)


def _watched_orders() -> QuerySet[Order]:
    place = Case(
        When(status="failed", then=Value(0)),
        When(status="signing", then=Value(1)),
        When(status="queued", then=Value(2)),
        When(status="awaiting_key", then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    orders = Order.objects.filter(status__in=["failed", "signing", "queued", "awaiting_key", "issued"])
    return orders.annotate(place=place).select_related("certificate", "subscription").order_by("place", "-status_since")


def tallies() -> dict[str, int]:
    """Return how many orders are in each state that staff watch, and how many of them are held."""
    watched = ("failed", "queued", "signing", "awaiting_key")
    counts = {state: Order.objects.filter(status=state).count() for state in watched}
    held = Order.objects.filter(status="queued", subscription__status="suspended").count()
    return {**counts, "queued": counts["queued"] - held, "held": held}


def last_check() -> CertificateCheck | None:
    """Return the newest look at everything stored, under way or finished."""
    return CertificateCheck.objects.order_by("-started_at").first()


def signers() -> QuerySet[SignerHeartbeat]:
    """Return the signers' heartbeats, the latest first."""
    return SignerHeartbeat.objects.order_by("-seen_at")[:6]
