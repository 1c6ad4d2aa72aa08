"""One certificate as the office sees it: how it stands, where it came from, who was called about it (O-17.1)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actors import actor_of, person_of, roles_of
from applications.forms.examination import ContactForm
from applications.selectors.case import powers_of
from applications.services import examination, looking
from applications.views.case import application_of
from applications.views.decisions import done
from certificates import asn1, selectors
from certificates.models import Certificate
from certificates.services import deliveries
from certificates.views import attachment
from revocation.grounds import GROUNDS


@require_http_methods(["GET", "POST"])
def certificate(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a certificate with the calls and mails about it; a POST keeps another one."""
    rows = Certificate.objects.select_related("order__application", "authority", "subscription__contract")
    row, at = get_object_or_404(rows, pk=key, order__application__isnull=False), timezone.now()
    application = application_of(row.order.application.pk)
    form = ContactForm(request.POST or None)

    def keep() -> None:
        examination.log_contact(application=application, talk=form.talk(), actor=actor_of(request), at=at)

    if request.method == "POST" and done(form, keep):
        messages.success(request, _("Kept with the certificate and its application."))
        return redirect("applications:certificate", row.pk)
    if request.method == "GET":
        looking.open_case(application=application, actor=actor_of(request), at=at)
    page = {
        "certificate": row,
        "standing": selectors.standing_of(row, at),
        "ground": GROUNDS[row.ground].label if row.ground in GROUNDS else row.ground,
        "application": application,
        "contacts": application.contacts.select_related("person").order_by("-at"),
        "contents": selectors.contents(row),
        "structure": asn1.view(bytes(row.der)),
        "chain": selectors.chain(row),
        "history": selectors.history(row, at, own=False),
        "notices": row.change_notices.order_by("-received_at"),
        "form": form,
        "powers": powers_of(application, person_of(request), roles_of(request)),
    }
    return render(request, "applications/staff/certificate.html", page, status=422 if form.errors else 200)


@require_GET
def certificate_file(request: HttpRequest, key: UUID, kind: str) -> HttpResponse:
    """Hand the office a certificate as it was issued; it holds nothing secret, and the look is on record."""
    rows = Certificate.objects.select_related("authority", "order__application")
    row = get_object_or_404(rows, pk=key, order__application__isnull=False)
    application = application_of(row.order.application.pk)
    looking.open_case(application=application, actor=actor_of(request), at=timezone.now())
    return attachment(deliveries.public_file(certificate=row, kind=kind))
