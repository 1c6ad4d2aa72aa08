"""Documents in the making: written by one rules manager, read by another beside what changes, posted (O-3.1)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from applications.forms.texts import BOTH, DocumentForm, GovernsForm, ReasonForm, VersionForm, put_at
from applications.selectors.texts import compared, impact_of, rows, shown, versions_of
from applications.views.decisions import done
from audit.refusals import RuleViolated
from regulations.models import Document, DocumentVersion
from regulations.services import documents, drafts

get_and_post = require_http_methods(["GET", "POST"])


def version_of(key: UUID) -> DocumentVersion:
    """Return a version with its document and people, or answer 404."""
    related = DocumentVersion.objects.select_related("document", "author", "reviewer")
    return get_object_or_404(related, pk=key)


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """All documents in the order of precedence: what is in force, what is being written, what is asked anew."""
    return render(request, "applications/rules/texts.html", {"rows": rows(timezone.now())})


@get_and_post
def new(request: HttpRequest) -> HttpResponse:
    """Set up a document that the site did not have."""
    form = DocumentForm(request.POST or None)
    actor, at = actor_of(request), timezone.now()
    made: list[Document] = []
    if done(form, lambda: made.append(documents.set_up(columns=form.cleaned_data, actor=actor, at=at))):
        return redirect("applications:text_edit", drafts.begin(document=made[0], actor=actor, at=at).pk)
    return render(request, "applications/rules/text_new.html", {"form": form}, status=422 if form.errors else 200)


@get_and_post
def govern(request: HttpRequest, slug: str) -> HttpResponse:
    """Change what a document governs and its place in the order of precedence."""
    document = get_object_or_404(Document, slug=slug)
    form = GovernsForm(request.POST or None, initial=GovernsForm.start_of(document))
    actor, at = actor_of(request), timezone.now()
    if done(form, lambda: documents.govern(document=document, columns=form.cleaned_data, actor=actor, at=at)):
        messages.success(request, _("Saved. It counts for everything that begins from now on."))
        return redirect("applications:texts")
    versions = versions_of(document, at)
    title = versions[0].version.title if versions else None
    page = {"form": form, "document": document, "title": title}
    return render(request, "applications/rules/text_govern.html", page, status=422 if form.errors else 200)


@require_POST
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin the next version, or go on with the one that is open."""
    document = get_object_or_404(Document, slug=slug)
    version = drafts.begin(document=document, actor=actor_of(request), at=timezone.now())
    return redirect("applications:text_edit" if version.status == "draft" else "applications:text", version.pk)


@get_and_post
def edit(request: HttpRequest, key: UUID) -> HttpResponse:
    """Write a version; every save shows how it will read."""
    version = version_of(key)
    if version.status != "draft" and request.method == "GET":
        return redirect("applications:text", version.pk)
    form = VersionForm(request.POST or None, initial=VersionForm.start_of(version))
    if request.method == "POST" and form.is_valid():
        try:
            return saved(request, version, form)
        except RuleViolated as refused:
            put_at(form, refused)
    page = {"form": form, "version": version, "shown": shown(version)}
    return render(request, "applications/rules/text_edit.html", page, status=422 if form.errors else 200)


def saved(request: HttpRequest, version: DocumentVersion, form: VersionForm) -> HttpResponse:
    """Keep what was typed; hand it in too where that was asked."""
    actor, at = actor_of(request), timezone.now()
    days = form.cleaned_data["consent_within_days"]
    version = drafts.save(version=version, text=form.text(), consent_within_days=days, actor=actor, at=at)
    if request.POST.get("act") == "hand_in":
        drafts.hand_in(version=version, actor=actor, at=at)
        messages.success(request, _("Handed in. Another rules manager can review it now."))
        return redirect("applications:text", version.pk)
    messages.success(request, _("Saved. Below you see how it will read."))
    return redirect("applications:text_edit", version.pk)


@require_GET
def show(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a version as it will read, what differs from the one in force, and what can be done with it."""
    return page_of(request, version_of(key))


def page_of(request: HttpRequest, version: DocumentVersion, form: ReasonForm | None = None) -> HttpResponse:
    """Render one version with its comparison."""
    at = timezone.now()
    versions = versions_of(version.document, at)
    page = {
        "version": version,
        "versions": versions,
        "state": next(row.state for row in versions if row.version == version),
        "shown": shown(version),
        "compared": compared(version, at),
        "languages": BOTH,
        "mine": version.author_id == person_of(request).pk,
        "form": form or ReasonForm(),
        "mailings": version.advance_notices.order_by("-started_at"),
    }
    return render(request, "applications/rules/text.html", page, status=422 if form and form.errors else 200)


@require_POST
def hand_in(request: HttpRequest, key: UUID) -> HttpResponse:
    """Hand a draft to another person."""
    drafts.hand_in(version=version_of(key), actor=actor_of(request), at=timezone.now())
    return redirect("applications:text", key)


@require_POST
def review(request: HttpRequest, key: UUID) -> HttpResponse:
    """Find a version right, as the second person."""
    seen = request.POST.get("seen", "")
    drafts.review(version=version_of(key), seen=seen, actor=actor_of(request), at=timezone.now())
    messages.success(request, _("Reviewed. It can be announced to subscribers, and posted."))
    return redirect("applications:text", key)


@require_POST
def send_back(request: HttpRequest, key: UUID) -> HttpResponse:
    """Give a version back with the reason."""
    version, form = version_of(key), ReasonForm(request.POST)
    if form.is_valid():
        note = form.cleaned_data["note"]
        try:
            drafts.send_back(version=version, note=note, actor=actor_of(request), at=timezone.now())
        except RuleViolated as refused:
            put_at(form, refused)
        else:
            return redirect("applications:text", key)
    return page_of(request, version, form)


@get_and_post
def discard(request: HttpRequest, key: UUID) -> HttpResponse:
    """Say what is lost with a draft, then throw it away."""
    version = version_of(key)
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        drafts.discard(version=version, seen=seen, actor=actor_of(request), at=timezone.now())
        messages.success(request, _("The draft was thrown away."))
        return redirect("applications:texts")
    page = {"version": version, "whole": drafts.stands_alone(version), "told": version.advance_notices.exists()}
    return render(request, "applications/rules/text_discard.html", page)


@get_and_post
def post(request: HttpRequest, key: UUID) -> HttpResponse:
    """Say what posting does and to whom, then post."""
    version, at = version_of(key), timezone.now()
    if request.method == "POST":
        drafts.post(version=version, seen=request.POST.get("seen", ""), actor=actor_of(request), at=at)
        messages.success(request, _("Posted. This version applies from now on."))
        return redirect("applications:text", key)
    page = {"version": version, "impact": impact_of(version, at), "at": at}
    return render(request, "applications/rules/text_post.html", page)
