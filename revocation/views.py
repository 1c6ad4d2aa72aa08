"""Pages of the holder and of anyone: ask for a revocation, report a loss, follow what became of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from accounts.views import at_fields
from audit.refusals import NotFound, RuleViolated
from certificates.models import Certificate
from regulations.register_selectors import administered_by
from regulations.selectors import contact_point, governing_manual
from revocation import pages
from revocation.forms import OwnRequestForm, ProofForm, ReportForm
from revocation.models import RevocationRequest
from revocation.services import proving, requests, telling
from revocation.services.requests import Tip, Wish


@require_http_methods(["GET", "POST"])
def request_own(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """The holder's request: ground, time, consequences, and the management number typed."""
    held = Certificate.objects.held_by(person_of(request)).select_related("subscription__target_system")
    certificate = get_object_or_404(held, pk=certificate_id)
    return _asked(request, certificate, requests.request_own)


@require_http_methods(["GET", "POST"])
def request_for_contract(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """The request of a contract's administrator for a certificate of the contract's people (O-15.3)."""
    own = Certificate.objects.filter(subscription__contract__in=administered_by(person_of(request)))
    certificate = get_object_or_404(own.select_related("subscription__target_system", "holder"), pk=certificate_id)
    return _asked(request, certificate, requests.request_for_contract)


def _asked(request: HttpRequest, certificate: Certificate, service: Callable[..., RevocationRequest]) -> HttpResponse:
    """Show the form with its consequences, and ask by `service` when it is sent."""
    form = OwnRequestForm(request.POST or None, initial={"ground": request.GET.get("ground", "")})
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        number = said.pop("typed_number")
        try:
            case = service(
                certificate=certificate,
                wish=Wish(**said),
                typed_number=number,
                actor=actor_of(request),
                at=timezone.now(),
            )
            return redirect("revocation:status", case.pk)
        except RuleViolated as error:
            at_fields(form, error)
    manual = governing_manual("revocation", timezone.now(), certificate.subscription.target_system)
    page: dict[str, Any] = {
        "form": form,
        "certificate": certificate,
        "consequences": pages.CONSEQUENCES,
        "manual": manual,
    }
    page["own"] = certificate.holder_id == person_of(request).pk
    return render(request, "revocation/request.html", page, status=422 if form.errors else 200)


@require_GET
def status(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """How one's own request stands, and the duty to stop using (O-16.2.6)."""
    case = _followed(request, case_id)
    page: dict[str, Any] = {
        "case": case,
        "steps": pages.steps(case),
        "ground": pages.ground_of(case),
        "at": timezone.now(),
    }
    page["own"] = bool(case.certificate and case.certificate.holder_id == person_of(request).pk)
    return render(request, "revocation/status.html", page)


@require_GET
def completion_notice(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The notice that the revocation is complete, made for paper, with the duty to stop using (O-16.2.6, J-5.6)."""
    case = _followed(request, case_id)
    if case.certificate is None or case.status not in ("revoked", "notified"):
        raise NotFound
    page = {"case": case, "ground": pages.ground_of(case), "at": timezone.now()}
    return render(request, "revocation/notice.html", page)


def _followed(request: HttpRequest, case_id: UUID) -> RevocationRequest:
    """A request about one's own certificate, or of one's own."""
    cases = RevocationRequest.objects.filter(certificate__holder=person_of(request)) | (
        RevocationRequest.objects.filter(requester=person_of(request), channel__in=telling.WITH_ACCOUNT)
    )
    return get_object_or_404(cases.select_related("certificate__holder").distinct(), pk=case_id)


@require_http_methods(["GET", "POST"])
def urgent(request: HttpRequest) -> HttpResponse:
    """The report that works day and night and without signing in; the receipt comes at once."""
    at = timezone.now()
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            case = requests.report(tip=Tip(**form.cleaned_data), actor=actor_of(request), at=at)
            return redirect("revocation:urgent_receipt", case.pk)
        except RuleViolated as error:
            at_fields(form, error)
    shown = {"contact": contact_point(at), "manual": governing_manual("revocation", at)}
    page = {"form": form, "consequences": pages.REPORT_CONSEQUENCES, **shown}
    return render(request, "revocation/urgent.html", page, status=422 if form.errors else 200)


@require_GET
def urgent_receipt(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The provisional receipt, made for paper; it says the same whether the certificate is known or not."""
    case = _reported(case_id)
    page = {"case": case, "report": pages.report_of(case), "contact": contact_point(timezone.now())}
    return render(request, "revocation/receipt.html", {**page, "proved": proving.proved(case)})


@require_POST
def challenge(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Give a challenge to whoever wants to prove that they hold the key."""
    case = _reported(case_id)
    proving.give_challenge(case=case, actor=actor_of(request), at=timezone.now())
    return redirect("revocation:proof", case.pk)


@require_http_methods(["GET", "POST"])
def proof(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show the challenge with the command that answers it, and take the answer (O-15.3)."""
    case = _reported(case_id)
    form = ProofForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answer = form.cleaned_data["csr"].encode()
            proving.prove(case=case, answer=answer, actor=actor_of(request), at=timezone.now())
            return redirect("revocation:urgent_receipt", case.pk)
        except RuleViolated as error:
            at_fields(form, error)
    page = {
        "case": case,
        "form": form,
        "challenge": proving.live_challenge(case, timezone.now()),
        "proved": proving.proved(case),
        "consequences": pages.PROOF_CONSEQUENCES,
    }
    return render(request, "revocation/proof.html", page, status=422 if form.errors else 200)


def _reported(case_id: UUID) -> RevocationRequest:
    """A report of the last days, known by the unguessable address of its receipt."""
    recent = RevocationRequest.objects.filter(channel="public", received_at__gt=timezone.now() - pages.RECEIPT_LIFE)
    return get_object_or_404(recent.select_related("joined_to"), pk=case_id)
