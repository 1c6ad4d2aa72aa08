"""What the pages of the form show: built here, so that a view stays load, one call, answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.forms.applicant import DocumentForm, RequestForm, StepForm, anchor_of
from applications.models import Application, InformationRequest, Upload
from applications.rules import uploads as upload_rules
from applications.rules.intake import STEPS, PrintedRow, fields_of, printed_rows, step_of
from applications.rules.kinds import REASONS, REISSUE
from applications.selectors.intake import (
    contents_digest,
    document_violations,
    documents_of,
    incomplete,
    manual_of,
    uploads_of,
)
from applications.selectors.succession import fixed_values
from audit.refusals import Refused, RuleViolated, Violation
from regulations.models import DocumentVersion
from regulations.ruleset import DocumentRule, LocalText
from regulations.selectors import business_calendar
from regulations.services import consents

STEP_TITLES = {
    "applicant": gettext_lazy("Fill in the company and the applicant"),
    "certificate": gettext_lazy("Fill in what the certificate will say"),
    "documents": gettext_lazy("Add the documents"),
    "confirm": gettext_lazy("Check, agree and submit"),
}
STEP_NAMES = (
    gettext_lazy("What to apply for"),
    gettext_lazy("Company and applicant"),
    gettext_lazy("Contents of the certificate"),
    gettext_lazy("Documents"),
    gettext_lazy("Check, agree, submit"),
)


@dataclass(frozen=True)
class ConsentBox:
    """One box of the consent page."""

    id: str
    title: str
    version: str
    posted_at: datetime | None
    digest: str
    url: str
    key: str
    label: str
    changed: str
    checked: bool
    error: str


@dataclass(frozen=True)
class Fault:
    """One line of the summary of what is wrong, with the way to put it right."""

    message: str
    url: str


def frame(application: Application, step: str) -> dict[str, Any]:
    """What every step shows."""
    ruleset = application.rules.ruleset
    return {
        "application": application,
        "ruleset": ruleset,
        "step": step,
        "title": title_of(application, step),
        "step_names": step_names(application),
        "step_number": STEPS.index(step) + 2,
        "here": heading_of(application),
    }


def step_names(application: Application) -> tuple[str, ...]:
    """What the steps are called: the first one was to choose what to apply for, or what to go on from."""
    first = STEP_NAMES[0] if application.previous is None else application.kind_word
    second = STEP_NAMES[1] if application.rules.ruleset.group("company") else _("Applicant")
    return tuple(str(name) for name in (first, second, *STEP_NAMES[2:]))


def heading_of(application: Application) -> str:
    """What an application is, in the line of where one is: its kind, what it follows, what it is for."""
    facts = {"name": str(application.rules.ruleset.name)}
    if application.previous is None:
        return _("New application (%(name)s)") % facts
    facts["number"] = application.previous.management_number
    if application.kind == REISSUE:
        return _("Reissue of %(number)s (%(name)s)") % facts
    return _("Renewal of %(number)s (%(name)s)") % facts


def title_of(application: Application, step: str) -> str:
    """What is to be done in a step."""
    if step == "confirm" and application.is_filed:
        return _("Check it, and ask the applicant to confirm")
    if step == "applicant" and not application.rules.ruleset.group("company"):
        return _("Fill in who applies")
    return str(STEP_TITLES[step])


def neighbour(step: str, direction: str) -> str:
    """The step before or behind `step`."""
    place = STEPS.index(step) + (-1 if direction == "back" else 1)
    return STEPS[max(place, 0)]


def step_page(application: Application, step: str, form: StepForm, request_form: RequestForm | None) -> dict[str, Any]:
    """A step that asks for text, with what the certificate will say beside it."""
    ruleset = application.rules.ruleset
    looked_up = [
        (str(field.label), application.values.get(field.key, ""))
        for field in fields_of(ruleset, step)
        if field.from_contract
    ]
    typed = form.typed() if form.is_bound else application.typed
    rows = printed_rows(ruleset, application.values, faulty=list(form.errors), typed=typed)
    fixed = fixed_values(application)
    kept = [(str(field.label), fixed[field.key]) for field in fields_of(ruleset, step) if field.key in fixed]
    page = {"form": form, "request_form": request_form, "looked_up": looked_up, "faults": faults_at(form, request_form)}
    return frame(application, step) | page | {"kept": kept, "rows": [*rows, validity_row(application)]}


def faults_at(form: StepForm, request_form: RequestForm | None) -> list[Fault]:
    """What is wrong in the fields of a step, in their order, with the way to each."""
    at_fields = [
        Fault(f"{bound.label}: {bound.errors[0]}", f"#{anchor_of(bound)}")
        for bound in [*form, *(request_form or [])]
        if bound.errors
    ]
    return [Fault(str(message), "") for message in form.non_field_errors()] + at_fields


def validity_row(application: Application) -> PrintedRow:
    """The certificate's period: never past the end of the contract (O-18.1)."""
    days = application.rules.ruleset.profile.validity_days
    label, contract = _("Validity"), application.contract
    if contract is None or contract.last_day is None:
        return PrintedRow(label, "", _("%(days)d days from issue") % {"days": days})
    value = _("from issue, to %(day)s at most") % {"day": contract.last_day.isoformat()}
    return PrintedRow(label, "", value, _("%(days)d days, and never past the contract's end") % {"days": days})


def certificate_rows(application: Application) -> list[PrintedRow]:
    """What the certificate of `application` will say."""
    return [*printed_rows(application.rules.ruleset, application.values), validity_row(application)]


def documents_page(
    application: Application, *, missing: Sequence[Violation] = (), bound: DocumentForm | None = None
) -> dict[str, Any]:
    """The step of the documents: each that the rules name, with what was handed in for it."""
    uploads = uploads_of(application)
    rows = []
    for document in documents_of(application):
        form = bound if bound is not None and bound.document == document else DocumentForm(document)
        handed_in = [upload for upload in uploads if upload.key == document.key]
        errors = [str(row.message) for row in missing if row.field == document.key]
        rows.append({"document": document, "form": form, "uploads": handed_in, "errors": errors})
    faults = [Fault(str(row.message), f"#document-{row.field}") for row in missing]
    return frame(application, "documents") | {"rows": rows, "faults": faults}


def missing_documents(application: Application) -> list[Violation]:
    """Documents that are still missing or too old."""
    return document_violations(application, timezone.now())


def document_asked(application: Application, key: str) -> DocumentRule:
    """The rule for the document `key`: of the rules, or of the request that is open. Raises RuleViolated."""
    for document in documents_of(application):
        if document.key == key:
            return document
    for item in open_items(application):
        if item["key"] == key:
            return DocumentRule(key, LocalText(**item["label"]), LocalText("", ""), required=True, max_age_days=0)
    raise RuleViolated([Violation(None, "not_asked", _("This document is not asked for."))])


def open_items(application: Application) -> list[dict[str, Any]]:
    """What the open request asks for; nothing without one."""
    asked = InformationRequest.objects.filter(application=application, answered_at=None).first()
    return list(asked.items) if asked is not None else []


def sent_document(
    request: HttpRequest, application: Application, key: str
) -> tuple[upload_rules.CheckedFile, date | None]:
    """The file and day of issue that were sent for the document `key`. Raises RuleViolated."""
    return file_sent(request, DocumentForm(document_asked(application, key), request.POST, request.FILES))


def file_sent(request: HttpRequest, form: DocumentForm) -> tuple[upload_rules.CheckedFile, date | None]:
    """The file and day of issue that the form of a document brought. Raises RuleViolated, each fault at its place."""
    key = form.document.key
    form.is_valid()
    if "issued_on" in form.errors:
        raise RuleViolated([Violation(key, "issue_date", str(form.errors["issued_on"][0]))])
    name = f"{key}-file"
    if name in getattr(request, "files_too_large", set()):
        raise upload_rules.refusal(key, "too_large", _("your file"))
    file = request.FILES.get(name)
    if file is None:
        raise RuleViolated([Violation(key, "no_file", _("Please choose a file."))])
    checked = upload_rules.check(name=file.name or "", data=file.read(), field=key)
    return checked, form.cleaned_data.get("issued_on")


def after_upload(application: Application) -> str:
    """Where one goes on after a document came or went."""
    if application.status == "draft":
        return reverse("applications:step", args=[application.pk, "documents"])
    return reverse("applications:answer", args=[application.pk])


def confirm_page(
    application: Application, *, ticked: Collection[str] = (), refused: Refused | None = None
) -> dict[str, Any]:
    """The last step: what will be printed, what is agreed to, what is still missing."""
    at = timezone.now()
    ruleset = application.rules.ruleset
    violations = refused.violations if isinstance(refused, RuleViolated) else incomplete(application=application, at=at)
    items = consents.asked_for(ruleset=ruleset, at=at)
    boxes = consent_boxes(items, ticked, violations)
    page = {
        "follows": application.previous,
        "reason": REASONS[application.reason].label if application.reason in REASONS else "",
        "rows": certificate_rows(application),
        "answers": [(str(field.label), application.values.get(field.key, "")) for field in ruleset.fields],
        "uploads": named_uploads(application),
        "boxes": boxes,
        "faults": [fault_of(application, row, boxes) for row in violations],
        "tried": refused is not None,
        "suspended": refused if refused is not None and not isinstance(refused, RuleViolated) else None,
        "seen": contents_digest(application),
        "manual": manual_of(application, at),
        "result_by": business_calendar().due(at, business_days=ruleset.promised_days),
    }
    return frame(application, "confirm") | page


def consent_boxes(
    items: Sequence[consents.ConsentItem], ticked: Collection[str], violations: Sequence[Violation]
) -> list[ConsentBox]:
    """The boxes of the page, ticked as they were left, each with its error."""
    declarations = [item.key for item in items if item.version is None]
    boxes = []
    for number, item in enumerate(items, start=1):
        title = item.title if item.version is not None else _("Declaration")
        if item.version is None and len(declarations) > 1:
            title = _("Declaration %(number)d") % {"number": declarations.index(item.key) + 1}
        boxes.append(consent_box(item, f"k{number}", title, ticked, violations))
    return boxes


def consent_box(
    item: consents.ConsentItem, box_id: str, title: str, ticked: Collection[str], violations: Sequence[Violation]
) -> ConsentBox:
    """One box; what changed in a document is told where it was revised while the form was open."""
    version = item.version
    errors = [row for row in violations if row.field == item.item]
    revised = version is not None and any(row.code == "document_revised" for row in errors)
    return ConsentBox(
        id=box_id,
        title=title,
        version=version.version if version is not None else "",
        posted_at=version.posted_at if version is not None else None,
        digest=(version.external_sha256 or version.sha256) if version is not None else "",
        url=document_url(version) if version is not None else "",
        key=item.key,
        label=item.wording,
        changed=str(LocalText(**version.what_changed)) if revised and version and version.what_changed else "",
        checked=item.key in ticked,
        error=str(errors[0].message) if errors else "",
    )


def document_url(version: DocumentVersion) -> str:
    """Where the version can be read: on the service site, by its stable address."""
    return reverse("repository:document_version", args=[version.document.slug, version.version])


def fault_of(application: Application, violation: Violation, boxes: Sequence[ConsentBox]) -> Fault:
    """One line of the summary; its link leads to the box on this page, or to the step where it is put right."""
    for box in boxes:
        if violation.field and box.key.startswith(f"{violation.field}:"):
            return Fault(str(violation.message), f"#{box.id}")
    if violation.code == "open_application":
        return Fault(str(violation.message), reverse("applications:list"))
    if violation.code == "valid_certificate":
        return Fault(str(violation.message), reverse("certificates:list"))
    step = step_of(application.rules.ruleset, violation.field)
    if application.status == "waiting_consent":  # nothing is changed here but the applicant's own key
        return Fault(str(violation.message), "#id_csr" if violation.field == "csr" else "")
    labels = {field.key: str(field.label) for field in application.rules.ruleset.fields}
    label = labels.get(violation.field or "", "")
    message = f"{label}: {violation.message}" if label else str(violation.message)
    return Fault(message, "" if step == "confirm" else reverse("applications:step", args=[application.pk, step]))


def request_form_of(application: Application) -> RequestForm:
    """The form for a signing request, with what was pasted so far."""
    return RequestForm(initial={"csr": application.typed.get("csr", "")})


def named_uploads(application: Application) -> list[tuple[str, Upload]]:
    """The documents handed in, each with its name in the rules."""
    labels = {document.key: str(document.label) for document in application.rules.ruleset.documents}
    for asked in application.information_requests.all():
        labels |= {item["key"]: str(LocalText(**item["label"])) for item in asked.items if item["key"] not in labels}
    return [(labels.get(upload.key, upload.file_name or upload.key), upload) for upload in uploads_of(application)]


def attachment(name: str) -> str:
    """The header that makes a browser save a file under `name`."""
    return f"attachment; filename*=UTF-8''{quote(name)}"
