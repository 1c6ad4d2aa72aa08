"""Lists as files for spreadsheets: CSV, line by line, in which nothing is calculated."""

import csv
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

# A cell that begins with one of these is taken for a formula (fault 19).
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def spreadsheet(rows: Iterable[list[object]], name: str) -> StreamingHttpResponse:
    """Send rows of cells as a file, without holding more than one of them."""
    response = StreamingHttpResponse(lines_of(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def lines_of(rows: Iterable[list[object]]) -> Iterator[str]:
    """Return the lines of a file, after the mark by which spreadsheets know UTF-8."""
    yield "\ufeff"
    writer = csv.writer(Echo())
    for cells in rows:
        yield str(writer.writerow([harmless(str(cell)) for cell in cells]))


class Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        """Return the text."""
        return text


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet calculates."""
    return f"'{cell}" if cell.startswith(FORMULAS) else cell
