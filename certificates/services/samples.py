"""Samples of what rules would issue: asked for when a draft is saved, built by the signer, wanted before activation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import RoleGrant
from accounts.notices import Letter, notify_many
from accounts.nudges import nudge
from accounts.roles import Role
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import Violation
from audit.services import record, transition
from certificates import emails
from certificates.models import SampleCertificate
from certificates.states import SAMPLE
from regulations.models import TargetSystemVersion

TASK: Final = "certificates.build_samples"


@transaction.atomic
def ask(*, version: TargetSystemVersion, actor: Actor, at: datetime, anew: bool = False) -> SampleCertificate:
    """Ask the signer for a sample certificate by the rules of `version`; returns its row.

    One that was built without findings stays, unless it is wanted `anew`; one with findings is built again.
    """
    actor = authorise(actor=actor, act=Act.SAMPLE_ASK)
    columns = {"rules": version.rules, "status_since": at, "asked_at": at}
    sample, made = SampleCertificate.objects.get_or_create(rules_digest=version.rules_digest, defaults=columns)
    if made:
        record(act=Act.SAMPLE_ASK, actor=actor, at=at, subject=sample, details=facts(sample))
    elif sample.status == "findings" or (anew and sample.status == "clean"):
        emptied: Mapping[str, Any] = {"asked_at": at, "done_at": None, "der": None, "findings": []}
        sample = transition(
            machine=SAMPLE, row=sample, act=Act.SAMPLE_ASK, actor=actor, at=at, details=facts(sample), columns=emptied
        )
    nudge(TASK)
    return sample


def sample_of(version: TargetSystemVersion) -> SampleCertificate | None:
    """Return the sample of exactly these rules, if one was asked for."""
    return SampleCertificate.objects.filter(rules_digest=version.rules_digest).first()


@transaction.atomic
def keep(*, sample: SampleCertificate, der: bytes | None, findings: Sequence[str], actor: Actor, at: datetime) -> None:
    """Store what the signer built and found. A finding in rules that are in force alarms the rules managers."""
    clean = der is not None and not findings
    act = Act.SAMPLE_CLEAR if clean else Act.SAMPLE_FAIL
    actor = authorise(actor=actor, act=act)
    columns = {"der": der, "findings": list(findings), "done_at": at}
    details = {**facts(sample), "findings": list(findings)}
    kept = transition(machine=SAMPLE, row=sample, act=act, actor=actor, at=at, details=details, columns=columns)
    if not clean:
        alarm(kept, at)


def alarm(sample: SampleCertificate, at: datetime) -> None:
    """Tell the rules managers that rules in force make certificates with findings. Inside a transaction."""
    rows = TargetSystemVersion.objects.filter(rules_digest=sample.rules_digest, status="in_force")
    for version in rows.select_related("target_system"):
        context = emails.sample_findings(version, sample)
        letters = [
            Letter(emails.SAMPLE, person, context, f"certificates/sample/{sample.pk}/{at.isoformat()}/{person.pk}")
            for person in RoleGrant.objects.people(Role.RULES_MANAGER)
        ]
        notify_many(letters=letters, at=at)


def refusals(version: TargetSystemVersion) -> list[Violation]:
    """Return what keeps rules from being activated for want of a clean sample of exactly these rules."""
    sample = sample_of(version)
    if sample is not None and sample.status == "clean":
        return []
    if sample is None:
        message = _("No sample certificate was built by these rules yet. Please have one built first.")
    elif sample.status == "waiting":
        message = _("The sample certificate is still being built. Please try again in a moment.")
    else:
        message = _("The sample certificate has findings. Please mend the rules, or have it built again.")
    return [Violation(None, "sample", message)]


def facts(sample: SampleCertificate) -> dict[str, Any]:
    """Return what a record says of a sample."""
    return {"target_system": sample.rules.get("slug", ""), "digest": sample.rules_digest}
