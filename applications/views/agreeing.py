"""Agreeing anew to a newer version: the subscriber's page, and the list of those who have not (O-4.1, J-5)."""

from collections.abc import Iterator
from itertools import chain
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actors import actor_of, person_of
from accounts.paging import paging_of
from accounts.spreadsheets import spreadsheet
from applications.rules.masking import mask_name
from applications.selectors.audience import Renewal, renewal_of, renewals_due, unagreed
from applications.selectors.texts import compared, shown
from applications.services import renewing
from applications.views.texts import version_of
from regulations.calendar import tokyo
from regulations.models import DocumentVersion
from regulations.services import consents

FILE_PAGE = 500


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


def asked_by(key: UUID) -> Renewal:
    """Return what a posted version asks anew; answers 404 for one that asks nothing."""
    version = version_of(key)
    if version.posted_at is None or version.consent_within_days is None:
        raise Http404
    return renewal_of(version, timezone.now())


@require_GET
def standing(request: HttpRequest, key: UUID) -> HttpResponse:
    """List who has not agreed anew yet, with how many have."""
    renewal = asked_by(key)
    rows, next_key = unagreed(renewal, after=request.GET.get("after", ""))
    page = {"version": renewal.asking, "renewal": renewal, "rows": rows, "paging": paging_of(request, next_key)}
    page |= {"total": renewal.people().count(), "missing": renewal.missing().count()}
    return render(request, "applications/rules/text_consents.html", page)


@require_GET
def standing_file(_request: HttpRequest, key: UUID) -> StreamingHttpResponse:
    """Send the whole list for a spreadsheet, with names masked as on the page."""
    renewal = asked_by(key)
    headings: list[object] = [_("Person"), _("Subscribes to"), _("Asked"), _("Reminded")]
    name = f"{renewal.asking.document.slug}-{renewal.asking.version}-not-agreed.csv"
    return spreadsheet(chain([headings], lines_of(renewal)), name)


def lines_of(renewal: Renewal) -> Iterator[list[object]]:
    """Return one line for each who has not agreed, read page by page."""
    after, more = "", True
    while more:
        rows, after = unagreed(renewal, after=after, size=FILE_PAGE)
        more = bool(after)
        for row in rows:
            when = [tokyo(at).strftime("%Y-%m-%d %H:%M") if at else "" for at in (row.asked_at, row.reminded_at)]
            yield [mask_name(row.person.name), ", ".join(row.holdings), *when]
