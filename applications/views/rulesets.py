"""Rules of target systems: written as text, shown before they count, activated by a second person (O-1.3, J-3.2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from applications.forms.rulesets import NewSystemForm, RulesForm
from applications.selectors import rulesets as selectors
from audit.refusals import NotFound, RuleViolated, Stale
from certificates.services import samples
from certificates.services import target_systems as checked
from regulations.models import TargetSystem, TargetSystemVersion
from regulations.ruleset import Fault
from regulations.ruleset_files import FORMATS, to_file
from regulations.services import target_systems

get_and_post = require_http_methods(["GET", "POST"])
TYPES = {"toml": "application/toml", "yaml": "application/yaml"}
MOST_FAULTS = 50


def shown(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    """Render a page of this room; a form with faults answers 422."""
    form = context.get("form")
    wrong = isinstance(form, Form) and form.is_bound and bool(form.errors)
    if isinstance(form, RulesForm):
        context |= {"faults": form.faults[:MOST_FAULTS], "more": len(form.faults) - MOST_FAULTS}
    return render(request, f"applications/rules/{template}.html", context, status=422 if wrong else 200)


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """List the target systems with the version in force and the draft of the next one."""
    return shown(request, "list", rows=selectors.systems_with_versions())


@get_and_post
def new(request: HttpRequest) -> HttpResponse:
    """Begin a target system from a file or from text."""
    form = NewSystemForm(request.POST or None, request.FILES or None)
    if request.POST and form.is_valid():
        try:
            version = checked.begin_system(
                parent_service=form.cleaned_data["parent_service"],
                written=form.written(),
                actor=actor_of(request),
                at=timezone.now(),
            )
        except RuleViolated as refused:
            put_faults(form, refused)
        else:
            messages.success(request, _("The draft was saved. Another rules manager can activate it."))
            return redirect("applications:rule_version", version.pk)
    begin_with = [current for _system, current, _draft in selectors.systems_with_versions() if current]
    return shown(request, "new", form=form, begin_with=begin_with)


def put_faults(form: RulesForm, refused: RuleViolated) -> None:
    """Show what the service found beside what the form found."""
    form.show_faults([Fault(row.field or "/", str(row.message)) for row in refused.violations])


@require_GET
def system(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a target system's versions."""
    row = selectors.system_of(slug)
    versions = list(row.versions.select_related("author", "activator").order_by("-number"))
    return shown(request, "system", system=row, versions=versions, newest=versions[0] if versions else None)


@get_and_post
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Write the draft of the next version; what was typed stays until it is right."""
    row, at = selectors.system_of(slug), timezone.now()
    newest = row.versions.order_by("-number").first()
    form = RulesForm(request.POST or None, request.FILES or None, initial=beginning(newest))
    version = save(request, row, form, at) if request.POST and form.is_valid() else None
    if version is not None:
        messages.success(request, said(version))
        return redirect("applications:rule_version", version.pk)
    return shown(request, "edit", system=row, newest=newest, form=form)


def beginning(newest: TargetSystemVersion | None) -> dict[str, str]:
    """Return what the form starts with: the draft as it stands, or the newest version's rules."""
    is_draft = newest is not None and newest.status == "draft"
    changed = newest.what_changed if newest is not None and is_draft else {}
    return {
        "source": selectors.text_of(newest),
        "changed_ja": changed.get("ja", ""),
        "changed_en": changed.get("en", ""),
        "seen": newest.rules_digest if newest is not None and is_draft else "",
    }


def save(request: HttpRequest, row: TargetSystem, form: RulesForm, at: datetime) -> TargetSystemVersion | None:
    """Save the draft; None when there were faults, which then stand in the form."""
    try:
        return checked.save_draft(
            target_system=row, written=form.written(), actor=actor_of(request), at=at, seen=form.cleaned_data["seen"]
        )
    except RuleViolated as refused:
        put_faults(form, refused)
    except Stale:
        message = _("Somebody else saved this draft meanwhile. Keep your text, open the draft again and compare.")
        form.show_faults([Fault("/", message)])
    return None


def said(version: TargetSystemVersion) -> str:
    """Return what is said after saving."""
    if version.status != "draft":
        return _("These rules are the ones of this version. Nothing was saved.")
    return _("The draft was saved. Another rules manager can activate it.")


@require_GET
def version(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a version: sample certificate, sample sheet, and what differs."""
    page = selectors.version_page(selectors.version_of(key), person_of(request), timezone.now())
    return shown(request, "version", page=page, version=page.version)


@require_POST
def sample(request: HttpRequest, key: UUID) -> HttpResponse:
    """Have the sample certificate of a version built anew."""
    row = selectors.version_of(key)
    samples.ask(version=row, actor=actor_of(request), at=timezone.now(), anew=True)
    return redirect("applications:rule_version", row.pk)


@get_and_post
def activate(request: HttpRequest, key: UUID) -> HttpResponse:
    """Put the rules into force, after what follows was read."""
    row, at, form = selectors.version_of(key), timezone.now(), Form(request.POST or None)
    if request.POST:
        try:
            checked.activate(version=row, seen=request.POST.get("seen", ""), actor=actor_of(request), at=at)
        except RuleViolated as refused:
            for violation in refused.violations:
                form.add_error(None, str(violation.message))
        else:
            messages.success(request, _("The rules are in force for applications from now on."))
            return redirect("applications:rule_version", row.pk)
    return shown(request, "activate", form=form, page=selectors.version_page(row, person_of(request), at), version=row)


@get_and_post
def discard(request: HttpRequest, key: UUID) -> HttpResponse:
    """Say what is lost with a draft, then throw it away."""
    row = selectors.version_of(key)
    whole = target_systems.goes_whole(row)
    if request.POST:
        seen = request.POST.get("seen", "")
        target_systems.discard(version=row, seen=seen, actor=actor_of(request), at=timezone.now())
        messages.success(request, _("The draft was thrown away."))
        return (
            redirect("applications:rule_systems")
            if whole
            else redirect("applications:rule_system", row.target_system.slug)
        )
    before = row.target_system.versions.filter(status="in_force").first()
    return shown(request, "discard", version=row, whole=whole, before=before)


@require_GET
def file(_request: HttpRequest, key: UUID, kind: str) -> HttpResponse:
    """Hand a version out as a file, to be reviewed like code."""
    row = selectors.version_of(key)
    if kind not in FORMATS:
        raise NotFound
    text = selectors.text_of(row) if kind == "toml" else to_file(row.ruleset.to_dict(), kind)
    name = f"{row.target_system.slug}-{row.number}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=f"{TYPES[kind]}; charset=utf-8", headers=headers)
