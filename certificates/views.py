"""Pages about certificates: the subscriber's own, and the office's view of the signer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from audit.refusals import RuleViolated
from certificates import asn1, selectors
from certificates.forms import RecoveryForm, ReportForm
from certificates.letter_selectors import letter_sent_at
from certificates.models import Order, Recovery
from certificates.rules import PIN_BY_LETTER, pin_way
from certificates.services import acceptance, deliveries, orders, pins, recoveries
from certificates.services.deliveries import File
from regulations.selectors import contact_point


@require_GET
def certificate_list(request: HttpRequest) -> HttpResponse:
    """Show the visitor's own certificates."""
    at = timezone.now()
    page = {"rows": selectors.held_by(person_of(request), at), "desk": contact_point(at)}
    return render(request, "certificates/list.html", page)


@require_GET
def detail(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Show one certificate: how it stands, what to do next, what it says, its history."""
    at = timezone.now()
    certificate = selectors.own(person_of(request), certificate_id)
    page = {
        "certificate": certificate,
        "standing": selectors.standing_of(certificate, at),
        "contents": selectors.contents(certificate),
        "system": selectors.systems_of([certificate.order])[certificate.order_id],
        "chain": selectors.chain(certificate),
        "structure": asn1.view(bytes(certificate.der)),
        "history": selectors.history(certificate, at),
        "reached_at": acceptance.reached_at(certificate),
        "pin_way": pin_way(certificate.order.frozen),
        "pin_waits": pins.shares_mailbox(certificate),
        "letter_sent_at": letter_sent_at(certificate),
        "reason": selectors.REASONS.get(certificate.reason_code, ""),
        "desk": contact_point(at),
    }
    return render(request, "certificates/detail.html", page)


@never_cache
@require_GET
def delivery(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link is for; looking consumes nothing, since mail scanners follow links."""
    at = timezone.now()
    link = deliveries.find(token=token, actor=actor_of(request))
    page = {
        "link": link,
        "token": token,
        "state": deliveries.state_of(link, at),
        "certificate": link.certificate,
        "pin_way": pin_way(link.certificate.order.frozen),
        "desk": contact_point(at),
    }
    return render(request, "certificates/delivery.html", page)


@never_cache
@require_POST
def download(request: HttpRequest, token: str) -> HttpResponse:
    """Hand the file over once; a link that is spent leads back to its page, which says what to do."""
    try:
        file = deliveries.download(token=token, actor=actor_of(request), at=timezone.now())
    except RuleViolated as refused:
        messages.error(request, str(refused.message))
        return redirect("certificates:delivery", token)
    return attachment(file)


@require_POST
def resend(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Send the holder a new link, or the PIN once more."""
    certificate = selectors.own(person_of(request), certificate_id)
    actor, at = actor_of(request), timezone.now()
    if request.POST.get("what") == "pin":
        deliveries.send_pin_again(certificate=certificate, actor=actor, at=at)
        by_letter = pin_way(certificate.order.frozen) == PIN_BY_LETTER
        pin_to = certificate.order.frozen.get("pin_to") or {}
        address = pin_to.get("email", certificate.holder.email)
        mail = _("We are sending the PIN to %(email)s again.") % {"email": address}
        messages.success(request, _("We are sending you the PIN by letter again.") if by_letter else mail)
    else:
        deliveries.send_again(certificate=certificate, actor=actor, at=at)
        message = _("We are sending a new link to %(email)s.") % {"email": certificate.holder.email}
        messages.success(request, message)
    return redirect("certificates:detail", certificate.pk)


@require_GET
def file(request: HttpRequest, certificate_id: UUID, kind: str) -> HttpResponse:
    """Hand out the holder's certificate without anything secret."""
    certificate = selectors.own(person_of(request), certificate_id)
    return attachment(deliveries.public_file(certificate=certificate, kind=kind))


@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Show the contents item by item; a POST accepts them and leads to the start of use (O-16.2.2)."""
    certificate = selectors.own(person_of(request), certificate_id)
    if request.method == "POST":
        acceptance.accept(certificate=certificate, actor=actor_of(request), at=timezone.now())
        messages.success(request, _("Thank you. You have accepted the certificate."))
        return redirect("certificates:confirm_start", certificate.pk)
    over = acceptance.is_over(certificate, timezone.now())
    page = {"certificate": certificate, "contents": selectors.contents(certificate), "over": over}
    return render(request, "certificates/accept.html", page)


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Take a report of what is wrong in a certificate."""
    certificate = selectors.own(person_of(request), certificate_id)
    contents = selectors.contents(certificate)
    named = [f"{item.label}: {item.value} → " for item in contents if item.code == request.GET.get("item")]
    form = ReportForm(request.POST or None, initial={"text": "\n".join(named)})
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        acceptance.report(certificate=certificate, text=text, actor=actor_of(request), at=timezone.now())
        messages.success(request, _("Thank you. The office will contact you."))
        return redirect("certificates:detail", certificate.pk)
    page = {"certificate": certificate, "form": form, "contents": contents}
    return render(request, "certificates/report.html", page, status=422 if form.errors else 200)


@never_cache
@require_GET
def confirm_start(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Show the start-of-service notice. Only the subscriber gets here, signed in: it has reached them (O-5)."""
    at = timezone.now()
    certificate = selectors.own(person_of(request), certificate_id)
    try:
        reached = acceptance.reach(certificate=certificate, how=acceptance.OPENED, actor=actor_of(request), at=at)
    except RuleViolated as refused:
        messages.warning(request, str(refused.message))
        return redirect("certificates:detail", certificate.pk)
    page = {"certificate": certificate, "reached_at": reached, "desk": contact_point(at)}
    return render(request, "certificates/start.html", page)


@require_GET
def order_list(request: HttpRequest) -> HttpResponse:
    """Show the office what the signer does: failed on top, with the findings."""
    at = timezone.now()
    page = {
        "rows": selectors.order_rows(),
        "tallies": selectors.tallies(),
        "signers": selectors.signers(),
        "check": selectors.last_check(),
        "overdue": selectors.overdue_receipts(at),
        "at": at,
    }
    return render(request, "certificates/orders.html", page)


@require_POST
def retry(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Queue a failed order again."""
    order = get_object_or_404(Order, pk=order_id)
    orders.retry(order=order, actor=actor_of(request), at=timezone.now())
    messages.success(request, _("The order is queued again."))
    return redirect("certificates:orders")


@require_http_methods(["GET", "POST"])
def recovery_list(request: HttpRequest) -> HttpResponse:
    """Show what waits for a second key officer, and take a new request (J-5.2)."""
    at = timezone.now()
    form = RecoveryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            recoveries.ask(**form.cleaned_data, actor=actor_of(request), at=at)
        except RuleViolated as refused:
            for violation in refused.violations:
                form.add_error(violation.field, str(violation.message))
        else:
            messages.success(request, _("Another key officer has to release this within a day."))
            return redirect("certificates:recoveries")
    page = {"rows": recoveries.recent(at)[: selectors.PAGE], "form": form, "at": at, "me": person_of(request).pk}
    return render(request, "certificates/recoveries.html", page, status=422 if form.errors else 200)


@require_POST
def release(request: HttpRequest, recovery_id: UUID) -> HttpResponse:
    """Release another officer's request; the holder gets file and PIN, the officers neither."""
    recovery = get_object_or_404(Recovery, pk=recovery_id)
    recoveries.release(recovery=recovery, actor=actor_of(request), at=timezone.now())
    messages.success(request, _("Released. The holder gets a link and, separately, the PIN."))
    return redirect("certificates:recoveries")


def attachment(content: File) -> HttpResponse:
    """Return a file as a download that no browser opens by itself."""
    response = HttpResponse(content.content, content_type=content.media_type)
    response["Content-Disposition"] = f'attachment; filename="{content.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
