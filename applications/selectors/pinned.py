"""The pinned rules of many applications: read once in a process, because rules that were activated never change."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from regulations.models import TargetSystemVersion
from regulations.ruleset import RuleSet
from regulations.systems import known_rules


def pinned_rules(ids: Iterable[UUID]) -> dict[UUID, RuleSet]:
    """Return the rule sets of these versions; one question at most, and none for those read before."""
    wanted = set(ids)
    unknown = wanted - known_rules.keys()
    versions = TargetSystemVersion.objects.filter(pk__in=unknown).exclude(status="draft") if unknown else ()
    read = {version.pk: version.ruleset for version in versions}
    return {pk: known_rules.get(pk) or read[pk] for pk in wanted}


@dataclass(frozen=True)
class SystemInForce:
    """A target system as filters name it."""

    pk: UUID
    slug: str
    name: dict[str, str]


def systems_in_force() -> list[SystemInForce]:
    """Return the target systems with rules in force, in their order."""
    versions = TargetSystemVersion.objects.filter(status="in_force")
    rows = versions.order_by("target_system__position", "target_system__slug")
    return [SystemInForce(*row) for row in rows.values_list("target_system", "target_system__slug", "rules__name")]
