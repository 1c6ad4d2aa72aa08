"""When a reissue ends what it replaces: once the new certificate was accepted, or after a set time (O-15.1.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import (
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    UUIDField,
    Value,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from certificates.models import Certificate, CertificateQuerySet
from regulations.models import TargetSystemVersion
from regulations.ruleset_parts import Reissue

ONE_DAY: Final = timedelta(days=1)


def old_ends_at(certificate: Certificate) -> datetime | None:
    """When that which `certificate` replaces is revoked at the latest; None where it replaces nothing."""
    if certificate.order.replaces_id is None:
        return None
    version = TargetSystemVersion.objects.filter(pk=certificate.order.frozen["rules_version"]).first()
    said = version.rules.get("reissue", {}) if version is not None else {}
    return certificate.issued_at + ONE_DAY * int(said.get("old_ends_days", Reissue().old_ends_days))


def superseded(at: datetime) -> CertificateQuerySet:
    """What has been replaced and is not revoked yet, though the new one was accepted or its time is over.

    A new certificate that was revoked or reported as wrong supersedes nothing by the time that passes, and one whose
    revocation was asked for not until that is decided: its holder would be left with neither.
    """
    pinned = Cast(KeyTextTransform("rules_version", OuterRef("order__frozen")), UUIDField())
    days = KeyTextTransform("old_ends_days", KeyTextTransform("reissue", "rules"))
    said = TargetSystemVersion.objects.filter(pk=pinned).annotate(days=Cast(days, IntegerField())).values("days")
    wait = ExpressionWrapper(
        Coalesce(Subquery(said), Value(Reissue().old_ends_days)) * Value(ONE_DAY), output_field=DurationField()
    )
    newer = Certificate.objects.filter(order__replaces=OuterRef("pk"), revoked_at=None, revocation_requested_at=None)
    newer = newer.exclude(delivery="reported")
    newer = newer.annotate(over_at=ExpressionWrapper(F("issued_at") + wait, output_field=DateTimeField()))
    in_hand = newer.filter(Q(delivery="accepted") | Q(over_at__lte=at))
    return Certificate.objects.filter(Exists(in_hand), revoked_at=None, not_after__gt=at)
