"""The call center's workplace: one search box, one person, one ticket, one clock (O-8, O-9)."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of
from accounts.models import User
from applications.models import Application
from audit.refusals import RuleViolated
from certificates.models import Certificate
from regulations.selectors import governing_manual
from support_desk import pages
from support_desk.forms import AnswerForm, CallForm, EntryForm, RevocationForm, put_at_fields
from support_desk.models import Ticket
from support_desk.search_selectors import NOTHING
from support_desk.services import callers, searching, tickets
from support_desk.services.tickets import About

get_and_post = require_http_methods(["GET", "POST"])


def ticket_of(key: UUID) -> Ticket:
    """Return a ticket, or answer that there is none."""
    related = ("person", "agent", "certificate", "application")
    found: Ticket = get_object_or_404(Ticket.objects.select_related(*related), pk=key)
    return found


def done(form: Form, act: Callable[[], object], **renamed: str) -> bool:
    """Do `act` when the form is right; tell whether it was done, with violations put at the fields."""
    if not form.is_valid():
        return False
    try:
        act()
    except RuleViolated as refused:
        put_at_fields(form, refused, **renamed)
        return False
    return True


@require_GET
def workplace(request: HttpRequest) -> HttpResponse:
    """Search for a person; without a search show what waits."""
    text = request.GET.get("q", "")[:100]
    found = searching.search(text=text, actor=actor_of(request), at=timezone.now()) if text else NOTHING
    context = {**pages.desk(timezone.now()), "q": text, "found": found, "call": CallForm()}
    context["ticket"] = Ticket.objects.filter(pk=pages.uuid_of(request.GET.get("ticket", "")), person=None).first()
    return render(request, "support_desk/workplace.html", context)


@require_GET
def person(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show one person, masked, with what they hold and how it stands."""
    found = get_object_or_404(User, pk=key)
    searching.show_person(person=found, actor=actor_of(request), at=timezone.now())
    return show_person(request, found, CallForm())


def show_person(request: HttpRequest, found: User, form: CallForm) -> HttpResponse:
    """Render the page of a person with the form for a new call."""
    at = timezone.now()
    context = {**pages.desk(at), **pages.person(found, at), "call": form, "q": request.GET.get("q", "")}
    return render(request, "support_desk/person.html", context, status=422 if form.errors else 200)


@require_GET
def ticket_list(request: HttpRequest) -> HttpResponse:
    """Show open tickets, due first, or all of them by number."""
    context = {**pages.desk(timezone.now()), **pages.ticket_list(request.GET.get("show", "open"))}
    return render(request, "support_desk/tickets.html", context)


@get_and_post
def open_ticket(request: HttpRequest) -> HttpResponse:
    """Write a call down: for a person, or for a caller whom nobody has found yet."""
    form, typed = CallForm(request.POST or None), request.POST if request.method == "POST" else request.GET
    found = User.objects.filter(pk=pages.uuid_of(typed.get("person", ""))).first()
    made: list[Ticket] = []

    def write() -> None:
        about = About(person=found)
        made.append(tickets.open_ticket(call=form.call(), about=about, actor=actor_of(request), at=timezone.now()))

    if done(form, write):
        messages.success(request, _("%(number)s is written down.") % {"number": made[0].number})
        return redirect("support_desk:ticket", made[0].pk)
    if found is not None:
        return show_person(request, found, form)
    context = {**pages.desk(timezone.now()), "call": form, "q": ""}
    return render(request, "support_desk/open.html", context, status=422 if form.errors else 200)


@require_GET
def ticket(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a call: the person left of it, verification, what they hold, the clock."""
    return show_ticket(request, ticket_of(key))


def show_ticket(
    request: HttpRequest, row: Ticket, *, opened: Mapping[str, str] | None = None, **forms: Any
) -> HttpResponse:
    """Render a ticket; `forms` replace the empty ones where something could not be kept."""
    at = timezone.now()
    context = {**pages.desk(at), **pages.ticket(row, at, opened or {}), "entry": EntryForm(), "reply": AnswerForm()}
    wrong = any(form.errors for form in forms.values() if isinstance(form, Form)) or "fault" in forms
    return render(request, "support_desk/ticket.html", {**context, **forms}, status=422 if wrong else 200)


@require_POST
def link(request: HttpRequest, key: UUID) -> HttpResponse:
    """Tie a ticket to a person, or to one of their certificates or applications."""
    row, typed = ticket_of(key), request.POST
    certificate = Certificate.objects.filter(pk=pages.uuid_of(typed.get("certificate", ""))).first()
    application = Application.objects.filter(pk=pages.uuid_of(typed.get("application", ""))).first()
    chosen = User.objects.filter(pk=pages.uuid_of(typed.get("person", ""))).first() or row.person
    try:
        about = About(person=chosen, certificate=certificate, application=application)
        tickets.link(ticket=row, about=about, actor=actor_of(request), at=timezone.now())
    except RuleViolated as refused:
        return show_ticket(request, row, fault=str(refused.message))
    return redirect("support_desk:ticket", row.pk)


@require_POST
def verify(request: HttpRequest, key: UUID) -> HttpResponse:
    """Match one answer of the caller."""
    row, item = ticket_of(key), request.POST.get("item", "")
    try:
        check = callers.check(
            ticket=row, item=item, typed=request.POST.get("answer", ""), actor=actor_of(request), at=timezone.now()
        )
    except RuleViolated as refused:
        return show_ticket(request, row, fault=str(refused.message), fault_item=item)
    if not check.matched:
        messages.warning(request, _("That is not what is registered."))
    return redirect("support_desk:ticket", row.pk)


@require_POST
def note(request: HttpRequest, key: UUID) -> HttpResponse:
    """Add a note, an instruction, or the caller's confirmation."""
    row, form = ticket_of(key), EntryForm(request.POST)

    def add() -> None:
        tickets.add_entry(ticket=row, **form.cleaned_data, actor=actor_of(request), at=timezone.now())

    return redirect("support_desk:ticket", row.pk) if done(form, add) else show_ticket(request, row, entry=form)


@require_POST
def answer(request: HttpRequest, key: UUID) -> HttpResponse:
    """Write down the answer; the clock stops."""
    row, form = ticket_of(key), AnswerForm(request.POST)

    def reply() -> None:
        text = form.cleaned_data["text"]
        tickets.answer(ticket=row, text=text, actor=actor_of(request), at=timezone.now())

    return redirect("support_desk:ticket", row.pk) if done(form, reply) else show_ticket(request, row, reply=form)


@require_POST
def close(request: HttpRequest, key: UUID) -> HttpResponse:
    """Close a ticket, with its answer if it has none yet."""
    row, form = ticket_of(key), AnswerForm(request.POST)

    def end() -> None:
        text = form.cleaned_data["text"]
        tickets.close(ticket=row, text=text, actor=actor_of(request), at=timezone.now())

    if not done(form, end):
        return show_ticket(request, row, reply=form)
    messages.success(request, _("%(number)s is closed.") % {"number": row.number})
    return redirect("support_desk:workplace")


@require_POST
def look(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show one masked value after a reason; it shows until the page is left."""
    row, field = ticket_of(key), request.POST.get("field", "")
    reason = request.POST.get("reason", "")
    value = callers.look(ticket=row, field=field, reason=reason, actor=actor_of(request), at=timezone.now())
    return show_ticket(request, row, opened={field: value})


@get_and_post
def revocation(request: HttpRequest, key: UUID, certificate: UUID) -> HttpResponse:
    """Ask for a revocation for the verified caller: ground, consequences, then the button."""
    row = ticket_of(key)
    held = Certificate.objects.filter(pk=certificate, holder=row.person).first()
    if held is None or row.person is None:
        raise Http404
    form, made = RevocationForm(request.POST or None), list[str]()

    def ask() -> None:
        case = callers.start_revocation(
            ticket=row, certificate=held, wish=form.wish(), actor=actor_of(request), at=timezone.now()
        )
        made.append(case.number)

    if done(form, ask, invalid_since="compromised_at"):
        messages.success(request, _("%(number)s waits for an approver.") % {"number": made[0]})
        return redirect("support_desk:ticket", row.pk)
    context = {**pages.desk(timezone.now()), **pages.ticket(row, timezone.now(), {}), "form": form, "held": held}
    context["manual"] = governing_manual("revocation", timezone.now(), held.subscription.target_system)
    return render(request, "support_desk/revocation.html", context, status=422 if form.errors else 200)
