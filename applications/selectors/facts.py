"""What stands behind the findings about one application, read at one instant."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from applications.models import Application, Upload
from applications.rules.findings import DocumentFact, Facts, Finding, findings_of
from applications.rules.sheet import Watched
from applications.selectors.watching import watched_in
from certificates import csr
from certificates.models import BlockedKey, Certificate
from regulations.calendar import tokyo
from regulations.models import Contract
from regulations.ruleset import LocalText, RuleSet
from regulations.text import TextError, clean


def findings_about(application: Application, at: datetime, watched: Sequence[Watched] | None = None) -> list[Finding]:
    """Return what the system finds about `application` at `at`; nothing is remembered between two looks.

    `watched` are its names on the watch list where the caller knows them already.
    """
    found = watched_in(application) if watched is None else watched
    return findings_of(facts_of(application, at, [entry for entry in found if entry.current and entry.where]))


def facts_of(application: Application, at: datetime, watched: Sequence[Watched]) -> Facts:
    """Return the facts of an application that was submitted."""
    ruleset = application.rules.ruleset
    digest = _key_digest(application)
    contract = application.contract
    return Facts(
        today=tokyo(at).date(),
        held=held_by_subject(application, at),
        held_allowed=ruleset.subscriptions_per_subject - 1,
        contract_needed=ruleset.needs_contract,
        contract_number=contract.number if contract else "",
        contract_in_force=contract is not None and Contract.objects.in_force(at).filter(pk=contract.pk).exists(),
        contract_ends_at=contract.ends_at if contract else None,
        documents=_documents(application, ruleset),
        missing_documents=_missing(application, ruleset),
        key_given=bool(digest),
        key_used=bool(digest) and Certificate.objects.filter(public_key_sha256=digest).exists(),
        key_blocked=bool(digest) and BlockedKey.objects.filter(pk=digest).exists(),
        mixed=_mixed(application, ruleset),
        watched=watched,
    )


def held_by_subject(application: Application, at: datetime) -> list[str]:
    """Return the management numbers of the valid certificates of the same subject, without what is replaced."""
    subscription = application.subscription
    if subscription is None:
        return []
    held = Certificate.objects.valid(at).filter(
        subscription__target_system=subscription.target_system_id,
        subscription__subject_key=subscription.subject_key,
    )
    if application.order is not None and application.order.replaces_id is not None:
        held = held.exclude(pk=application.order.replaces_id)
    return list(held.order_by("management_number").values_list("management_number", flat=True))


def involved_in(application: Application) -> set[UUID]:
    """Return everybody on the applicant's side, none of whom may handle the application."""
    people = {application.applicant_id}
    if application.order is not None:
        sides = application.order.approvals.filter(role="applicant")
        people |= set(sides.values_list("person_id", flat=True))
    return people


def kept_uploads(application: Application) -> list[Upload]:
    """Return the documents that stand, in the order in which they were handed in."""
    return list(application.uploads.filter(removed_at=None).order_by("uploaded_at", "pk").prefetch_related("pages"))


def _key_digest(application: Application) -> str:
    if not application.csr_der:
        return ""
    key = csr.public_key(bytes(application.csr_der))
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _documents(application: Application, ruleset: RuleSet) -> list[DocumentFact]:
    rules = {rule.key: rule for rule in ruleset.documents}
    facts: list[tuple[LocalText, date | None, int]] = [
        (rules[upload.key].label, upload.issued_on, rules[upload.key].max_age_days)
        for upload in kept_uploads(application)
        if upload.key in rules
    ]
    return [DocumentFact(*fact) for fact in facts]


def _missing(application: Application, ruleset: RuleSet) -> list[LocalText]:
    there = set(application.uploads.filter(removed_at=None).values_list("key", flat=True))
    return [rule.label for rule in ruleset.documents if rule.required and rule.key not in there]


def _mixed(application: Application, ruleset: RuleSet) -> list[LocalText]:
    found = []
    for field in ruleset.fields:
        try:
            clean(str(application.values.get(field.key, "")))
        except TextError:
            found.append(field.label)
    return found
