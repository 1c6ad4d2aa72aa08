"""What stands behind the findings about one application, read at one instant."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from applications.models import Application, ChangeNotice, Upload
from applications.rules.findings import DocumentFact, Facts, Finding, KeyFact, NameFact, findings_of
from applications.rules.masking import MASKED_KEYS
from applications.rules.sheet import Watched
from applications.selectors.intake import documents_of
from applications.selectors.rivals import open_with_key, rivals_of
from applications.selectors.watching import watched_in
from audit.refusals import RuleViolated
from certificates import csr
from certificates.models import BlockedKey, Certificate, CertificateQuerySet
from regulations.calendar import tokyo
from regulations.ruleset import DocumentRule, Field, RuleSet
from regulations.text import TextError, clean, look_alikes


def findings_about(application: Application, at: datetime, watched: Sequence[Watched] | None = None) -> list[Finding]:
    """Return what the system finds about `application` at `at`; nothing is remembered between two looks.

    `watched` are its names on the watch list where the caller knows them already.
    """
    found = watched_in(application) if watched is None else watched
    return findings_of(facts_of(application, at, [entry for entry in found if entry.current and entry.where]))


def facts_of(application: Application, at: datetime, watched: Sequence[Watched]) -> Facts:
    """Return the facts of an application that was submitted."""
    ruleset = application.rules.ruleset
    contract = application.contract
    uploads, asked = kept_uploads(application), documents_of(application)
    return Facts(
        today=tokyo(at).date(),
        held=held_by_subject(application, at),
        held_allowed=ruleset.subscriptions_per_subject - 1,
        contract_needed=ruleset.needs_contract,
        contract_number=contract.number if contract else "",
        contract_in_force=contract is not None and contract.is_in_force(at),
        contract_ends_at=contract.ends_at if contract else None,
        documents=_documents(uploads, asked),
        missing_documents=_missing(uploads, asked),
        key=_key(application, ruleset),
        names=_names(application, ruleset),
        watched=watched,
        rivals=rivals_of(application),
        allowed=ruleset.override,
        overridden=overridden_in(application),
    )


def overridden_in(application: Application) -> dict[tuple[str, str], str]:
    """Return what was overridden with which reason, as far as the contents are still those that were looked at."""
    if application.order is None:
        return {}
    rows = sorted(application.overrides.all(), key=lambda row: (row.at, row.pk))
    return {(row.code, row.about): row.reason for row in rows if row.digest == application.order.digest}


def held_by_subject(application: Application, at: datetime) -> list[str]:
    """Return the management numbers of the valid certificates of the same subject, without what is replaced.

    Nor does that count which a renewal follows or has followed: it stays until its end (O-18.2). What was issued
    after the decision, its own certificate first of all, speaks against no case that was decided.
    """
    subscription = application.subscription
    if subscription is None:
        return []
    held = Certificate.objects.valid(at).filter(
        subscription__target_system=subscription.target_system_id,
        subscription__subject_key=subscription.subject_key,
    )
    held = before_decision(held.exclude(slot="past"), application)
    if application.previous_id is not None:
        held = held.exclude(pk=application.previous_id)
    return list(held.order_by("management_number").values_list("management_number", flat=True))


def before_decision(certificates: CertificateQuerySet, application: Application) -> CertificateQuerySet:
    """Return those of `certificates` that were there when `application` was decided; all while it is open."""
    if application.decided_at is None:
        return certificates
    return certificates.filter(issued_at__lte=application.decided_at)


def involved_in(application: Application) -> set[UUID]:
    """Return everybody on the applicant's side, none of whom may handle the application."""
    people = {application.applicant_id, *filter(None, [application.filed_by_id])}
    if application.order is not None:
        sides = application.order.approvals.filter(role="applicant")
        people |= set(sides.values_list("person_id", flat=True))
    return people


def side_of(notice: ChangeNotice) -> set[UUID]:
    """Everybody on the holder's side, none of whom handles the notice: the holder, and whoever applied for them."""
    rows = Application.objects.filter(order=notice.certificate.order_id).select_related("order")
    application = rows.first()
    return {notice.person_id} | (involved_in(application) if application is not None else set())


def kept_uploads(application: Application) -> list[Upload]:
    """Return the documents that stand, in the order in which they were handed in."""
    rows = (upload for upload in application.uploads.all() if upload.removed_at is None)
    return sorted(rows, key=lambda upload: (upload.uploaded_at, upload.pk))


def _key(application: Application, ruleset: RuleSet) -> KeyFact | None:
    if not application.csr_der:
        return None
    try:
        digest = csr.read(bytes(application.csr_der), key_types=ruleset.profile.key_types).spki_digest
    except RuleViolated as refused:
        return KeyFact(unfit=refused.violations[0].message)
    return KeyFact(
        used=before_decision(Certificate.objects.filter(public_key_sha256=digest), application).exists(),
        blocked=BlockedKey.objects.filter(pk=digest).exists(),
        elsewhere=open_with_key(application, digest),
    )


def _documents(uploads: Sequence[Upload], asked: Sequence[DocumentRule]) -> list[DocumentFact]:
    """Of each kind the newest document counts: what was handed in later takes the place of what was too old."""
    rules = {rule.key: rule for rule in asked}
    newest = {upload.key: upload for upload in sorted(uploads, key=lambda upload: upload.issued_on or date.min)}
    return [
        DocumentFact(rules[key].label, upload.issued_on, rules[key].max_age_days, key)
        for key, upload in newest.items()
        if key in rules
    ]


def _missing(uploads: Sequence[Upload], asked: Sequence[DocumentRule]) -> list[DocumentFact]:
    there = {upload.key for upload in uploads}
    return [
        DocumentFact(rule.label, None, rule.max_age_days, rule.key)
        for rule in asked
        if rule.required and rule.key not in there
    ]


def _names(application: Application, ruleset: RuleSet) -> list[NameFact]:
    found = []
    for field in ruleset.fields:
        value = str(application.values.get(field.key, ""))
        try:
            clean(value)
        except TextError as error:
            found.append(NameFact(field.label, field.key, error.message))
            continue
        if field.kind == "text" and field.key not in MASKED_KEYS:
            found += [_alike(field, *alike) for alike in look_alikes(value)[:1]]
    return found


def _alike(field: Field, place: int, letter: str) -> NameFact:
    message = _("Letter %(place)d, “%(letter)s”, looks like one of its neighbours' script. Please compare it closely.")
    return NameFact(field.label, field.key, message % {"place": place, "letter": letter}, doubtful=True)
