"""The applicant's first pages: what to do next, all applications, choosing what to apply for."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actors import actor_of, person_of
from applications.rules.intake import storable
from applications.selectors.home import choices_for, home_of
from applications.selectors.intake import listed_applications
from applications.selectors.prefilling import answered_before
from applications.selectors.progress import standing_of
from applications.services import intake, prefilling
from regulations.models import Contract, TargetSystem
from regulations.selectors import contact_point


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What to do next comes first, then what is running, then what one owns."""
    at = timezone.now()
    page = {"home": home_of(person_of(request), at), "contact": contact_point(at), "at": at}
    return render(request, "applications/home.html", page)


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """All of one's applications, newest first."""
    person = person_of(request)
    rows = listed_applications(person).order_by("-created_at")[:200]
    page = {"rows": [(application, standing_of(application, person)) for application in rows]}
    return render(request, "applications/list.html", page)


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """The target systems, those one may apply to with a button, the others with the reason (J-2, O-7)."""
    at = timezone.now()
    page = {"choices": choices_for(person_of(request), at)}
    return render(request, "applications/choose.html", page | {"contact": contact_point(at)})


@require_POST
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin an application, with the answers of an older one where that was chosen, or go on with the draft."""
    target_system = get_object_or_404(TargetSystem.objects.in_force(), slug=slug)
    number = storable(request.POST.get("contract", ""))
    contract = Contract.objects.filter(parent_service=target_system.parent_service, number=number).first()
    actor, at, person = actor_of(request), timezone.now(), person_of(request)
    if "answers_of" in request.POST:
        earlier = get_object_or_404(answered_before(person), receipt_number=storable(request.POST["answers_of"]))
        application = prefilling.start_with_answers(
            earlier=earlier, target_system=target_system, contract=contract, actor=actor, at=at
        )
        text = _("The answers of application %(number)s were taken over where they still fit. Please check them.")
        messages.info(request, text % {"number": earlier.receipt_number})
    else:
        application = intake.start(target_system=target_system, contract=contract, person=person, actor=actor, at=at)
    return redirect("applications:step", application.pk, "applicant")
