"""Sample certificates of drafts of rules: built and linted like real ones, for made-up values (O-1.3, O-1.1).

The subject's key and the signing key are thrown away; the CA's own key is never touched. One certificate is built for
each kind of key that the profile allows, because a usage may fit one kind and not another.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

import structlog
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction

from audit.actors import Actor
from certificates import rules
from certificates.models import CertificationAuthority, SampleCertificate
from certificates.names import Part
from certificates.profiles import CertificateProfile
from certificates.services import samples
from certificates.worker import authorities, clock, keys, linting, serials
from certificates.worker.building import Plan
from regulations.ruleset import RuleSet, san_email_of, subject_of
from regulations.ruleset_samples import sample_values

log = structlog.get_logger(__name__)
BUILDER: Final = Actor.system("samples")
# A task ends in time for orders that came meanwhile; the next nudge or sweep goes on.
MOST: Final = 5


def build_waiting() -> int:
    """Build the samples that wait, up to a few; returns how many. Workers never take the same one."""
    built = 0
    while built < MOST and build_next():
        built += 1
    return built


@transaction.atomic
def build_next() -> bool:
    """Build the sample that has waited longest; False when none waits. Whatever is wrong becomes a finding."""
    waiting = SampleCertificate.objects.filter(status="waiting").order_by("asked_at")
    row = waiting.select_for_update(skip_locked=True).first()
    if row is None:
        return False
    at = clock.database_now()
    try:
        der, findings = built_by(row.rules, at)
    except (ValueError, KeyError, TypeError) as error:
        log.warning("sample not built", sample=str(row.pk), reason=type(error).__name__)
        der, findings = None, [f"lra.build: {error}"]
    samples.keep(sample=row, der=der, findings=findings, actor=BUILDER, at=at)
    return True


def built_by(data: Mapping[str, Any], at: datetime) -> tuple[bytes | None, list[str]]:
    """Return the first sample certificate by these rules, and what is held against it and those of other keys."""
    ruleset = RuleSet.parse(data)
    profile = CertificateProfile.parse(ruleset.to_dict()["profile"])
    authority = CertificationAuthority.objects.exclude(issuer=None).filter(name=profile.issuer).first()
    if authority is None:
        return None, [f"lra.issuer: there is no issuing CA “{profile.issuer}”"]
    der: bytes | None = None
    findings: list[str] = []
    for key_type in used_keys(profile):
        try:
            copy, found = linting.sample(plan_of(ruleset, profile, authority, key_type, at))
        except ValueError as error:
            findings.append(f"lra.build: {error} [{key_type}]")
            continue
        der = der or copy.public_bytes(Encoding.DER)
        findings += [f"{line} [{key_type}]" for line in found]
    return der, findings


def used_keys(profile: CertificateProfile) -> list[str]:
    """Return the kinds of keys that the profile allows, the one that the LRA makes first."""
    return sorted(profile.key_types, key=lambda kind: kind != profile.lra_key_type)


def plan_of(
    ruleset: RuleSet, profile: CertificateProfile, authority: CertificationAuthority, key_type: str, at: datetime
) -> Plan:
    """Return what a certificate by these rules would say for the sample values."""
    values = sample_values(ruleset)
    begin, end = rules.validity(profile, at=at, valid_until=None, issuer_ends=authority.not_after)
    return Plan(
        serial=serials.new_serial(),
        issuer=authorities.issuer_of(authority),
        subject=tuple(Part(part.type, part.value) for part in subject_of(ruleset, values)),
        emails=tuple(san_email_of(ruleset, values)),
        spki=_throw_away_spki(key_type),
        profile=profile,
        not_before=begin,
        not_after=end,
    )


@cache
def _throw_away_spki(key_type: str) -> bytes:
    """Return a public key of this kind whose private half is forgotten at once; the same one for a whole process."""
    key: CertificatePublicKeyTypes
    if key_type == "ed25519":
        key = ed25519.Ed25519PrivateKey.generate().public_key()
    elif key_type == "mldsa65":
        key = mldsa.MLDSA65PrivateKey.generate().public_key()
    else:
        key = keys.generate(key_type).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
