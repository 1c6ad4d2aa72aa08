"""The office's page of PIN letters: release them, see what became of them. No page ever serves one (J-5.2)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.actors import actor_of
from audit.refusals import RuleViolated
from certificates import letter_selectors as selectors
from certificates.models import PinLetter
from certificates.services import letters


@require_GET
def pin_letters(request: HttpRequest) -> HttpResponse:
    """Show what waits, what went wrong, and the batches so far."""
    return _page(request)


@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """Release the ticked letters as one batch."""
    ticked = _keys(request.POST.getlist("letter"))
    try:
        batch = letters.release(letters=ticked, actor=actor_of(request), at=timezone.now())
    except RuleViolated as refused:
        return _page(request, refused)
    count = batch.letters.count()
    said = ngettext("%(n)d letter is released.", "%(n)d letters are released.", count) % {"n": count}
    messages.success(request, said)
    return redirect("certificates:pin_letters")


@require_POST
def found(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Write down that a letter lies in the tray."""
    letters.found_printed(letter=_letter(letter_id), actor=actor_of(request), at=timezone.now())
    messages.success(request, _("Recorded: the letter was printed."))
    return redirect("certificates:pin_letters")


@require_POST
def again(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Let another letter wait in the place of this one."""
    try:
        letters.print_again(letter=_letter(letter_id), actor=actor_of(request), at=timezone.now())
    except RuleViolated as refused:
        return _page(request, refused)
    messages.success(request, _("Another letter waits to be released."))
    return redirect("certificates:pin_letters")


@require_POST
def cancel(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Let a letter be."""
    letters.cancel(letter=_letter(letter_id), actor=actor_of(request), at=timezone.now())
    messages.success(request, _("Recorded: this letter is not sent."))
    return redirect("certificates:pin_letters")


def _letter(letter_id: UUID) -> PinLetter:
    return get_object_or_404(PinLetter.objects.select_related("certificate__order"), pk=letter_id)


def _keys(typed: list[str]) -> list[UUID]:
    """Return the keys among what was sent; anything else is no letter."""
    found = []
    for text in typed[: letters.MOST]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _page(request: HttpRequest, refused: RuleViolated | None = None) -> HttpResponse:
    page = {
        "waiting": selectors.waiting(),
        "count": selectors.waiting_count(),
        "troubled": selectors.troubled(),
        "batches": selectors.batches(),
        "ticked": request.POST.getlist("letter"),
        "refusals": refused.violations if refused else [],
    }
    return render(request, "certificates/pin_letters.html", page, status=422 if refused else 200)
