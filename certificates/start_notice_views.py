"""The page of start-of-service notices: what came back, sending again, telephone (O-5, O-8.2)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actors import actor_of
from accounts.models import Notice
from audit.refusals import RuleViolated
from certificates.models import Certificate
from certificates.services import acceptance, start_notices

PAGE = 50
LOOKED_AT = 1000


@dataclass(frozen=True)
class Row:
    """A certificate with its notice, and how that stands in one word."""

    certificate: Certificate
    notice: Notice

    @property
    def standing(self) -> str:
        """Return the status in the words of the table: reached beats whatever the mail server said."""
        return "reached" if self.notice.reached_at else self.notice.status

    @property
    def address(self) -> str:
        """Return the address masked, with enough left to find a slip in its second half."""
        name, _at, host = self.notice.email.partition("@")
        return f"{name[:1]}●●●@{host}"


@require_GET
def start_notices_page(request: HttpRequest) -> HttpResponse:
    """Show what came back, and the notice of one certificate when its number was asked for."""
    return _page(request)


@require_POST
def again(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Send a notice again, to the address that was typed."""
    certificate = get_object_or_404(Certificate.objects.select_related("holder"), pk=certificate_id)
    typed = request.POST.get("email", "")[:300]
    try:
        start_notices.send_again(certificate=certificate, email=typed, actor=actor_of(request), at=timezone.now())
    except RuleViolated as refused:
        return _page(request, refused=refused, about=certificate)
    messages.success(request, _("The notice goes out again."))
    return redirect("certificates:start_notices")


@require_POST
def reached(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Write down that the subscriber confirmed by telephone; that is the start of use."""
    certificate = get_object_or_404(Certificate.objects.select_related("subscription"), pk=certificate_id)
    how = acceptance.TELEPHONE
    try:
        acceptance.reach(certificate=certificate, how=how, actor=actor_of(request), at=timezone.now())
    except RuleViolated as refused:
        return _page(request, refused=refused, about=certificate)
    messages.success(request, _("Recorded: the subscriber confirmed by telephone. Use has begun."))
    return redirect("certificates:start_notices")


def _page(
    request: HttpRequest, *, refused: RuleViolated | None = None, about: Certificate | None = None
) -> HttpResponse:
    number = request.GET.get("number", "").replace("\x00", "").strip().upper()[:20]
    found = about or (Certificate.objects.filter(management_number=number).first() if number else None)
    notice = start_notices.notice_of(found) if found else None
    page = {
        "number": number,
        "found": found,
        "one": Row(found, notice) if found and notice else None,
        "rows": _unsent_rows(),
        "refusals": refused.violations if refused else [],
        "about": about,
        "typed": request.POST.get("email", "")[:300],
    }
    return render(request, "certificates/start_notices.html", page, status=422 if refused else 200)


def _unsent_rows() -> list[Row]:
    """Return the notices that came back, the oldest first, with their certificates, while those are valid."""
    keys = {notice.dedupe.rpartition("/")[2]: notice for notice in start_notices.unsent()[:LOOKED_AT]}
    valid = Certificate.objects.valid(timezone.now()).filter(pk__in=keys)
    certificates = {str(row.pk): row for row in valid}
    return [Row(certificates[key], notice) for key, notice in keys.items() if key in certificates][:PAGE]
