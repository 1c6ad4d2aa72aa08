"""What the page of an answer shows: what is asked for, item by item, with what was written and handed in so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from applications.forms.applicant import DocumentForm
from applications.models import Application, InformationRequest, Upload
from applications.services.answering import REMARK
from applications.views import own_pages, pages
from audit.refusals import Violation

DATE_CODES = frozenset({"issue_date", "too_old"})


@dataclass(frozen=True)
class Typed:
    """What was sent and could not be used: the form's data, and what is wrong with it."""

    data: Mapping[str, Any] | None = None
    violations: Sequence[Violation] = ()

    def of(self, key: str) -> list[Violation]:
        """Return what is wrong at one item."""
        return [violation for violation in self.violations if violation.field == key]


@dataclass(frozen=True)
class WishRow:
    """One item of the request on the page."""

    key: str
    label: dict[str, str]
    note: str
    is_document: bool
    text: str
    form: DocumentForm
    uploads: list[Upload]
    errors: list[str] = field(default_factory=list)


def answer_page(
    application: Application, person: User, asked: InformationRequest, typed: Typed | None = None
) -> dict[str, Any]:
    """What the page shows `person`; `typed` is what was just sent in vain."""
    typed = typed or Typed()
    rows = [wish_row(application, asked, item, typed) for item in asked.items]
    known = {row.key for row in rows}
    places = {row.field: row.field if row.field in known else REMARK for row in typed.violations}
    faults = [pages.Fault(str(row.message), f"#document-{places[row.field]}") for row in typed.violations]
    remark_errors = [str(row.message) for row in typed.violations if row.field not in known]
    page = own_pages.detail_page(application, person) | {"rows_asked": rows, "faults": faults, "text": asked.answer}
    return page | {"answer_errors": remark_errors}


def wish_row(application: Application, asked: InformationRequest, item: dict[str, Any], typed: Typed) -> WishRow:
    """One item with its form; what is wrong with a date stands at the date, the rest at the item."""
    key = str(item["key"])
    form = DocumentForm(pages.document_asked(application, key), typed.data)
    wrong = typed.of(key)
    if typed.data is not None:
        form.is_valid()
        form.errors.clear()
    dated = [row for row in wrong if row.code in DATE_CODES and "issued_on" in form.fields]
    for row in dated:
        form.add_error("issued_on", str(row.message))
    new = [
        upload
        for _label, upload in pages.named_uploads(application)
        if upload.key == key and upload.uploaded_at >= asked.asked_at
    ]
    return WishRow(
        key=key,
        label=item["label"],
        note=str(item.get("note", "")),
        is_document=item["kind"] == "document",
        text=str(asked.answers.get(key, "")),
        form=form,
        uploads=new,
        errors=[str(row.message) for row in wrong if row not in dated],
    )
