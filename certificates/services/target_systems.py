"""Rules held against the CA before they come into force, and their activation by a second person (O-1.3, O-1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actors import Actor
from audit.refusals import RuleViolated, Violation
from certificates import names
from certificates.models import CertificationAuthority
from certificates.names import Part
from certificates.profiles import CertificateProfile
from certificates.services import samples
from regulations.models import ParentService, TargetSystem, TargetSystemVersion
from regulations.ruleset import Fault, RuleSet, san_email_of, subject_of
from regulations.ruleset_samples import sample_values
from regulations.services import target_systems
from regulations.services.target_systems import Written


def faults_against_ca(ruleset: RuleSet, at: datetime) -> list[Fault]:
    """Return what keeps the CA from issuing by these rules at `at`, with place and reason.

    The profile must be one that the signer reads, its issuer must exist and outlast a certificate of full length
    that is made today, and the sample name must be one that can be printed.
    """
    return [*profile_faults(ruleset), *issuer_faults(ruleset, at), *name_faults(ruleset)]


def profile_faults(ruleset: RuleSet) -> Iterator[Fault]:
    """Yield what the signer would not read."""
    try:
        CertificateProfile.parse(ruleset.to_dict()["profile"])
    except (ValueError, KeyError, TypeError) as error:
        yield Fault("profile", _("The CA can't issue by this profile: %(error)s") % {"error": error})


def issuer_faults(ruleset: RuleSet, at: datetime) -> Iterator[Fault]:
    """Yield what is wrong with the issuer: unknown, a root, or gone before the certificates are."""
    profile = ruleset.profile
    authority = CertificationAuthority.objects.filter(name=profile.issuer).first()
    if authority is None:
        known = CertificationAuthority.objects.exclude(issuer=None).order_by("name").values_list("name", flat=True)
        facts = {"issuer": profile.issuer, "known": ", ".join(known)}
        yield Fault("profile.issuer", _("There is no CA “%(issuer)s”. There are: %(known)s.") % facts)
    elif authority.is_root:
        yield Fault(
            "profile.issuer", _("“%(issuer)s” is a root, which certifies no subscribers.") % {"issuer": authority}
        )
    elif at + timedelta(days=profile.validity_days) > (end := authority.signs_now().not_after):
        days = {"days": profile.validity_days, "left": max((end - at).days, 0)}
        message = _("%(days)d days pass the end of the CA, which is valid for %(left)d more days.")
        yield Fault("profile.validity_days", message % days)
    elif profile.crl_shards > (shards := authority.signs_now().shards):
        message = _("The CA has %(count)d revocation lists to spread certificates over.")
        yield Fault("profile.crl_shards", message % {"count": shards})


def name_faults(ruleset: RuleSet) -> Iterator[Fault]:
    """Yield what can't be printed of the sample name."""
    values = sample_values(ruleset)
    if len(ruleset.subject) > names.MAX_PARTS:
        yield Fault("subject", _("The name has too many parts."))
    for place, part in enumerate(subject_of(ruleset, values), start=1):
        for violation in names.check_part(Part(part.type, part.value)):
            yield Fault(f"subject[{place}].value", str(violation.message))
    for address in san_email_of(ruleset, values):
        for violation in names.check_email(address):
            yield Fault("san_email", str(violation.message))


@transaction.atomic
def save_draft(
    *, target_system: TargetSystem, written: Written, actor: Actor, at: datetime, seen: str | None = None
) -> TargetSystemVersion:
    """Store a draft of rules and ask the signer for its sample certificate; raises what the rules' own service does."""
    version = target_systems.save_draft(target_system=target_system, written=written, actor=actor, at=at, seen=seen)
    if version.status == "draft":
        samples.ask(version=version, actor=actor, at=at)
    return version


@transaction.atomic
def begin_system(*, parent_service: ParentService, written: Written, actor: Actor, at: datetime) -> TargetSystemVersion:
    """Begin a target system with the draft of its first rules, and ask the signer for their sample certificate."""
    version = target_systems.begin_system(parent_service=parent_service, written=written, actor=actor, at=at)
    samples.ask(version=version, actor=actor, at=at)
    return version


@transaction.atomic
def activate(*, version: TargetSystemVersion, seen: str, actor: Actor, at: datetime) -> TargetSystemVersion:
    """Put rules that another person wrote into force; `seen` is the digest of the rules that were read.

    Raises RuleViolated with everything that the CA or the documents of the site hold against them, without a clean
    sample certificate of exactly these rules, for their own author and for rules that changed meanwhile, and Stale
    when they are no draft any more.
    """
    ruleset = version.ruleset
    faults = [*target_systems.missing_documents(ruleset, at), *faults_against_ca(ruleset, at)]
    if faults:
        raise RuleViolated([Violation(fault.place, "rules", f"{fault.place}: {fault.reason}") for fault in faults])
    if version.status == "draft":
        wanting = samples.refusals(version)
        if wanting:
            raise RuleViolated(wanting)
    return target_systems.activate(version=version, actor=actor, at=at, seen=seen)
