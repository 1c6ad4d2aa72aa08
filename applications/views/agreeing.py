"""Agreeing anew to a newer version: the subscriber's page, and the list of those who have not (O-4.1, J-5)."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actors import actor_of, person_of
from applications.selectors.audience import renewal_of, renewals_due
from applications.selectors.texts import compared, shown
from applications.services import renewing
from applications.views.texts import version_of
from regulations.models import DocumentVersion
from regulations.services import consents


@require_http_methods(["GET", "POST"])
def agree(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what is to be read and what changed; keep the consent."""
    person, at = person_of(request), timezone.now()
    if request.method == "POST":
        known = DocumentVersion.objects.posted(at).filter(document__slug=slug)
        version = get_object_or_404(known, sha256=request.POST.get("seen", ""))
        if request.POST.get("consent") != version.sha256:
            messages.error(request, _("Please read the text and tick the box."))
            return redirect("applications:agree", slug)
        renewing.agree(version=version, seen=version.sha256, person=person, actor=actor_of(request), at=at)
        messages.success(request, _("Thank you. Your consent was kept."))
        return redirect("applications:home")
    due = next((row for row in renewals_due(person, at) if row.current.document.slug == slug), None)
    if due is None:
        return agreed_already(request, slug)
    page = {"due": due, "item": consents.document_item(due.current), "at": at}
    page |= {"shown": shown(due.current), "compared": compared(due.current, at)}
    return render(request, "applications/agree.html", page)


def agreed_already(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that nothing is to be agreed to now, with the text that applies."""
    if not DocumentVersion.objects.posted(timezone.now()).filter(document__slug=slug).exists():
        raise Http404
    return render(request, "applications/agree.html", {"slug": slug})


@require_GET
def standing(request: HttpRequest, key: UUID) -> HttpResponse:
    """List who has not agreed anew yet, with how many have."""
    version, at = version_of(key), timezone.now()
    if version.posted_at is None or version.consent_within_days is None:
        raise Http404
    renewal = renewal_of(version, at)
    missing = renewal.missing()
    page = {"version": version, "renewal": renewal, "total": renewal.people().count(), "missing": missing.count()}
    return render(request, "applications/rules/text_consents.html", page | {"rows": renewing.asked(renewal)[:200]})
