"""The watch list: names that may be a third party's, added and ended with a reason (O-11.1)."""

from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actors import actor_of, person_of
from applications.forms.watch_list import WatchEndForm, WatchForm
from applications.models import WatchedName
from applications.selectors.watching import entries, touched_by, watched_among
from applications.services import watch_list
from applications.views.decisions import done

LONGEST_SEARCH = 120
MOST_SHOWN = 200
get_and_post = require_http_methods(["GET", "POST"])


def shown(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    """Render a page of this room; a form with faults answers 422."""
    form = context.get("form")
    wrong = isinstance(form, Form) and form.is_bound and bool(form.errors)
    return render(request, f"applications/watching/{template}.html", context, status=422 if wrong else 200)


def entry_of(key: UUID) -> WatchedName:
    """Return an entry of the list, ended or not."""
    row = WatchedName.objects.select_related("added_by", "ended_by").filter(pk=key).first()
    if row is None:
        raise Http404
    return row


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """List what is watched, or was; a name that is tried out says which entries it would meet."""
    text = request.GET.get("q", "").replace("\x00", "")[:LONGEST_SEARCH].strip()
    ended = request.GET.get("ended") == "1"
    rows = list(entries(text=text, ended=ended)[: MOST_SHOWN + 1])
    met = {hit.key for hit in watched_among([text])} if text else set()
    context = {"text": text, "ended": ended, "more": len(rows) > MOST_SHOWN}
    return shown(request, "list", rows=[(row, row.pk in met) for row in rows[:MOST_SHOWN]], **context)


@get_and_post
def add(request: HttpRequest) -> HttpResponse:
    """Put a name on the list."""
    form = WatchForm(request.POST or None)

    def keep() -> None:
        watch_list.add(**form.cleaned_data, actor=actor_of(request), at=timezone.now())

    if done(form, keep):
        messages.success(request, _("The name is watched from now on, also in applications that are open."))
        return redirect("applications:watch_list")
    return shown(request, "new", form=form)


@require_GET
def entry(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show one entry, and on demand what carries the name now."""
    row, looked = entry_of(key), request.GET.get("look") == "1"
    touched = touched_by(row, timezone.now()) if looked else None
    reads_cases = person_of(request).role_names() & {"examiner", "approver", "auditor"}
    return shown(request, "entry", entry=row, looked=looked, touched=touched, reads_cases=reads_cases)


@get_and_post
def end(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take a name off the list."""
    row, form = entry_of(key), WatchEndForm(request.POST or None)

    def finish() -> None:
        watch_list.end(entry=row, reason=form.cleaned_data["reason"], actor=actor_of(request), at=timezone.now())

    if done(form, finish):
        messages.success(request, _("The name is no longer watched."))
        return redirect("applications:watched", row.pk)
    return shown(request, "end", entry=row, form=form)
