"""What the pages of a submitted application show: built here, so that a view stays load, one call, answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from accounts.models import User
from applications.forms.applicant import DocumentForm
from applications.models import Application
from applications.rules.deciding import GROUNDS
from applications.selectors.progress import (
    STEP_NAMES,
    business_days_left,
    certificate_of,
    open_request_of,
    standing_of,
    timeline_of,
)
from applications.selectors.succession import follows_of
from applications.services.intake import may_withdraw
from applications.views import pages
from audit.refusals import Violation
from regulations.models import Consent
from regulations.selectors import contact_point


def detail_page(application: Application, person: User) -> dict[str, Any]:
    """What the page of an application shows `person`: the applicant, or the agent who filed it for them."""
    at = timezone.now()
    standing = standing_of(application, person)
    asked = open_request_of(application)
    return {
        "application": application,
        "ruleset": application.rules.ruleset,
        "standing": standing,
        "step_names": STEP_NAMES,
        "events": timeline_of(application, standing),
        "asked": asked,
        "ground": GROUNDS.get(application.refusal_ground, application.refusal_ground),
        "asked_left": business_days_left(at, asked.due_at) if asked is not None else None,
        # Delivery is the holder's alone (O-14.2): an agent gets no way to it.
        "certificate": certificate_of(application) if application.applicant_id == person.pk else None,
        "acts_for": application.filed_by_id == person.pk,
        "uploads": pages.named_uploads(application),
        "rows": pages.certificate_rows(application),
        "contact": contact_point(at),
        "withdrawable": may_withdraw(application, person.pk),
        "follows": follows_of(application),
        "at": at,
    }


def contents_page(application: Application) -> dict[str, Any]:
    """Everything that was submitted and agreed to, as it read then (O-4.1)."""
    ruleset = application.rules.ruleset
    consents = Consent.objects.filter(story=application.story).select_related("document_version__document")
    return {
        "application": application,
        "ruleset": ruleset,
        "rules": application.rules,
        "rows": pages.certificate_rows(application),
        "answers": [(str(field.label), application.values.get(field.key, "")) for field in ruleset.fields],
        "consents": list(consents.order_by("pk")),
        "uploads": pages.named_uploads(application),
        "follows": follows_of(application),
        "at": timezone.now(),
    }


def answer_page(
    application: Application, person: User, *, text: str = "", violations: Sequence[Violation] = ()
) -> dict[str, Any]:
    """The request for more, item by item, with what was handed in since."""
    asked = open_request_of(application)
    rows = []
    for item in asked.items if asked is not None else []:
        document = pages.document_asked(application, item["key"]) if item["kind"] == "document" else None
        new = [
            upload for _label, upload in pages.named_uploads(application)
            if asked is not None and upload.key == item["key"] and upload.uploaded_at >= asked.asked_at
        ]  # fmt: skip
        errors = [str(row.message) for row in violations if row.field == item["key"]]
        form = DocumentForm(document) if document is not None else None
        rows.append({"item": item, "document": document, "form": form, "uploads": new, "errors": errors})
    faults = [pages.Fault(str(row.message), f"#document-{row.field}") for row in violations]
    answer_errors = [str(row.message) for row in violations if row.field == "answer"]
    page = detail_page(application, person) | {"rows_asked": rows, "faults": faults, "text": text}
    return page | {"answer_errors": answer_errors}
