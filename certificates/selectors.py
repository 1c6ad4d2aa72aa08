"""Reads for pages about certificates and orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from cryptography import x509
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.refusals import NotFound
from certificates import names, rules
from certificates.models import Certificate, Order, SignerHeartbeat
from certificates.services.acceptance import reached_at

PAGE: Final = 50
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


@dataclass(frozen=True)
class Content:
    """One item that the certificate says: words for it, its short type, its value."""

    label: str | Promise
    code: str
    value: str


@dataclass(frozen=True)
class Row:
    """A certificate in a list, with how it stands at the moment of the page."""

    certificate: Certificate
    standing: str


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
    held = Certificate.objects.held_by(person).select_related("subscription__target_system")
    return [Row(certificate, standing_of(certificate, at)) for certificate in held[:PAGE]]


def own(person: User, certificate_id: UUID) -> Certificate:
    """Return a person's own certificate; raises NotFound for anybody else's, as for none at all."""
    held = Certificate.objects.filter(holder=person, pk=certificate_id)
    certificate = held.select_related("order", "authority", "subscription__target_system", "holder").first()
    if certificate is None:
        raise NotFound
    return certificate


def contents(certificate: Certificate) -> list[Content]:
    """Return what the certificate says, item by item, read out of its bytes (O-16.2.2)."""
    parsed = x509.load_der_x509_certificate(bytes(certificate.der))
    rows = [Content(LABELS.get(part.type, part.type), part.type, part.value) for part in names.parts_of(parsed.subject)]
    return rows + [Content(_("E-mail address"), "rfc822Name", address) for address in emails_in(parsed)]


def emails_in(certificate: x509.Certificate) -> list[str]:
    """Return the mail addresses in a certificate."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return found.get_values_for_type(x509.RFC822Name)


def history(certificate: Certificate, at: datetime) -> list[dict[str, Any]]:
    """Return what happened to a certificate and what lies ahead, for the page's timeline."""
    used = certificate.delivery_links.exclude(used_at=None).order_by("used_at").first()
    reported = certificate.delivery_since if certificate.delivery == "reported" else None
    events: list[tuple[datetime | None, str | Promise, str | Promise]] = [
        (certificate.issued_at, _("Issued"), _("You were told by e-mail how to fetch it.")),
        (used.used_at if used else None, _("Downloaded"), ""),
        (reported, _("You reported a difference"), certificate.reported_text),
        (certificate.accepted_at, _("Contents accepted"), ""),
        (reached_at(certificate), _("Use began"), _("The start-of-service notice reached you.")),
        (certificate.revocation_requested_at, _("Revocation requested"), ""),
        (certificate.revoked_at, _("Revoked"), REASONS.get(certificate.reason_code, "")),
        (certificate.not_after, _("End of the certificate"), _("It must not be used after this.")),
    ]
    done = sorted((event for event in events if event[0] is not None), key=lambda event: event[0] or at)
    return [
        {"at": when, "title": title, "text": text, "state": "ahead" if when and when > at else ""}
        for when, title, text in done
    ]


def waiting_orders() -> QuerySet[Order]:
    """Return the orders that staff look after: failed first, then what is under way, then the newest issued."""
    place = Case(
        When(status="failed", then=Value(0)),
        When(status="signing", then=Value(1)),
        When(status="queued", then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    orders = Order.objects.filter(status__in=["failed", "signing", "queued", "issued"])
    return (
        orders.annotate(place=place)
        .select_related("certificate", "subscription__target_system")
        .order_by("place", "-status_since")
    )


def tallies() -> dict[str, int]:
    """Return how many orders are in each state that staff watch."""
    watched = ("failed", "queued", "signing")
    return {state: Order.objects.filter(status=state).count() for state in watched}


def signers() -> QuerySet[SignerHeartbeat]:
    """Return the signers' heartbeats, the latest first."""
    return SignerHeartbeat.objects.order_by("-seen_at")[:4]
