"""One page of the office: the service behind a certificate is suspended, or resumed (O-11.1, O-11.2)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actors import actor_of
from accounts.views import at_fields
from audit.refusals import RuleViolated
from certificates.models import Certificate
from revocation import pages, selectors
from revocation.forms import SuspensionForm
from revocation.services import suspending


@require_http_methods(["GET", "POST"])
def suspension(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Show what a suspension does before the button, and do it; on a suspended one, resume."""
    rows = Certificate.objects.select_related("subscription__target_system", "holder")
    certificate = get_object_or_404(rows, pk=certificate_id)
    form = SuspensionForm(request.POST or None)
    suspended = certificate.subscription.status == "suspended"
    if request.method == "POST" and form.is_valid():
        act = suspending.resume if request.POST.get("act") == "resume" else suspending.suspend
        try:
            act(
                certificate=certificate,
                reason=form.cleaned_data["reason"],
                actor=actor_of(request),
                at=timezone.now(),
            )
        except RuleViolated as error:
            at_fields(form, error)
        else:
            messages.success(request, _("Done. The holder is told."))
            return redirect("revocation:suspension", certificate.pk)
    page = {
        "certificate": certificate,
        "subscription": certificate.subscription,
        "suspended": suspended,
        "order_held": selectors.held_orders(certificate.subscription).exists(),
        "form": form,
        "consequences": pages.RESUMING if suspended else pages.SUSPENDING,
    }
    return render(request, "revocation/suspension.html", page, status=422 if form.errors else 200)
