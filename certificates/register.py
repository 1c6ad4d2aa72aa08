"""The register: every certificate issued, narrowed down by how it stands, its end, system, issuer, key or contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import TypedDay
from accounts.paging import Order, Page, Place, turned
from certificates import rules
from certificates.key_kinds import BEGINNINGS, has_key
from certificates.models import Certificate, CertificationAuthority
from certificates.reminders import UNACCEPTED
from certificates.selectors import LocalTexts, called, standing_of, systems_of
from regulations.models import TargetSystem, TargetSystemVersion
from regulations.periods import midnight

PAGE: Final = 50
BATCH: Final = 500
LONGEST_TEXT: Final = 100
STATES: Final[dict[str, str | Promise]] = {
    "valid": pgettext_lazy("certificate", "Valid"),
    "expiring": _("Ends soon"),
    "unaccepted": _("Valid, not accepted yet"),
    "revoking": _("Revocation requested"),
    "revoked": _("Revoked"),
    "expired": _("Expired"),
}
SORTS: Final[dict[str, str | Promise]] = {"issued": _("Issued last first"), "end": _("End first")}
ORDERS: Final = {"issued": Order("issued_at", descending=True), "end": Order("not_after")}


@dataclass(frozen=True)
class Sought:
    """What the reader narrows the register down to; empty says anything.

    `text` is the beginning of a holder's name, a management number, or a serial in hexadecimal. `ends_from` and
    `ends_until` bound the day of the end in Tokyo, both included; a fault in one of them leaves nothing to list.
    """

    text: str = ""
    state: str = ""
    target: str = ""
    issuer: str = ""
    key_type: str = ""
    contract: str = ""
    ends_from: TypedDay = field(default_factory=lambda: TypedDay("ends_from"))
    ends_until: TypedDay = field(default_factory=lambda: TypedDay("ends_until"))
    sort: str = "issued"
    place: Place = field(default_factory=Place)

    @classmethod
    def read(cls, typed: Mapping[str, str]) -> Sought:
        """Return what an address asks for; a word that is none says nothing."""
        first, last = (TypedDay.read(name, typed.get(name, "")) for name in ("ends_from", "ends_until"))
        plain = {name: typed.get(name, "").replace("\x00", "").strip()[:LONGEST_TEXT] for name in cls.words()}
        plain["state"] = plain["state"] if plain["state"] in STATES else ""
        plain["key_type"] = plain["key_type"] if plain["key_type"] in BEGINNINGS else ""
        plain["sort"] = plain["sort"] if plain["sort"] in SORTS else "issued"
        return cls(**plain, ends_from=first, ends_until=first.until(last), place=Place.read(typed))

    @staticmethod
    def words() -> tuple[str, ...]:
        """Return the names of what is said in words."""
        return ("text", "state", "target", "issuer", "key_type", "contract", "sort")

    @property
    def narrowed(self) -> bool:
        """Tell whether anything is left out."""
        words = (self.text, self.state, self.target, self.issuer, self.key_type, self.contract)
        return any(words) or bool(self.ends_from.typed or self.ends_until.typed)

    @property
    def faulty(self) -> bool:
        """Tell whether something that was typed can't be asked."""
        return bool(self.ends_from.fault or self.ends_until.fault)


@dataclass(frozen=True)
class Line:
    """One certificate in the register."""

    certificate: Certificate
    standing: str
    system: LocalTexts
    issuer: str


def page_of(sought: Sought, at: datetime) -> Page[Certificate]:
    """Return one page of the register; any depth costs the same."""
    return turned(_listed(sought, at), order=ORDERS[sought.sort], place=sought.place, size=PAGE)


def lines_of(rows: list[Certificate], at: datetime) -> list[Line]:
    """Return the lines of a page, with how each certificate stands at `at`."""
    systems = systems_of([row.order for row in rows])
    issuing = {row.authority_id: called(row.authority) for row in {row.authority_id: row for row in rows}.values()}
    return [Line(row, standing_of(row, at), systems[row.order_id], issuing[row.authority_id]) for row in rows]


def all_lines(sought: Sought, at: datetime) -> Iterator[Line]:
    """Yield the whole of what is asked for, `BATCH` rows in memory at a time."""
    order, place = ORDERS[sought.sort], Place()
    while True:
        page = turned(_listed(sought, at), order=order, place=place, size=BATCH)
        yield from lines_of(list(page.rows), at)
        if not page.next_key:
            return
        place = Place(after=page.next_key)


def issuers() -> list[CertificationAuthority]:
    """Return the authorities that issue certificates to people and devices."""
    return list(CertificationAuthority.objects.exclude(issuer=None).order_by("name"))


def targets() -> list[tuple[str, LocalTexts]]:
    """Return the target systems there are, by short name, each with its name as the rules in force have it."""
    in_force = TargetSystemVersion.objects.filter(status="in_force").values_list("target_system", "rules__name")
    named = dict(in_force)
    return [(row.slug, named.get(row.pk) or row.slug) for row in TargetSystem.objects.order_by("position", "slug")]


def _listed(sought: Sought, at: datetime) -> QuerySet[Certificate]:
    rows = Certificate.objects.defer("der").select_related("order", "authority", "subscription__contract")
    if sought.state:
        rows = rows.filter(_in_state(sought.state, at))
    if sought.target:
        rows = rows.filter(subscription__target_system__slug=sought.target)
    if sought.issuer:
        rows = rows.filter(authority__name=sought.issuer)
    if sought.key_type:
        rows = rows.filter(has_key(sought.key_type))
    if sought.contract:
        rows = rows.filter(subscription__contract__number=sought.contract)
    if sought.faulty:
        return rows.none()
    if sought.ends_from.day:
        rows = rows.filter(not_after__gte=midnight(sought.ends_from.day))
    if sought.ends_until.day:
        rows = rows.filter(not_after__lt=midnight(sought.ends_until.day) + timedelta(days=1))
    if sought.text:
        digits = sought.text.replace(":", "").replace(" ", "").lower()
        exact = Q(management_number=sought.text.upper()) | Q(serial=digits)
        rows = rows.filter(exact | Q(common_name__istartswith=sought.text))
    return rows


def _in_state(state: str, at: datetime) -> Q:
    running = Q(revoked_at=None, not_after__gte=at)
    return {
        "valid": running & Q(not_before__lte=at),
        "expiring": running & Q(not_after__lte=at + rules.EXPIRING),
        "unaccepted": running & Q(delivery__in=UNACCEPTED),
        "revoking": running & Q(revocation_requested_at__isnull=False),
        "revoked": Q(revoked_at__isnull=False),
        "expired": Q(revoked_at=None, not_after__lt=at),
    }[state]
