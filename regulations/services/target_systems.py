"""Bringing the rules of a target system in, and putting a version into force (O-1.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Violation
from audit.services import canonical, record
from regulations.models import TargetSystem, TargetSystemVersion
from regulations.ruleset import RuleSet, RuleSetError


@transaction.atomic
def import_version(
    *, target_system: TargetSystem, data: Mapping[str, Any], actor: Actor, at: datetime
) -> TargetSystemVersion:
    """Store `data` as the next version of the rules, not yet in force; the same rules again give the same version.

    Raises RuleViolated with the place and the reason of every fault.
    """
    actor = authorise(actor=actor, act=Act.RULES_ACTIVATE)
    try:
        rules = RuleSet.parse(data).to_dict()
    except RuleSetError as error:
        raise RuleViolated([Violation(fault.place, "rules", fault.reason) for fault in error.faults]) from error
    if rules["slug"] != target_system.slug:
        raise RuleViolated([Violation("slug", "rules", _("These are the rules of another target system."))])
    locked = TargetSystem.objects.select_for_update(of=("self",)).get(pk=target_system.pk)
    digest = hashlib.sha256(canonical(rules)).hexdigest()
    newest = locked.versions.order_by("-number").first()
    if newest is not None and newest.rules_digest == digest:
        return newest
    number = (locked.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    return TargetSystemVersion.objects.create(
        target_system=locked, number=number, rules=rules, rules_digest=digest, created_at=at
    )


@transaction.atomic
def activate(*, version: TargetSystemVersion, actor: Actor, at: datetime) -> TargetSystemVersion:
    """Put `version` into force for applications that begin from now on; activating twice changes nothing."""
    actor = authorise(actor=actor, act=Act.RULES_ACTIVATE)
    if TargetSystemVersion.objects.filter(pk=version.pk, activated_at=None).update(activated_at=at):
        details = {
            "target_system": version.target_system.slug,
            "number": version.number,
            "digest": version.rules_digest,
        }
        record(act=Act.RULES_ACTIVATE, actor=actor, at=at, subject=version, details=details)
    version.refresh_from_db()
    return version
