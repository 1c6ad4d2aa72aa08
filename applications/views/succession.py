"""From a certificate that one holds to its reissue or renewal: what happens first, then the draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.actors import actor_of, person_of
from accounts.views import at_fields
from applications.forms.succession import ReissueForm
from applications.models import Application
from applications.rules.kinds import REISSUE, RENEWAL
from applications.selectors import succession as selectors
from applications.services import succession
from applications.views.intake import note_refusal
from audit.acts import Act
from audit.refusals import RuleViolated
from certificates.models import Certificate
from certificates.selectors import own
from regulations.selectors import governing_manual


@require_http_methods(["GET", "POST"])
def reissue(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Choose the reason, read what happens, begin (O-12.2, O-15.1.2)."""
    certificate = own(person_of(request), certificate_id)
    form = ReissueForm(request.POST if request.method == "POST" else None)

    def begin() -> Application:
        said = {"reason": request.POST.get("reason", ""), "text": request.POST.get("reason_text", "")}
        return succession.start_reissue(certificate=certificate, **said, actor=actor_of(request), at=timezone.now())

    page = begin_page(REISSUE, certificate) | {"form": form}
    return answer(request, page, begin)


@require_http_methods(["GET", "POST"])
def renewal(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Read what a renewal does, begin (O-18.2, O-19.2.11)."""
    certificate = own(person_of(request), certificate_id)

    def begin() -> Application:
        return succession.start_renewal(certificate=certificate, actor=actor_of(request), at=timezone.now())

    return answer(request, begin_page(RENEWAL, certificate), begin)


def answer(request: HttpRequest, page: dict[str, Any], begin: Callable[[], Application]) -> HttpResponse:
    """Show the page, or begin; what is refused stands on the page, with what was typed kept."""
    template = f"applications/{page['kind']}.html"
    if request.method != "POST":
        return render(request, template, page)
    try:
        draft = begin()
    except RuleViolated as refused:
        note_refusal(request, refused, Act.APPLICATION_START)
        form = page.get("form")
        if form is not None:
            form.is_valid()
            form.errors.clear()
            at_fields(form, RuleViolated([row for row in refused.violations if row.field is not None]))
        page["refusals"] = [row for row in refused.violations if row.field is None]
        return render(request, template, page, status=422)
    return redirect("applications:step", draft.pk, "applicant")


def begin_page(kind: str, certificate: Certificate) -> dict[str, Any]:
    """What the page shows on which a reissue or renewal begins, or why it can't."""
    at = timezone.now()
    return {
        "kind": kind,
        "certificate": certificate,
        "ruleset": selectors.ruleset_of(certificate),
        "refusals": selectors.refusals(kind, certificate, at),
        "contract": certificate.subscription.contract,
        "manual": governing_manual("reissue", at, certificate.subscription.target_system),
    }
