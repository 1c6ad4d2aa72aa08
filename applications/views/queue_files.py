"""The list of the queue as a file for a spreadsheet; who took it and how it was narrowed down is on record (O-9)."""

from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest, StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from accounts.actors import actor_of, person_of
from accounts.spreadsheets import spreadsheet
from applications.selectors.pinned import systems_in_force
from applications.selectors.queue import Line, all_lines
from applications.services import looking
from applications.views.queue import FILTERS, MOST_IN_FILE, wanted_of
from regulations.calendar import tokyo


@require_GET
def queue_file(request: HttpRequest) -> StreamingHttpResponse:
    """Send the list that the address asks for as CSV, in its order, from its beginning."""
    at, person = timezone.now(), person_of(request)
    wanted = wanted_of(request, systems_in_force())
    what = {name: request.GET[name][:100] for name in FILTERS if request.GET.get(name)}
    looking.take_list(what=what, actor=actor_of(request), at=at)
    lines = all_lines(wanted=wanted, person=person, at=at, most=MOST_IN_FILE)
    return spreadsheet(rows_of(lines), f"applications-{tokyo(at):%Y%m%d-%H%M}.csv")


def rows_of(lines: Iterator[Line]) -> Iterator[list[object]]:
    """Yield the headings, and the cells of each line."""
    headings = [_("Receipt number"), _("Kind"), _("Target system"), _("Company"), _("Applicant"), _("Status")]
    headings += [_("Received"), _("Due"), _("Examiner"), _("Items left"), pgettext("column", "Items")]
    words: dict[str, str] = {}
    yield [*headings]
    for line in lines:
        row = line.application
        if row.status not in words:
            words[row.status] = render_to_string("applications/staff/status_word.txt", {"code": row.status})
        facts: list[object] = [row.receipt_number, line.kind, line.system, line.company, line.person, words[row.status]]
        facts += [instant_of(row.submitted_at), instant_of(row.due_at), line.examiner, line.left, line.items]
        yield facts


def instant_of(at: datetime | None) -> str:
    """Return an instant on Tokyo's clock as spreadsheets read it."""
    return f"{tokyo(at):%Y-%m-%d %H:%M}" if at else ""
