"""Mailings about a coming version: choose, see the mail, send, watch, stop, go on, send again (O-3.3)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of
from accounts.paging import known_key, page_by_key, paging_of
from accounts.states import UNSENT
from applications.advance import AdvanceNotice, AdvanceRecipient
from applications.forms.texts import AdvanceForm, put_at
from applications.selectors.audience import progress_of, recipients_of
from applications.services import advance
from applications.views.texts import version_of
from applications.views.words import mail_in_both
from audit.refusals import RuleViolated


def advance_of(key: UUID) -> AdvanceNotice:
    """Return a mailing with what its page shows, or answer 404."""
    related = AdvanceNotice.objects.select_related("version__document", "target_system", "contract", "started_by")
    return get_object_or_404(related, pk=key)


@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest, key: UUID) -> HttpResponse:
    """Choose who is told, see the mail and how many get it, then start."""
    version, at = version_of(key), timezone.now()
    form = AdvanceForm(request.POST if request.method == "POST" else None, at=at)
    page = {"form": form, "version": version}
    if request.method == "POST" and form.is_valid():
        try:
            return started_or_shown(request, form, page)
        except RuleViolated as refused:
            put_at(form, refused)
    return render(request, "applications/rules/advance_new.html", page, status=422 if form.errors else 200)


def started_or_shown(request: HttpRequest, form: AdvanceForm, page: dict[str, object]) -> HttpResponse:
    """Start the mailing, or show the mail first; what can't be started says so before the preview."""
    version, at, planned = version_of(request.resolver_match.kwargs["key"]), timezone.now(), form.cleaned_data  # type: ignore[union-attr]
    said = {"message": form.message(), "planned_for": planned["planned_for"]}
    if request.POST.get("act") == "send":
        begun = advance.start(version=version, circle=form.chosen_circle(), actor=actor_of(request), at=at, **said)
        return redirect("applications:advance", begun.pk)
    faults = advance.start_violations(version=version, circle=form.chosen_circle(), at=at, **said)
    if faults:
        raise RuleViolated(faults)
    mails = mail_in_both("applications/email/advance_notice", advance.mail_context(version, **said))
    return render(
        request,
        "applications/rules/advance_new.html",
        page | {"mails": mails, "count": form.chosen_circle().people().count()},
    )


@require_GET
def show(request: HttpRequest, key: UUID) -> HttpResponse:
    """How far a mailing is, and the result for each recipient; the page refreshes itself while mails go out."""
    row = advance_of(key)
    people, at = recipients_of(row), timezone.now()
    if request.GET.get("only") == "failed":
        people = people.filter(notice__status__in=UNSENT)
    found = page_by_key(people, after=request.GET.get("after", ""))
    page = {"advance": row, "progress": progress_of(row), "rows": found.rows, "at": at}
    page |= {"unsent": UNSENT}
    page |= {"paging": paging_of(request, found.next_key), "faults": advance.resend_violations(row, at)}
    return render(request, "applications/rules/advance.html", page)


@require_POST
def resend(request: HttpRequest, key: UUID) -> HttpResponse:
    """Send the mails again that were given up: all of them, or one recipient's."""
    row, one = advance_of(key), request.POST.get("recipient", "")
    recipient = get_object_or_404(row.recipients, pk=known_key(AdvanceRecipient, one)) if one else None
    sent = advance.send_again(advance=row, recipient=recipient, actor=actor_of(request), at=timezone.now())
    if sent:
        said = ngettext("%(n)d mail goes out again.", "%(n)d mails go out again.", sent) % {"n": sent}
        messages.success(request, said)
    else:
        messages.info(request, _("No mail is left that was given up."))
    return redirect(f"{reverse('applications:advance', args=[key])}?{request.GET.urlencode()}")


@require_POST
def stop(request: HttpRequest, key: UUID) -> HttpResponse:
    """Write no more mails for now."""
    advance.stop(advance=advance_of(key), actor=actor_of(request), at=timezone.now())
    return redirect("applications:advance", key)


@require_POST
def resume(request: HttpRequest, key: UUID) -> HttpResponse:
    """Go on with a mailing that was stopped."""
    advance.resume(advance=advance_of(key), actor=actor_of(request), at=timezone.now())
    return redirect("applications:advance", key)
