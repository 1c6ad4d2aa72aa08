"""The office in figures, with pictures: for examiners, approvers and auditors."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from applications.pictures import lying
from applications.rules.deciding import GROUNDS
from applications.selectors.dashboard import AGES, LONGEST, WEEKS, Figures, figures
from applications.selectors.pinned import systems_in_force
from regulations.selectors import business_calendar


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the figures of the last weeks, of one target system or of all; every picture says itself in a sentence."""
    at, systems, typed = timezone.now(), systems_in_force(), request.GET
    weeks = next((n for n in WEEKS if str(n) == typed.get("weeks")), WEEKS[0])
    system = next((one for one in systems if one.slug == typed.get("target")), None)
    found = figures(weeks=weeks, system=system, calendar=business_calendar(), at=at)
    context = {"figures": found, "weeks": weeks, "choices": WEEKS, "systems": systems, "system": system, "at": at}
    ages = age_words()
    by_age = [(status, list(zip(ages, numbers, strict=True))) for status, numbers in found.waiting]
    context |= {
        "ages": ages,
        "by_age": by_age,
        "waiting": lying(waiting_rows(found)),
        "taken": lying(taken_rows(found)),
    }
    context["grounds"] = lying([(str(GROUNDS.get(ground, ground)), [number]) for ground, number in found.grounds])
    context |= {"come": sum(found.come), "decided": sum(found.decided), "refused": sum(n for _g, n in found.grounds)}
    return render(request, "applications/staff/dashboard.html", context)


def waiting_rows(found: Figures) -> list[tuple[str, list[int]]]:
    """Return the states in words with what waits in each, by age."""
    words = {
        status: render_to_string("applications/staff/status_word.txt", {"code": status}) for status, _n in found.waiting
    }
    return [(words[status], ages) for status, ages in found.waiting]


def age_words() -> list[str]:
    """Return the ages of what waits in words."""
    begins = [0, *(end + 1 for end in AGES[:-1])]
    spans = [_("%(first)d to %(last)d days") % {"first": a, "last": b} for a, b in zip(begins, AGES, strict=True)]
    return [*spans, _("more than %(last)d days") % {"last": AGES[-1]}]


def taken_rows(found: Figures) -> list[tuple[str, list[int]]]:
    """Return how many decisions took how many business days."""
    words = [ngettext("%(n)d business day", "%(n)d business days", n) % {"n": n} for n in range(LONGEST)]
    words.append(_("%(n)d or more") % {"n": LONGEST})
    return [(word, [number]) for word, number in zip(words, found.taken, strict=True)]
