"""The register of certificates, for the office: a page to look through it, and the same as a file (O-9)."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.actors import actor_of
from accounts.paging import Page
from accounts.spreadsheets import spreadsheet
from certificates import register as selector
from certificates.models import Certificate
from certificates.register import PAGE, SORTS, STATES, Line, Sought
from certificates.selectors import called
from certificates.services import registering
from regulations.calendar import tokyo
from regulations.ruleset_words import KEYS

FILTERS = ("text", "state", "target", "issuer", "key_type", "contract", "ends_from", "ends_until", "sort")


@require_GET
def register(request: HttpRequest) -> HttpResponse:
    """Show the certificates that the address asks for, one page of them."""
    at, sought = timezone.now(), Sought.read(request.GET.dict())
    page, here = selector.page_of(sought, at), asked_of(request)
    context = {
        "sought": sought,
        "rows": selector.lines_of(list(page.rows), at),
        "paging": paging_of(here, page),
        "query": urlencode(here),
        "states": STATES.items(),
        "key_types": KEYS.items(),
        "sorts": SORTS.items(),
        "targets": selector.targets(),
        "issuers": [(authority.name, called(authority)) for authority in selector.issuers()],
    }
    return render(request, "certificates/register.html", context, status=422 if sought.faulty else 200)


def asked_of(request: HttpRequest) -> dict[str, str]:
    """Return what the address narrows down to, without the place in the list."""
    return {name: request.GET[name][:100] for name in FILTERS if request.GET.get(name)}


def paging_of(here: dict[str, str], page: Page[Certificate]) -> dict[str, object]:
    """Return the addresses that the paging component wants."""
    return {
        "first_url": f"?{urlencode(here)}" if page.previous_key else "",
        "previous_url": f"?{urlencode(here | {'before': page.previous_key})}" if page.previous_key else "",
        "next_url": f"?{urlencode(here | {'after': page.next_key})}" if page.next_key else "",
        "last_url": f"?{urlencode(here | {'last': '1'})}" if page.next_key else "",
        "size": PAGE,
    }


@require_GET
def register_file(request: HttpRequest) -> HttpResponseBase:
    """Send the certificates that the address asks for as CSV; who took it and how it was narrowed down is on record."""
    at, sought = timezone.now(), Sought.read(request.GET.dict())
    if sought.faulty:
        return redirect(f"{reverse('certificates:register')}?{urlencode(asked_of(request))}")
    registering.take_register(what=asked_of(request), actor=actor_of(request), at=at)
    lines = selector.all_lines(sought, at)
    return spreadsheet(cells_of(lines, (get_language() or "ja")[:2]), f"certificates-{tokyo(at):%Y%m%d-%H%M}.csv")


def cells_of(lines: Iterator[Line], language: str) -> Iterator[list[object]]:
    """Yield the headings, and the cells of each line."""
    yield [
        _("Management number"), _("Certificate for"), _("Target system"), _("Contract number"), _("Status"),
        _("Issued"), _("Valid from"), _("End"), _("Accepted"), _("Revoked"), _("Issuer"), _("Serial number"),
        _("Contents"),
    ]  # fmt: skip
    words: dict[str, str] = {}
    for line in lines:
        row = line.certificate
        if line.standing not in words:
            words[line.standing] = render_to_string("certificates/status_word.txt", {"code": line.standing})
        system = line.system.get(language, "") if isinstance(line.system, dict) else line.system
        contract = row.subscription.contract.number if row.subscription.contract else ""
        moments = (row.issued_at, row.not_before, row.not_after, row.accepted_at, row.revoked_at)
        days: list[object] = [f"{tokyo(at):%Y-%m-%d %H:%M}" if at else "" for at in moments]
        facts: list[object] = [row.management_number, row.common_name, system, contract, words[line.standing]]
        yield [*facts, *days, line.issuer, row.serial, row.subject_text]
