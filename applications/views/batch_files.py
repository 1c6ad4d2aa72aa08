"""Files that go out about files of applications: a sample to begin from, the faults, what became of each line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from applications.batches import Batch
from applications.rules.batch_lines import EMAIL, KEY, NAME, columns_of
from applications.rules.deciding import GROUNDS
from applications.selectors.batches import LineRow, lines_of, row_of
from regulations.calendar import tokyo
from regulations.line_cells import Column
from regulations.ruleset import RuleSet

AT_ONCE = 500
# Nobody of this name exists; what the rules do not know by its source is left to be filled in.
SAMPLE = {
    "account.name": "見本 太郎",
    "account.name_reading": "ミホン タロウ",
    "account.name_latin": "Taro Mihon",
    "account.email": "taro.mihon@example.jp",
    "account.phone": "03-0000-0000",
}
SAMPLE_OF_KIND = {
    "text": "見本",
    "kana": "ミホン",
    "latin": "Sample",
    "tel": "03-0000-0000",
    "email": "taro.mihon@example.jp",
    "date": "2026-04-01",
    "postal_code": "105-0001",
    "corporate_number": "1999900000123",
}


Row = list[object]


def sample_rows(ruleset: RuleSet) -> Iterator[Row]:
    """The headings and one made-up line."""
    columns = columns_of(ruleset)
    yield [column.heading for column in columns]
    yield [sample_of(ruleset, column) for column in columns]


def sample_of(ruleset: RuleSet, column: Column) -> str:
    """What may stand in a column."""
    if column.key in (EMAIL, NAME):
        return SAMPLE["account.email" if column.key == EMAIL else "account.name"]
    if column.key == KEY:
        return ""
    asked = ruleset.field(column.key)
    if asked.choices:
        return asked.choices[0].label.ja
    return SAMPLE.get(asked.source) or SAMPLE_OF_KIND.get(asked.kind, "")


def fault_rows(batch: Batch, columns: Sequence[Column], language: str) -> Iterator[Row]:
    """Every fault with its line, column, heading and sentence."""
    headings = {place: column.heading for place, column in enumerate(columns, start=1)}
    yield [_("Line"), _("Column"), _("Heading"), _("What is wrong")]
    for fault in batch.faults.order_by("line", "column", "pk").iterator(AT_ONCE):
        said = fault.message.get(language, "")
        yield [fault.line, fault.column or "", headings.get(fault.column, ""), said]


def result_rows(batch: Batch, language: str) -> Iterator[Row]:
    """What became of each line."""
    words = cache(status_word)
    yield [
        _("Line"),
        _("Mail address"),
        _("Name"),
        _("Receipt number"),
        _("State"),
        _("In this state since"),
        _("Reason"),
        _("Management number"),
    ]
    for line in lines_of(batch).iterator(AT_ONCE):
        yield result_of(row_of(line), words, language)


def status_word(code: str) -> str:
    """What a status is called in the reader's language; the table of statuses answers to templates."""
    return render_to_string("applications/batches/status_word.txt", {"code": code}).strip()


def result_of(row: LineRow, words: Callable[[str], str], language: str) -> list[object]:
    """The cells of one line."""
    application = row.application
    if application is None:
        reason = row.line.left_out.get(language, "")
        return [row.line.line, row.line.email, row.line.name, "", _("Not filed"), "", reason, ""]
    order = application.order
    certificate = getattr(order, "certificate", None)
    return [
        row.line.line,
        row.line.email,
        row.line.name,
        application.receipt_number or "",
        words(row.code),
        f"{tokyo(row.since):%Y-%m-%d %H:%M}" if row.since else "",
        reason_of(row),
        certificate.management_number if certificate is not None else "",
    ]


def reason_of(row: LineRow) -> str:
    """Why a line was refused, in the words that its person reads."""
    application = row.application
    if application is None or application.status != "refused":
        return ""
    return f"{GROUNDS.get(application.refusal_ground, '')} {application.refusal_text}".strip()
