"""Certificates under rules of one's choice: really signed, with the rules version pinned to their orders."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import timezone

from certificates.models import Certificate
from regulations.models import TargetSystemVersion
from regulations.ruleset import RuleSet
from tests.revocation.world import World

FILE = Path(__file__).parents[2] / "lra_portal/demo/target_systems/member-client.toml"


@cache
def usual_rules() -> dict[str, Any]:
    """The rules of the demo's member service."""
    return tomllib.loads(FILE.read_text())


def make_rules(world: World, **changes: Any) -> TargetSystemVersion:
    """Rules in force for the world's target system, with `changes`."""
    rules = RuleSet.parse({**usual_rules(), "slug": "demo", **changes}).to_dict()
    at, number = timezone.now(), world.system.versions.count() + 1
    world.system.versions.filter(status="in_force").update(status="superseded", status_since=at)
    version = TargetSystemVersion.objects.create(
        target_system=world.system,
        number=number,
        rules=rules,
        rules_digest=f"{number:064x}",
        status_since=at,
        created_at=at,
    )
    TargetSystemVersion.objects.filter(pk=version.pk).update(status="in_force", activated_at=at)
    version.refresh_from_db()
    return version


def issued(
    world: World, version: TargetSystemVersion, *, at: datetime, days: int = 365, replaces: Certificate | None = None
) -> Certificate:
    """A certificate issued at `at` under `version`, for so many days."""
    frozen = {"rules_version": str(version.pk), "subject": [["CN", "Hanako Demo"]], "target_system": "demo"}
    certificate = world.certificate(not_after=at + timedelta(days=days), replaces=replaces, frozen=frozen)
    Certificate.objects.filter(pk=certificate.pk).update(issued_at=at, delivery_since=at)
    certificate.refresh_from_db()
    return certificate
