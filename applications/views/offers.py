"""The holder's page of an offered reissue: what it means, take it up, or decline (O-19.2.6)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from applications.campaigns import CampaignMember
from applications.selectors.succession import ruleset_of
from applications.services import offers
from applications.views.intake import note_refusal
from audit.acts import Act
from audit.refusals import RuleViolated


@require_http_methods(["GET", "POST"])
def offer(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """Show the offer; a POST begins the reissue, filled in from before."""
    member = offers.one_of(member_id, person_of(request).pk)
    if request.method != "POST":
        return _page(request, member)
    try:
        draft = offers.take_up(member=member, actor=actor_of(request), at=timezone.now())
    except RuleViolated as refused:
        note_refusal(request, refused, Act.CAMPAIGN_TAKE_UP)
        return _page(request, member, refused)
    if draft.status == "draft":
        return redirect("applications:step", draft.pk, "applicant")
    return redirect("applications:detail", draft.pk)


@require_POST
def decline(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """Leave the certificate as it is."""
    member = offers.one_of(member_id, person_of(request).pk)
    offers.decline(member=member, actor=actor_of(request), at=timezone.now())
    messages.success(request, _("Recorded. Your certificate %(number)s stays as it is.") % {
        "number": member.certificate.management_number
    })  # fmt: skip
    return redirect("applications:home")


def _page(request: HttpRequest, member: CampaignMember, refused: RuleViolated | None = None) -> HttpResponse:
    page = {
        "member": member,
        "campaign": member.campaign,
        "certificate": member.certificate,
        "contract": member.certificate.subscription.contract,
        "ruleset": ruleset_of(member.certificate),
        "over": timezone.now() >= member.campaign.ends_at,
        "refusals": refused.violations if refused else [],
    }
    return render(request, "applications/offer.html", page, status=422 if refused else 200)
