"""What the pages of target systems show: versions, samples, and what a version would change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cryptography import x509
from django.utils.translation import get_language

from accounts.models import User
from applications.models import OPEN, Application
from applications.rules.sheet import Printed, SheetItem, printed_of, sheet_of
from audit.refusals import NotFound
from certificates.models import SampleCertificate
from certificates.reading import facts_of
from certificates.reading import text_of as certificate_text
from certificates.selectors import Content, Finding, contents_of, finding_of
from certificates.services import samples
from certificates.services.target_systems import faults_against_ca
from regulations.models import DocumentVersion, TargetSystem, TargetSystemVersion
from regulations.ruleset import Fault, RuleSet, san_email_of, subject_of
from regulations.ruleset_differences import Difference, rule_differences
from regulations.ruleset_files import to_toml
from regulations.ruleset_samples import sample_values
from regulations.ruleset_summary import Chapter, summary_of
from regulations.ruleset_words import enumerated, listed
from regulations.services.target_systems import missing_documents


@dataclass(frozen=True)
class Sample:
    """What rules would print and have examined, for made-up values, and what the CA holds against them."""

    printed: list[Printed]
    sheet: list[SheetItem]
    faults: list[Fault]


@dataclass(frozen=True)
class Built:
    """The sample certificate that the signer built by these rules: how it stands, what it says, what was found."""

    row: SampleCertificate
    contents: list[Content] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class VersionPage:
    """One version with its samples, and how it differs from the one in force or, once activated, the one before."""

    version: TargetSystemVersion
    ruleset: RuleSet
    chapters: list[Chapter]
    sample: Sample
    built: Built | None
    before: TargetSystemVersion | None
    differences: list[Difference]
    pinned: int
    may_activate: bool

    @property
    def profile_words(self) -> dict[str, str]:
        """Return kinds of keys and usages in words."""
        profile = self.ruleset.profile
        usages = [listed("key_usage", profile.key_usage), listed("extended_key_usage", profile.extended_key_usage)]
        return {"keys": listed("key_types", profile.key_types), "usages": enumerated(usages)}


def system_of(slug: str) -> TargetSystem:
    """Return the target system of this name; raises NotFound."""
    found = TargetSystem.objects.select_related("parent_service").filter(slug=slug).first()
    if found is None:
        raise NotFound
    return found


def version_of(key: UUID) -> TargetSystemVersion:
    """Return the version of this key; raises NotFound."""
    found = TargetSystemVersion.objects.select_related("target_system", "author", "activator").filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def systems_with_versions() -> list[tuple[TargetSystem, TargetSystemVersion | None, TargetSystemVersion | None]]:
    """Return every target system with the version in force and the draft of the next one."""
    versions = TargetSystemVersion.objects.filter(status__in=["draft", "in_force"])
    found = {(row.target_system_id, row.status): row for row in versions}
    systems = TargetSystem.objects.select_related("parent_service")
    return [(row, found.get((row.pk, "in_force")), found.get((row.pk, "draft"))) for row in systems]


def sample_of(ruleset: RuleSet, at: datetime) -> Sample:
    """Return certificate and sheet for sample values."""
    values = sample_values(ruleset)
    subject = [[part.type, part.value] for part in subject_of(ruleset, values)]
    printed = printed_of(ruleset, {"subject": subject, "san": {"email": san_email_of(ruleset, values)}})
    faults = [*missing_documents(ruleset, at), *faults_against_ca(ruleset, at)]
    return Sample(printed, sheet_of(ruleset, printed), faults)


def version_page(version: TargetSystemVersion, person: User, at: datetime) -> VersionPage:
    """Return what the page of a version shows to `person`."""
    others = version.target_system.versions.exclude(pk=version.pk)
    earlier = (
        others.filter(status="in_force") if version.status == "draft" else others.filter(number__lt=version.number)
    )
    before = earlier.order_by("-number").first()
    return VersionPage(
        version=version,
        ruleset=version.ruleset,
        chapters=summary_of(version.ruleset, document_titles(version.ruleset, at)),
        sample=sample_of(version.ruleset, at),
        built=built_of(version),
        before=before,
        differences=rule_differences(before.ruleset.to_dict(), version.ruleset.to_dict()) if before else [],
        pinned=Application.objects.filter(rules__target_system=version.target_system, status__in=OPEN).count(),
        may_activate=version.status == "draft"
        and version.author_id != person.pk
        and "rules_manager" in person.role_names(),
    )


def built_of(version: TargetSystemVersion) -> Built | None:
    """Return the signer's sample of exactly these rules; None when nobody asked for one."""
    row = samples.sample_of(version)
    if row is None:
        return None
    findings = [finding_of(line) for line in row.findings]
    if row.der is None:
        return Built(row, findings=findings)
    certificate = x509.load_der_x509_certificate(bytes(row.der))
    return Built(row, contents_of(certificate), facts_of(certificate), certificate_text(certificate), findings)


def document_titles(ruleset: RuleSet, at: datetime) -> dict[str, str]:
    """Return the titles of the documents to agree to, as posted at `at`, in the reader's language."""
    posted = DocumentVersion.objects.posted(at).filter(document__slug__in=ruleset.consents).order_by("posted_at")
    lang = (get_language() or "ja")[:2]
    return {row.document.slug: row.title.get(lang) or row.title["ja"] for row in posted.select_related("document")}


def text_of(version: TargetSystemVersion | None) -> str:
    """Return the rules as text: as their author wrote them, or else as they are stored."""
    if version is None:
        return ""
    return version.source or to_toml(version.ruleset.to_dict())
