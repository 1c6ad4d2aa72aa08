"""Reads about notices of change: what is on record now, what waits for the office."""

from __future__ import annotations

from django.db.models import Case, QuerySet, Value, When

from accounts.models import User
from applications.models import Application, ChangeNotice
from audit.refusals import NotFound
from certificates.models import Certificate
from regulations.ruleset import RuleSet

EFFECTIVE = ("correction", "reissue")
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


def notices_of_office() -> QuerySet[ChangeNotice]:
    """All notices, with what a page needs; open ones first, urgent before others, by their limit."""
    place = Case(When(status__in=OPEN, then=Value(0)), default=Value(1))
    rows = ChangeNotice.objects.select_related("certificate", "person", "examiner", "decided_by")
    return rows.annotate(place=place).order_by("place", "-urgent", "due_at", "pk")
