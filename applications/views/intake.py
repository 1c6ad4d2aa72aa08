"""The form in steps: filling in, uploading, the certificate's preview, consenting and submitting."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from applications.forms.applicant import DocumentForm, RequestForm, StepForm, initial_of
from applications.models import Application, Upload
from applications.rules import uploads as upload_rules
from applications.rules.intake import STEPS, check_fields, check_printed, printed_rows
from applications.selectors.intake import documents_of, own_applications, request_violations
from applications.selectors.progress import open_request_of
from applications.selectors.succession import asked_in
from applications.services import intake, uploads
from applications.views import pages
from applications.views.answer_page import Typed, answer_page
from audit.acts import Act
from audit.refusals import Refused, RuleViolated, Suspended, Violation
from audit.services import record_refusal


def own_application(request: HttpRequest, application_id: UUID) -> Application:
    """The visitor's own application; anything else is absent (404)."""
    return get_object_or_404(own_applications(person_of(request)), pk=application_id)


def note_refusal(request: HttpRequest, refused: Refused, act: Act) -> None:
    """Record what a page shows instead of the refusal's own page."""
    record_refusal(refused=refused, act=act, actor=actor_of(request), at=timezone.now(), where=request.path)


@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, application_id: UUID, step: str) -> HttpResponse:
    """One step of the form. A POST keeps everything that was typed, then goes on or shows what to mend."""
    application = own_application(request, application_id)
    if step not in STEPS:
        raise Http404
    if application.status != "draft" or application.editor_id != person_of(request).pk:
        return redirect("applications:detail", application.pk)
    application = intake.take_up_rules(application=application, actor=actor_of(request), at=timezone.now())
    if step == "confirm":
        template = "applications/present.html" if application.is_filed else "applications/confirm.html"
        return render(request, template, pages.confirm_page(application))
    if step == "documents":
        return documents(request, application)
    return fill_in(request, application, step)


def fill_in(request: HttpRequest, application: Application, step: str) -> HttpResponse:
    """The steps that ask for text."""
    ruleset = application.rules.ruleset
    asked = asked_in(application, step)
    initial = initial_of(asked, application.typed, application.values)
    form = StepForm(asked, request.POST if request.method == "POST" else None, initial=initial)
    wants_request = step == "certificate" and "csr" in ruleset.key_modes and not application.is_filed
    if request.method != "POST":
        request_form = pages.request_form_of(application) if wants_request else None
        return render(request, "applications/step.html", pages.step_page(application, step, form, request_form))
    actor, at = actor_of(request), timezone.now()
    typed = request.POST.dict() | form.typed()
    violations = intake.save_step(application=application, step=step, typed=typed, actor=actor, at=at)
    form.mark(violations)
    request_form = keep_request(request, application) if wants_request else None
    wrong = violations or (request_form is not None and request_form.errors)
    if request.POST.get("go") == "back" or not wrong:
        tell_changes(request, form, application)
        return redirect("applications:step", application.pk, pages.neighbour(step, request.POST.get("go", "next")))
    page = pages.step_page(application, step, form, request_form)
    return render(request, "applications/step.html", page, status=422)


def keep_request(request: HttpRequest, application: Application) -> RequestForm:
    """Store the signing request that was pasted or chosen; the form comes back marked."""
    form = RequestForm(request.POST, request.FILES)
    form.is_valid()
    form.errors.clear()
    chosen = request.FILES.get("csr_file")
    pasted = request.POST.get("csr", "")
    data = chosen.read() if chosen is not None else pasted.encode()
    if data.strip():
        violations = intake.save_request(application=application, data=data, actor=actor_of(request), at=timezone.now())
        if violations:
            note_refusal(request, RuleViolated(violations), Act.APPLICATION_EDIT)
    else:
        violations = request_violations(application)
    for violation in violations:
        form.add_error("csr", str(violation.message))
    return form


def tell_changes(request: HttpRequest, form: StepForm, application: Application) -> None:
    """Say what was stored in another spelling than it was typed, so that nobody is surprised later."""
    for key, typed in form.typed().items():
        stored = application.values.get(key, "")
        if stored and stored != typed.strip() and key not in form.errors:
            text = _("“%(label)s” was stored as “%(stored)s”.")
            messages.info(request, text % {"label": form.fields[key].label, "stored": stored})


@require_POST
def preview(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """What the certificate would say with the letters as they stand in the form now; nothing is stored."""
    application = own_application(request, application_id)
    ruleset = application.rules.ruleset
    asked = asked_in(application, "certificate")
    typed = {field.key: request.POST.get(field.key, "") for field in asked}
    values, violations = check_fields(asked, typed)
    merged = {key: value for key, value in application.values.items() if key not in typed} | values
    violations += check_printed(ruleset, merged)
    faulty = {row.field for row in violations if typed.get(row.field or "")}
    rows = printed_rows(ruleset, merged, faulty=faulty, typed=typed)
    return render(request, "applications/_cert.html", {"rows": [*rows, pages.validity_row(application)]})


def documents(request: HttpRequest, application: Application) -> HttpResponse:
    """The step of the documents; a POST goes on, or says which are missing."""
    missing: list[Violation] = []
    if request.method == "POST":
        if request.POST.get("go") == "back":
            return redirect("applications:step", application.pk, "certificate")
        missing = pages.missing_documents(application)
        if not missing:
            return redirect("applications:step", application.pk, "confirm")
    page = pages.documents_page(application, missing=missing)
    return render(request, "applications/documents.html", page, status=422 if missing else 200)


@require_POST
def upload(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Take one document in; what can't be accepted is said at its place, and the other documents stay."""
    application = own_application(request, application_id)
    key = request.POST.get("document", "")
    back = pages.after_upload(application)
    try:
        file, issued_on = pages.sent_document(request, application, key)
        uploads.add(
            application=application,
            key=key,
            file=file,
            issued_on=issued_on,
            actor=actor_of(request),
            at=timezone.now(),
        )
    except RuleViolated as refused:
        note_refusal(request, refused, Act.APPLICATION_UPLOAD)
        return upload_refused(request, application, key, refused.violations)
    return redirect(back)


def upload_refused(
    request: HttpRequest, application: Application, key: str, violations: Sequence[Violation]
) -> HttpResponse:
    """The page of the documents with the reason at the document's place; the typed day of issue stays."""
    if application.status != "draft":
        return answer_refused(request, application, violations)
    rules = {document.key: document for document in documents_of(application)}
    bound = DocumentForm(rules[key], request.POST) if key in rules else None
    if bound is not None:
        bound.is_valid()
        bound.errors.clear()
        for violation in violations:
            place = "issued_on" if violation.code in ("issue_date", "too_old") else "file"
            bound.add_error(place if place in bound.fields else None, str(violation.message))
    page = pages.documents_page(application, bound=bound)
    page["faults"] = [pages.Fault(str(row.message), f"#document-{key}") for row in violations]
    return render(request, "applications/documents.html", page, status=422)


def answer_refused(request: HttpRequest, application: Application, violations: Sequence[Violation]) -> HttpResponse:
    """The page of an answer with the reason at its item."""
    asked = open_request_of(application)
    if asked is None:
        return redirect("applications:detail", application.pk)
    page = answer_page(application, person_of(request), asked, Typed(request.POST, violations))
    return render(request, "applications/answer.html", page, status=422)


@require_POST
def upload_remove(request: HttpRequest, application_id: UUID, upload_id: UUID) -> HttpResponse:
    """Take a document out again."""
    application = own_application(request, application_id)
    found = get_object_or_404(Upload, application=application, pk=upload_id)
    uploads.remove(upload=found, actor=actor_of(request), at=timezone.now())
    return redirect(pages.after_upload(application))


@require_GET
def own_upload(request: HttpRequest, application_id: UUID, upload_id: UUID) -> HttpResponse:
    """One's own document as it was handed in, always as a download."""
    application = own_application(request, application_id)
    found = get_object_or_404(Upload, application=application, pk=upload_id)
    data = uploads.read_own(upload=found, actor=actor_of(request), at=timezone.now())
    name = upload_rules.file_name(found.file_name, found.media_type)
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
    response = HttpResponse(data, content_type=found.media_type, headers=headers)
    response["Content-Disposition"] = pages.attachment(name)
    return response


@require_POST
def submit(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Hand the application in; whatever is missing is shown on the same page, with every tick kept."""
    application = own_application(request, application_id)
    ticked = request.POST.getlist("consent")
    try:
        intake.submit(
            application=application,
            ticked=ticked,
            seen=request.POST.get("seen", ""),
            actor=actor_of(request),
            at=timezone.now(),
        )
    except (RuleViolated, Suspended) as refused:
        note_refusal(request, refused, Act.APPLICATION_SUBMIT)
        application.refresh_from_db()
        page = pages.confirm_page(application, ticked=ticked, refused=refused)
        return render(request, "applications/confirm.html", page, status=refused.status)
    return redirect("applications:detail", application.pk)
