"""Reads of the applicant's side: what is filled in, what is missing, what stands in the way."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.addresses import second_address
from accounts.models import User
from applications.models import Application, Upload
from applications.rules.filing import documents_asked
from applications.rules.intake import check_document_age, check_fields, check_pin_address, check_printed, digest_of
from applications.selectors.succession import succession_violations
from audit.refusals import Violation
from certificates import csr
from certificates.models import Certificate
from certificates.rules import KEY_BY_LRA
from certificates.services import orders
from regulations.calendar import tokyo
from regulations.models import Contract, DocumentVersion, Subscription
from regulations.register_selectors import administered_by
from regulations.ruleset import DocumentRule, RuleSet, identity_of
from regulations.ruleset_parts import PIN_BY_SECOND_MAIL
from regulations.selectors import account_values, contract_values, contracts_to_apply_under, governing_manual
from regulations.services import consents
from regulations.services.subscriptions import Subject


def own_applications(person: User) -> QuerySet[Application]:
    """The applications on whose side `person` acts; every page of the applicant's side loads through this.

    What another files for a person is theirs from the moment they are asked; before, it is the other's alone.
    """
    related = ("rules__target_system", "contract__corporation", "order__certificate__subscription", "subscription")
    shown = Q(submitted_at__isnull=False) | Q(status="waiting_consent")
    held = Q(applicant=person) & (MINE_ALONE | shown)
    filed = Q(filed_by=person, taken_over_at=None)
    mine = Application.objects.filter(held | filed).select_related("applicant", "filed_by", "previous", *related)
    return mine.prefetch_related("information_requests")


# What the applicant fills in, and nobody else for them.
MINE_ALONE = Q(filed_by=None) | Q(taken_over_at__isnull=False)


def listed_applications(person: User) -> QuerySet[Application]:
    """The same without the lines of files that `person` filed as a contract's administrator: their page lists them."""
    return own_applications(person).exclude(filed_by=person, batch__isnull=False)


def documents_of(application: Application) -> tuple[DocumentRule, ...]:
    """The documents that are asked for: with the letter of proxy where an agent applies."""
    return documents_asked(application.rules.ruleset, by_proxy=application.by_proxy)


def uploads_of(application: Application) -> list[Upload]:
    """The documents that are handed in and not taken out again, in order of arrival."""
    return list(application.uploads.filter(removed_at=None).order_by("uploaded_at", "pk"))


def prefilled(*, ruleset: RuleSet, person: User, contract: Contract | None) -> tuple[dict[str, str], dict[str, str]]:
    """What account and contract fill in: (as typed, as values); what can't be used stays to be corrected."""
    return filled_from(ruleset=ruleset, known=account_values(person), contract=contract)


def filled_from(
    *, ruleset: RuleSet, known: Mapping[str, str], contract: Contract | None
) -> tuple[dict[str, str], dict[str, str]]:
    """What is known of a person, by the source names of the rules, and what the contract fills in."""
    typed = {
        field.key: known.get(field.source.removeprefix("account."), "")
        for field in ruleset.fields
        if field.source.startswith("account.")
    }
    values, _violations = check_fields([field for field in ruleset.fields if field.key in typed], typed)
    return typed, values | from_contract(ruleset, contract)


def from_contract(ruleset: RuleSet, contract: Contract | None) -> dict[str, str]:
    """The values that are looked up in the contract (J-2)."""
    found = contract_values(contract) if contract is not None else {}
    return {
        field.key: found.get(field.source.removeprefix("contract."), "")
        for field in ruleset.fields
        if field.from_contract
    }


def key_mode_of(application: Application) -> str:
    """How the key is made: by the applicant's request where the rules allow it and one was sent."""
    modes = application.rules.ruleset.key_modes
    others = [mode for mode in modes if mode != "csr"]
    if "csr" in modes and (application.csr_der or not others):
        return "csr"
    return others[0]


def contents_digest(application: Application) -> str:
    """The digest of everything in `application` that an examiner looks at."""
    request = bytes(application.csr_der) if application.csr_der else b""
    answered = application.information_requests.exclude(answered_at=None).order_by("asked_at", "pk")
    answers = [[str(asked.pk), asked.answer, asked.answers] for asked in answered]
    follows = {
        "kind": application.kind,
        "previous": str(application.previous_id),
        "reason": [application.reason, application.reason_text],
    }
    return digest_of(
        {
            **({"answers": answers} if answers else {}),
            **(follows if application.previous_id else {}),
            **({"filed_by": str(application.filed_by_id)} if application.is_filed else {}),
            "rules": str(application.rules_id),
            "contract": str(application.contract_id or ""),
            "values": application.values,
            "csr": hashlib.sha256(request).hexdigest() if request else "",
            "documents": sorted(
                [upload.key, upload.sha256, str(upload.issued_on or "")] for upload in uploads_of(application)
            ),
        }
    )


def subject_of_application(application: Application) -> Subject:
    """Who is to hold the certificate, by the identity that the rules name."""
    ruleset = application.rules.ruleset
    return Subject(
        target_system=application.rules.target_system,
        contract=application.contract,
        holder=application.applicant,
        identity=identity_of(ruleset, application.values),
        limit=ruleset.subscriptions_per_subject,
    )


def manual_of(application: Application, at: datetime) -> DocumentVersion | None:
    """The manual that governs what is applied for, as it stands at `at`; pinned when it is received (O-12.1)."""
    procedure = "issue" if application.kind == "new" else "reissue"
    return governing_manual(procedure, at, application.rules.target_system)


def valid_certificate_of(subscription: Subscription, at: datetime) -> Certificate | None:
    """The valid certificate of `subscription`, if it has one (O-4.3.3); another one comes by reissue or renewal."""
    held = Certificate.objects.valid(at).filter(subscription=subscription).exclude(slot="past")
    return held.order_by("slot").first()


def refusals_to_submit(
    *, application: Application, ticked: Collection[str], seen: str, at: datetime
) -> list[Violation]:
    """Everything that keeps `application` from being received, each at its field (O-4.1, O-4.2, O-16.1.1)."""
    ruleset = application.rules.ruleset
    found = incomplete(application=application, at=at)
    newest = application.rules.target_system.version_in_force()
    if newest.pk != application.rules_id:
        message = _("The rules of this target system were changed meanwhile. Please go through the form again.")
        found.append(Violation(None, "rules_changed", message))
    elif seen != contents_digest(application):
        message = _("The contents changed after this page was opened. Please look at them again.")
        found.append(Violation(None, "contents_changed", message))
    return found + consents.missing(items=consents.asked_for(ruleset=ruleset, at=at), ticked=ticked)


def incomplete(*, application: Application, at: datetime) -> list[Violation]:
    """What is missing or wrong in the contents of a draft; an agent leaves the key to the applicant."""
    ruleset = application.rules.ruleset
    _values, violations = check_fields(ruleset.fields, {**application.typed, **application.values})
    violations += check_printed(ruleset, application.values)
    if key_mode_of(application) == KEY_BY_LRA:
        violations += check_pin_address(ruleset, application.values)
    violations += succession_violations(application, at) or contract_violations(application, at)
    if not (application.is_filed and application.status == "draft"):
        violations += request_violations(application) + second_address_violations(application)
    return violations + document_violations(application, at)


def second_address_violations(application: Application) -> list[Violation]:
    """Whether there is a second address for the PIN, where the rules send it there (J-5.2)."""
    by_mail = application.rules.ruleset.pin_channel == PIN_BY_SECOND_MAIL
    if not by_mail or key_mode_of(application) != KEY_BY_LRA or second_address(application.applicant):
        return []
    message = _(
        "The PIN is sent to a second mail address. Please add one under “Account”, “Mail address”, confirm it, and "
        "submit then."
    )
    return [Violation(None, "no_second_address", message)]


def contract_violations(application: Application, at: datetime) -> list[Violation]:
    """Whether the contract is in force, names the applicant, and still says what was taken over (J-2)."""
    ruleset = application.rules.ruleset
    if not ruleset.needs_contract:
        return []
    target_system = application.rules.target_system
    if application.batch_id is not None and application.is_filed:
        return batch_contract_violations(application, at)
    contracts = contracts_to_apply_under(
        person=application.applicant, target_system=target_system, applicants=ruleset.applicants, at=at
    )
    if application.contract is None or not contracts.filter(pk=application.contract.pk).exists():
        message = _("The contract is no longer in force, or no longer names you as an authorised person.")
        if ruleset.applicants == "member":
            message = _("The contract is no longer in force, or no longer names you.")
        return [Violation(None, "contract", message)]
    return looked_up_violations(application)


def batch_contract_violations(application: Application, at: datetime) -> list[Violation]:
    """The same for a line of a file: its administrator applies for people whom the contract need not name."""
    person, contract = application.filed_by, application.contract
    contracts = Contract.objects.in_force(at).filter(pk__in=administered_by(person).values("pk")) if person else None
    if contract is None or contracts is None or not contracts.filter(pk=contract.pk).exists():
        message = _("The contract is no longer in force, or its administrator is another person now.")
        return [Violation(None, "contract", message)]
    return looked_up_violations(application)


def looked_up_violations(application: Application) -> list[Violation]:
    """Whether the contract still says what was taken over from it."""
    ruleset = application.rules.ruleset
    looked_up = from_contract(ruleset, application.contract)
    if any(application.values.get(key) != value for key, value in looked_up.items()):
        message = _("The data of your contract changed meanwhile. Please start a new application.")
        return [Violation(None, "contract_changed", message)]
    return contract_lacks(ruleset, application.contract)


def contract_lacks(ruleset: RuleSet, contract: Contract | None) -> list[Violation]:
    """What the rules take from a contract that does not say it."""
    looked_up = from_contract(ruleset, contract)
    lacking = [ruleset.field(key) for key, value in looked_up.items() if not value and ruleset.field(key).required]
    message = _("“%(label)s” is missing in the data of your contract. Please ask the call center.")
    return [Violation(field.key, "contract_lacks", message % {"label": field.label}) for field in lacking]


def request_violations(application: Application) -> list[Violation]:
    """Whether there is a usable certificate signing request where the rules want one."""
    if key_mode_of(application) != "csr":
        return []
    if not application.csr_der:
        message = _("Please paste or choose your certificate signing request (CSR).")
        return [Violation("csr", "required", message)]
    facts = csr.read(bytes(application.csr_der), key_types=application.rules.ruleset.profile.key_types)
    return key_violations(application, facts.spki_digest)


def key_violations(application: Application, spki_digest: str) -> list[Violation]:
    """Why the key with this digest can't be certified: it is blocked, or a reissue or renewal needs a new one."""
    found = list(orders.key_violations(spki_digest))
    if not found and application.kind != "new" and Certificate.objects.filter(public_key_sha256=spki_digest).exists():
        message = _("A certificate was issued for this key before. Please make a new key and a new request.")
        found.append(Violation("csr", "key_used", message))
    return found


def document_violations(application: Application, at: datetime) -> list[Violation]:
    """Documents that are missing or too old."""
    found = []
    uploads = uploads_of(application)
    for document in documents_of(application):
        handed_in = [upload for upload in uploads if upload.key == document.key]
        if document.required and not handed_in:
            message = _("“%(label)s” is missing. Please add it.") % {"label": document.label}
            found.append(Violation(document.key, "document_missing", message))
        ages = [check_document_age(document, upload.issued_on, tokyo(at).date()) for upload in handed_in]
        found += [violation for violation in ages if violation is not None]
    return found
