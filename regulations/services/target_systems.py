"""The rules of a target system from draft to force: written by one person, activated by another (O-1.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotFound, RuleViolated, Stale, Violation
from audit.services import canonical, record, transition
from regulations.models import Document, ParentService, TargetSystem, TargetSystemVersion
from regulations.ruleset import Fault, RuleSet, RuleSetError
from regulations.states import RULES


@dataclass(frozen=True)
class Written:
    """What an author hands in: the rules as values, what changed, and the text that they wrote, if it is kept."""

    data: Mapping[str, Any]
    what_changed: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


@transaction.atomic
def import_version(
    *, target_system: TargetSystem, data: Mapping[str, Any], actor: Actor, at: datetime
) -> TargetSystemVersion:
    """Store `data` as the draft of the next version; the newest version's rules again give that version.

    Raises RuleViolated with the place and the reason of every fault.
    """
    return save_draft(target_system=target_system, written=Written(data), actor=actor, at=at)


@transaction.atomic
def save_draft(
    *, target_system: TargetSystem, written: Written, actor: Actor, at: datetime, seen: str | None = None
) -> TargetSystemVersion:
    """Store what was written as the draft of the next version; whoever writes becomes its author.

    Rules that the newest version has already give that version. `seen` is the digest of the draft that the author
    began from, "" for none. Raises RuleViolated with the place and the reason of every fault, and Stale when
    somebody else saved meanwhile.
    """
    actor = authorise(actor=actor, act=Act.RULES_DRAFT)
    rules = parsed(written.data)
    if rules["slug"] != target_system.slug:
        raise RuleViolated([Violation("slug", "rules", _("These are the rules of another target system."))])
    locked = held(target_system)
    digest = hashlib.sha256(canonical(rules)).hexdigest()
    draft = locked.versions.filter(status="draft").first()
    if seen is not None and seen != (draft.rules_digest if draft else ""):
        raise Stale(state="draft")
    newest = locked.versions.order_by("-number").first()
    if newest is not None and newest.status != "draft" and newest.rules_digest == digest:
        return newest
    version = draft or TargetSystemVersion(target_system=locked, created_at=at, status_since=at, number=next_of(locked))
    version.rules, version.rules_digest, version.source = rules, digest, written.source
    version.what_changed, version.author_id = dict(written.what_changed), actor.person_id
    version.save()
    record(act=Act.RULES_DRAFT, actor=actor, at=at, subject=version, details=facts(version))
    return TargetSystemVersion.objects.get(pk=version.pk)


@transaction.atomic
def begin_system(*, parent_service: ParentService, written: Written, actor: Actor, at: datetime) -> TargetSystemVersion:
    """Begin a target system of `parent_service` with the draft of its first rules; nobody can apply yet.

    Raises RuleViolated with every fault, and when there is a target system of this name.
    """
    authorise(actor=actor, act=Act.RULES_DRAFT)
    slug = parsed(written.data)["slug"]
    last = TargetSystem.objects.aggregate(last=Max("position"))["last"] or 0
    system, made = TargetSystem.objects.get_or_create(
        slug=slug, defaults={"parent_service": parent_service, "position": last + 1}
    )
    if not made:
        message = _("There is a target system “%(slug)s” already. Edit its rules instead.") % {"slug": slug}
        raise RuleViolated([Violation("slug", "slug_used", message)])
    return save_draft(target_system=system, written=written, actor=actor, at=at)


@transaction.atomic
def activate(
    *, version: TargetSystemVersion, actor: Actor, at: datetime, seen: str | None = None
) -> TargetSystemVersion:
    """Put `version` into force for applications that begin from now on; the one in force until now is superseded.

    `seen` is the digest of the rules that were read. For people, `certificates.services.target_systems` checks the
    rules against the CA first. The installation's own rules come in by the system alone; activating them twice
    changes nothing. Raises RuleViolated for the author and for rules that changed meanwhile, Stale when it is no draft.
    """
    actor = authorise(actor=actor, act=Act.RULES_ACTIVATE)
    held(version.target_system)
    row = standing(version)
    if actor.person_id is None and row.status == "in_force":
        return row
    if row.author_id == actor.person_id and actor.person_id is not None:
        message = _("You wrote these rules. Another rules manager has to activate them.")
        raise RuleViolated([Violation(None, "own_rules", message)])
    if seen is not None and seen != row.rules_digest:
        message = _("The rules changed after you opened this page. Please read them again.")
        raise RuleViolated([Violation(None, "rules_changed", message)])
    earlier = row.target_system.versions.filter(status="in_force").first()
    if row.status == "draft" and earlier is not None:
        transition(machine=RULES, row=earlier, act=Act.RULES_SUPERSEDE, actor=actor, at=at, details=facts(earlier))
    columns = {"activated_at": at, "activator_id": actor.person_id}
    return transition(
        machine=RULES, row=row, act=Act.RULES_ACTIVATE, actor=actor, at=at, details=facts(row), columns=columns
    )


def goes_whole(version: TargetSystemVersion) -> bool:
    """Tell whether nothing else refers to a target system, so that it goes with this version."""
    system = version.target_system
    others = system.versions.exclude(pk=version.pk)
    return not (others.exists() or system.documents.exists() or system.subscriptions.exists())


@transaction.atomic
def discard(*, version: TargetSystemVersion, seen: str, actor: Actor, at: datetime) -> None:
    """Throw a draft away; a target system to which nothing else refers goes with it.

    `seen` is the digest of the rules that were read. Raises RuleViolated for rules that changed meanwhile, Stale
    when it is no draft, NotFound when it was thrown away before.
    """
    actor = authorise(actor=actor, act=Act.RULES_DISCARD)
    system = held(version.target_system)
    row = standing(version)
    if row.status != "draft":
        raise Stale(state=row.status)
    if row.rules_digest != seen:
        message = _("The rules changed after you opened this page. Please read them again.")
        raise RuleViolated([Violation(None, "rules_changed", message)])
    whole = goes_whole(row)
    record(act=Act.RULES_DISCARD, actor=actor, at=at, subject=row, details=facts(row) | {"whole": whole})
    row.delete()
    if whole:
        system.delete()


def held(target_system: TargetSystem) -> TargetSystem:
    """Return the target system, held for this transaction; raises NotFound when it went with its only draft."""
    row = TargetSystem.objects.select_for_update(of=("self",)).filter(pk=target_system.pk).first()
    if row is None:
        raise NotFound
    return row


def standing(version: TargetSystemVersion) -> TargetSystemVersion:
    """Return the version as it stands now; raises NotFound when it was thrown away."""
    row = TargetSystemVersion.objects.select_related("target_system").filter(pk=version.pk).first()
    if row is None:
        raise NotFound
    return row


def parsed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rules in `data` as they are stored; raises RuleViolated with the place and reason of every fault."""
    try:
        return RuleSet.parse(data).to_dict()
    except RuleSetError as error:
        raise RuleViolated([Violation(fault.place, "rules", fault.reason) for fault in error.faults]) from error


def missing_documents(ruleset: RuleSet, at: datetime) -> list[Fault]:
    """Return the documents that the rules want consent to and that are not posted: nobody could apply."""
    posted = set(Document.objects.filter(versions__posted_at__lte=at).values_list("slug", flat=True))
    reason = _("“%(slug)s” is no document that is posted.")
    return [Fault("consents", reason % {"slug": slug}) for slug in ruleset.consents if slug not in posted]


def next_of(target_system: TargetSystem) -> int:
    """Return the number of the next version."""
    return (target_system.versions.aggregate(last=Max("number"))["last"] or 0) + 1


def facts(version: TargetSystemVersion) -> dict[str, Any]:
    """Return what a record says of a version."""
    return {
        "target_system": version.target_system.slug,
        "number": version.number,
        "digest": version.rules_digest,
    }
