"""The public pages of the service site (O-3.1). They change nothing and need no session."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language

from regulations.differences import differences
from regulations.markdown import readable
from regulations.models import Announcement, Document, DocumentKind, DocumentVersion
from repository import selectors
from repository.guides import GUIDES


def top(request: HttpRequest) -> HttpResponse:
    """Show the doors of the site: what can be done here, what is new, what applies, how to reach the desk."""
    at = timezone.now()
    page = {
        "at": at,
        "desk": selectors.desk(at),
        "announcements": selectors.announcements(at, limit=4),
        "documents": selectors.in_force(at, *selectors.BINDING),
        "lists": selectors.current_lists(at),
    }
    return render(request, "repository/top.html", page)


def documents(request: HttpRequest) -> HttpResponse:
    """List every document in force, in the order of precedence (O-2.1)."""
    at = timezone.now()
    rest = (DocumentKind.STATEMENT, DocumentKind.MANUAL, DocumentKind.ANSWER)
    page = {
        "binding": selectors.in_force(at, *selectors.BINDING),
        "other": selectors.in_force(at, *rest),
    }
    return render(request, "repository/documents.html", page)


def document(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the version of a document that is in force."""
    row = get_object_or_404(Document, slug=slug)
    try:
        version = row.version_in_force(timezone.now())
    except DocumentVersion.DoesNotExist:
        raise Http404 from None
    return _show(request, version)


def document_version(request: HttpRequest, slug: str, version: str) -> HttpResponse:
    """Show one version, as it read then; a superseded one says so and leads to the current one."""
    posted = DocumentVersion.objects.posted(timezone.now())
    return _show(request, get_object_or_404(posted, document__slug=slug, version=version))


def document_changes(request: HttpRequest, slug: str, before: str, after: str) -> HttpResponse:
    """Show what differs between two versions, word by word, in the reader's language (O-3.1)."""
    posted = DocumentVersion.objects.posted(timezone.now()).filter(document__slug=slug).select_related("document")
    earlier, later = (get_object_or_404(posted, version=number) for number in (before, after))
    lines = differences(in_language(earlier.body), in_language(later.body))
    page = {"document": later.document, "before": earlier, "after": later, "lines": lines}
    return render(request, "repository/document_changes.html", page)


def _show(request: HttpRequest, version: DocumentVersion) -> HttpResponse:
    versions = selectors.history(version.document, timezone.now())
    page = {
        "document": version.document,
        "version": version,
        "versions": list(zip(versions, [*versions[1:], None], strict=True)),
        "current": versions[0],
        "is_current": versions[0] == version,
        "governs": [system.version_in_force().ruleset for system in version.document.target_systems.in_force()],
        "ranking": selectors.in_force(timezone.now(), *selectors.BINDING),
        "text": readable(in_language(version.body)),
    }
    return render(request, "repository/document.html", page)


def in_language(texts: dict[str, str]) -> str:
    """Return a text in the reader's language, in Japanese where there is no other."""
    return texts.get((get_language() or "ja")[:2]) or texts.get("ja", "")


def of_kind(request: HttpRequest, kind: DocumentKind) -> HttpResponse:
    """Show the first document of a kind: the manual, the common questions, the statement of business."""
    versions = selectors.in_force(timezone.now(), kind)
    if not versions:
        raise Http404
    return _show(request, versions[0])


def manual(request: HttpRequest) -> HttpResponse:
    """Show the manual in force (O-12.1)."""
    return of_kind(request, DocumentKind.MANUAL)


def install(request: HttpRequest) -> HttpResponse:
    """Show for which systems there are steps to install a certificate."""
    return render(request, "repository/install.html", {"guides": GUIDES})


def install_on(request: HttpRequest, system: str) -> HttpResponse:
    """Show the steps to install a certificate in one system."""
    guide = next((guide for guide in GUIDES if guide.slug == system), None)
    if guide is None:
        raise Http404
    return render(request, "repository/install_on.html", {"guide": guide, "guides": GUIDES})


def questions(request: HttpRequest) -> HttpResponse:
    """Show common questions and their answers."""
    return of_kind(request, DocumentKind.ANSWER)


def business(request: HttpRequest) -> HttpResponse:
    """State the accreditation of the business, and what it is not (J-3.1, J-3.3)."""
    return of_kind(request, DocumentKind.STATEMENT)


def usage(request: HttpRequest) -> HttpResponse:
    """State for what certificates may be used, by target system (O-14.1)."""
    at = timezone.now()
    page = {"systems": selectors.permitted_use(), "documents": selectors.in_force(at, DocumentKind.REGULATION)}
    return render(request, "repository/usage.html", page)


def service_status(request: HttpRequest) -> HttpResponse:
    """Show whether lists are in time, the responder answers, and intake is open (O-6)."""
    return render(request, "repository/service_status.html", {"status": selectors.service_status(timezone.now())})


def contact(request: HttpRequest) -> HttpResponse:
    """Show how the call center is reached and whether it is open now (O-8.2, O-8.3)."""
    at = timezone.now()
    return render(request, "repository/contact.html", {"at": at, "desk": selectors.desk(at)})


def announcements(request: HttpRequest) -> HttpResponse:
    """List what was announced."""
    at = timezone.now()
    page = {"announcements": selectors.announcements(at), "at": at}
    return render(request, "repository/announcements.html", page)


def announcement(request: HttpRequest, number: UUID) -> HttpResponse:
    """Show one announcement."""
    posted = Announcement.objects.filter(posted_at__lte=timezone.now())
    return render(request, "repository/announcement.html", {"announcement": get_object_or_404(posted, pk=number)})
