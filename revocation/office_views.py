"""Pages of the office: the queue of requests, one page per case, the office's own requests."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of
from accounts.views import at_fields
from audit.refusals import RuleViolated
from regulations.selectors import governing_manual
from revocation import pages, selectors
from revocation.forms import (
    ApproveForm,
    AtOnceForm,
    CountersignForm,
    DenyForm,
    ObjectForm,
    SiblingsForm,
    StaffRequestForm,
    SubmitForm,
    VerifyForm,
)
from revocation.models import RevocationRequest
from revocation.services import countersigning, decisions, requests
from revocation.services.requests import Wish


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What awaits a check or a decision, urgent first, and what was decided last."""
    at = timezone.now()
    waiting = [pages.Row(case, at) for case in selectors.queue()]
    page = {
        "rows": waiting,
        "unsigned": [pages.Unsigned(case, at) for case in selectors.awaiting_countersignature()[:200]],
        "suspended": selectors.suspended(),
        "objections": selectors.objections(),
        "decided": selectors.decided(),
        "publications": selectors.publications(at),
        "publisher": selectors.publisher(at),
    }
    return render(request, "revocation/queue.html", page)


@require_GET
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Everything that a decision needs, on one page."""
    return _show(request, _load(case_id), {})


@require_POST
def verify(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Begin to check who asks."""
    return _act(
        request, case_id, VerifyForm(request.POST, auto_id="verify_%s"), decisions.verify, _("The check is on record.")
    )


@require_POST
def submit(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Put the request before an approver."""
    return _act(
        request,
        case_id,
        SubmitForm(request.POST, auto_id="submit_%s"),
        decisions.submit,
        _("An approver can decide now."),
    )


@require_POST
def approve(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Revoke the certificate."""
    said = _("The certificate is revoked. The list and the responder follow within seconds.")
    return _act(request, case_id, ApproveForm(request.POST, prefix="approve"), decisions.approve, said)


@require_POST
def deny(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Turn the request down."""
    said = _("The request was turned down. The people concerned are told why.")
    return _act(request, case_id, DenyForm(request.POST, prefix="deny"), decisions.deny, said)


@require_POST
def revoke_at_once(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One approver revokes for a compromise; another one countersigns afterwards."""
    said = _("The certificate is revoked. Another approver is asked to countersign within 24 hours.")
    form = AtOnceForm(request.POST, prefix="at_once")
    return _act(request, case_id, form, countersigning.revoke_at_once, said)


@require_POST
def revoke_siblings(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Revoke everything else over the same key; another approver countersigns each afterwards."""
    said = _("All certificates with this key are revoked. Another approver is asked to countersign each of them.")
    form = SiblingsForm(request.POST, prefix="siblings")
    return _act(request, case_id, form, countersigning.revoke_siblings, said)


@require_POST
def countersign(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Confirm what one person had revoked."""
    form = CountersignForm(request.POST, prefix="countersign")
    return _act(request, case_id, form, countersigning.countersign, _("The revocation is countersigned."))


@require_POST
def object_to(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Put on record that it should not have been revoked."""
    said = _("The objection is on record. Approvers and auditors are told; the certificate stays revoked.")
    return _act(request, case_id, ObjectForm(request.POST, prefix="object"), countersigning.object_to, said)


@require_http_methods(["GET", "POST"])
def staff_request(request: HttpRequest) -> HttpResponse:
    """A request of the office itself; another person decides."""
    form = StaffRequestForm(request.POST or None, initial={"named": request.GET.get("certificate", "")})
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            certificate = requests.certificate_named(said.pop("named"))
            made = requests.request_by_staff(
                certificate=certificate, wish=Wish(**said), actor=actor_of(request), at=timezone.now()
            )
            return redirect("revocation:case", made.pk)
        except RuleViolated as error:
            at_fields(form, error)
    page = {"form": form, "manual": governing_manual("revocation", timezone.now())}
    return render(request, "revocation/staff_request.html", page, status=422 if form.errors else 200)


def _load(case_id: UUID) -> RevocationRequest:
    cases = RevocationRequest.objects.select_related(
        "certificate__holder", "certificate__authority", "certificate__subscription", "requester"
    )
    return get_object_or_404(cases, pk=case_id)


def _act(
    request: HttpRequest,
    case_id: UUID,
    form: Form,
    service: Callable[..., object],
    said: str,
) -> HttpResponse:
    """Do one act on a case and come back to its page; what the rules find stands at the fields."""
    found = _load(case_id)
    if form.is_valid():
        try:
            service(case=found, **form.cleaned_data, actor=actor_of(request), at=timezone.now())
            messages.success(request, said)
            return redirect("revocation:case", case_id)
        except RuleViolated as error:
            at_fields(form, error)
    return _show(request, _load(case_id), {service.__name__: form}, status=422)


def _show(request: HttpRequest, found: RevocationRequest, typed: dict[str, Form], status: int = 200) -> HttpResponse:
    page: dict[str, Any] = {
        "case": found,
        "row": pages.Row(found, timezone.now()),
        "forms": {
            "verify": VerifyForm(auto_id="verify_%s"),
            "submit": SubmitForm(auto_id="submit_%s", initial=pages.proposal(found)),
            "approve": ApproveForm(prefix="approve"),
            "deny": DenyForm(prefix="deny"),
            "revoke_at_once": AtOnceForm(prefix="at_once", initial={"named": found.named}),
            "revoke_siblings": SiblingsForm(prefix="siblings", initial={"note": found.decision_note}),
            "countersign": CountersignForm(prefix="countersign"),
            "object_to": ObjectForm(prefix="object"),
            **typed,
        },
        **pages.case_facts(found, actor_of(request)),
    }
    return render(request, "revocation/case.html", page, status=status)
