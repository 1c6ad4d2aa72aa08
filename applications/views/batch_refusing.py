"""Refusing several lines of a file: chosen ones are proposed with one ground, and refused as proposed (O-4.3)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from applications.forms.examination import RefusalForm
from applications.selectors import batch_desk
from applications.services import batch_examining, looking
from applications.services.batch_examining import Asked
from applications.views.decisions import done

PROPOSE, REFUSE = "propose", "refuse"


@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, key: UUID) -> HttpResponse:
    """Propose to refuse the chosen lines: which they are, one ground, one text, what follows, the button."""
    row = batch_desk.desk_batch(key)
    chosen = chosen_in(request.POST if request.method == "POST" else request.GET)
    rows = list(batch_desk.candidates(row, PROPOSE, person_of(request), chosen).select_related("batch_line"))
    form = RefusalForm(request.POST or None)

    def begin() -> None:
        asked = Asked(PROPOSE, request.POST.get("seen", ""), refusal=form.refusal(), lines=chosen)
        batch_examining.begin(batch=row, asked=asked, actor=actor_of(request), at=timezone.now())

    if request.method == "POST" and done(form, begin):
        messages.success(request, _("The proposals are being written, line by line. An approver decides."))
        return redirect("applications:batch", row.pk)
    if not rows and request.method == "GET":
        messages.warning(request, _("Please tick the lines first that are to be refused."))
        return redirect("applications:batch", row.pk)
    looking.open_batch(batch=row, actor=actor_of(request), at=timezone.now())
    page = {"batch": row, "rows": rows, "form": form, "seen": batch_desk.seen_together(rows)}
    return render(request, "applications/staff/batch_propose.html", page, status=422 if form.errors else 200)


def chosen_in(typed: QueryDict) -> list[int]:
    """The numbers of the lines that were ticked; a word that is none is left out."""
    return [int(number) for number in typed.getlist("line") if number.isdecimal() and len(number) < 9]


@require_POST
def refuse(request: HttpRequest, key: UUID) -> HttpResponse:
    """Refuse every line whose refusal was proposed, each with the words of its proposal."""
    row, asked = batch_desk.desk_batch(key), Asked(REFUSE, request.POST.get("seen", ""))
    batch_examining.begin(batch=row, asked=asked, actor=actor_of(request), at=timezone.now())
    messages.success(request, _("The lines are being refused. Each applicant gets a mail with ground and text."))
    return redirect("applications:batch", row.pk)
