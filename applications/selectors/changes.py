"""Reads about notices of change: what is on record now, what waits for the office."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from accounts.models import User
from applications.models import Application, ChangeNotice
from audit.refusals import NotFound
from certificates.models import Certificate
from regulations.ruleset import RuleSet

EFFECTIVE = ("correction", "reissue")
RECENT = timedelta(days=30)
MOST = 20
OPEN = ("received", "examining", "awaiting_approval")


def ruleset_for(certificate: Certificate) -> RuleSet:
    """The rules that the application behind a certificate was received under. Raises NotFound without one."""
    application = Application.objects.filter(order=certificate.order_id).select_related("rules").first()
    if application is None:
        raise NotFound
    return application.rules.ruleset


def said_now(certificate: Certificate) -> dict[str, str]:
    """What is on record about a certificate's holder: what was submitted, with the notices that were settled since."""
    application = Application.objects.filter(order=certificate.order_id).first()
    values = dict(application.values) if application is not None else {}
    settled = certificate.change_notices.filter(status="settled", outcome__in=EFFECTIVE)
    for notice in settled.order_by("decided_at", "pk"):
        values |= {row["key"]: row["new"] for row in notice.changes}
    return values


def own_notices(person: User) -> QuerySet[ChangeNotice]:
    """The notices of a person, newest first."""
    return ChangeNotice.objects.filter(person=person).select_related("certificate").order_by("-received_at")


def is_usable(certificate: Certificate, at: datetime) -> bool:
    """Whether a certificate is neither revoked nor over, so that something can still follow for it."""
    return certificate.revoked_at is None and certificate.not_after >= at


def said_before(
    certificate: Certificate, changes: list[dict[str, Any]], columns: dict[str, Any]
) -> ChangeNotice | None:
    """The open notice that says the very same: the form was sent twice."""
    rows = certificate.change_notices.filter(status__in=OPEN, **columns)
    return next((row for row in rows if row.changes == changes), None)


def notices_under_way(person: User, at: datetime) -> list[ChangeNotice]:
    """The notices of a person that are open, or were decided lately; newest first."""
    shown = Q(status__in=OPEN) | Q(status="settled", decided_at__gt=at - RECENT)
    return list(own_notices(person).filter(shown)[:MOST])


def reissues_to_apply_for(person: User, at: datetime) -> list[ChangeNotice]:
    """The notices of a person that led to a reissue which they have not applied for yet."""
    applied = Application.objects.filter(previous=OuterRef("certificate"), created_at__gt=OuterRef("decided_at"))
    rows = own_notices(person).filter(status="settled", outcome="reissue").exclude(contents_erased_at__isnull=False)
    usable = rows.filter(certificate__revoked_at=None, certificate__not_after__gt=at)
    return list(usable.filter(~Exists(applied.exclude(status__in=("withdrawn", "lapsed"))))[:MOST])


def notices_of_office() -> QuerySet[ChangeNotice]:
    """All notices, with what a page needs; open ones first, urgent before others, by their limit."""
    place = Case(When(status__in=OPEN, then=Value(0)), default=Value(1))
    rows = ChangeNotice.objects.select_related("certificate", "person", "examiner", "decided_by")
    return rows.annotate(place=place).order_by("place", "-urgent", "due_at", "pk")
