"""Lines of a file of applications: which columns the rules ask for, what a line says, every fault of it by column.

What a line says goes through the same checks as the form: the spelling of each field, and whether the certificate can
say it. What the contract fills in is looked up and stands in no column (J-2).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.rules.intake import check_printed
from audit.refusals import RuleViolated, Violation
from certificates import csr
from regulations.line_cells import Column, Fault, cell_value, in_both, needed, said_again, split_line, stored
from regulations.ruleset import Field, RuleSet, identity_of
from regulations.text import TextError

# Keys with a dot: no field of any rules has one.
EMAIL: Final = "person.email"
NAME: Final = "person.name"
KEY: Final = "person.csr"
LONGEST_NAME: Final = 80
LONGEST_REQUEST: Final = 3500
REQUEST_HEAD: Final = b"-----"


@dataclass(frozen=True)
class Filed:
    """What a right line says: whom it is for, the answers in their stored spelling, the request for a key if any."""

    email: str
    name: str
    values: dict[str, str]
    identity: str
    csr_der: bytes | None = None
    key_digest: str = ""


@dataclass(frozen=True)
class LineRules:
    """Everything that lines are judged by: the rules, what the contract fills in, and the columns of the file."""

    ruleset: RuleSet
    looked_up: Mapping[str, str]
    columns: tuple[str, ...] = ()
    by_key: Mapping[str, Column] = field(default_factory=dict)

    @classmethod
    def of(cls, ruleset: RuleSet, looked_up: Mapping[str, str], columns: Sequence[str]) -> LineRules:
        """Return the judge of a file whose first line named `columns`."""
        known = {column.key: column for column in columns_of(ruleset)}
        return cls(ruleset, looked_up, tuple(columns), known)

    def place(self, key: str | None) -> int:
        """The column in which `key` stands, counted from 1; 0 for what belongs to the whole line."""
        return self.columns.index(key) + 1 if key in self.columns else 0


def columns_of(ruleset: RuleSet) -> tuple[Column, ...]:
    """The columns of a file for these rules: whom a line is for, each field that is asked, the request for a key."""
    named = any(asked.source == "account.name" for asked in ruleset.fields)
    columns = [
        Column(
            EMAIL, "本人のメールアドレス", "email", 254, required=True, label=gettext_lazy("The person's mail address")
        )
    ]
    if not named:
        label = gettext_lazy("The person's name")
        columns.append(Column(NAME, "本人の氏名", "text", LONGEST_NAME, required=True, label=label))
    columns += [column_of(asked) for asked in ruleset.fields if not asked.from_contract]
    if wants_key(ruleset):
        columns.append(
            Column(
                KEY,
                "証明書署名要求",
                "csr",
                LONGEST_REQUEST,
                required=needs_key(ruleset),
                label=gettext_lazy("Certificate signing request, in one line"),
            )
        )
    return tuple(columns)


def column_of(asked: Field) -> Column:
    """The column for a field of the rules; the person's own address need not be written twice."""
    must = asked.required and asked.source != "account.email"
    label = asked.label.ja
    also, characters = (asked.label.en,), asked.characters
    return Column(asked.key, label, asked.kind, asked.max_length, must, label, also=also, characters=characters)


def wants_key(ruleset: RuleSet) -> bool:
    """Whether a line may bring a request: the rules take keys of applicants."""
    return "csr" in ruleset.key_modes and "lra" not in ruleset.key_modes


def needs_key(ruleset: RuleSet) -> bool:
    """Whether a line must bring a request: nobody is asked to hand one in later."""
    return ruleset.key_modes == ("csr",) and ruleset.bulk_consent == "administrator"


def read_line(text: str, rules: LineRules, delimiter: str) -> tuple[Filed | None, list[Fault]]:
    """Read one line. Returns what it says, or its faults."""
    cells, faults = split_line(text, rules.columns, delimiter)
    if faults:
        return None, faults
    values: dict[str, str] = {}
    for place, key in enumerate(rules.columns, start=1):
        column = rules.by_key[key]
        cell = cells[key].strip() if column.kind == "csr" else chosen(rules.ruleset, key, cells[key])
        try:
            values[key] = cell_value(column, cell, store_cell)
        except TextError as error:
            faults.append(Fault(place, error.code, said_again(column, cell, store_cell)))
            continue
        if column.required and not values[key]:
            faults.append(needed(place))
    return (None, faults) if faults else put_together(values, rules)


def store_cell(column: Column, cell: str) -> str:
    """The cell in the spelling of its kind; a request stays as it is until it is read. Raises TextError."""
    if column.kind != "csr":
        return stored(column, cell)
    if len(cell) > column.longest:
        raise TextError("too_long", _("Please use at most %(limit)d characters.") % {"limit": column.longest})
    return cell


def chosen(ruleset: RuleSet, key: str, cell: str) -> str:
    """The cell, or for a choice the value behind the label that was written."""
    choices = {asked.key: asked.choices for asked in ruleset.fields if asked.choices}.get(key, ())
    word = cell.strip()
    return next((row.value for row in choices if word in (row.value, row.label.ja, row.label.en)), cell)


def put_together(cells: Mapping[str, str], rules: LineRules) -> tuple[Filed | None, list[Fault]]:
    """The line as an application would hold it, once every cell is right by itself."""
    ruleset = rules.ruleset
    known = {"account.email": cells[EMAIL], "account.name": cells.get(NAME, "")}
    answers = {
        asked.key: cells.get(asked.key) or (known.get(asked.source, "") if asked.source == "account.email" else "")
        for asked in ruleset.fields
        if not asked.from_contract
    }
    values = {**answers, **rules.looked_up}
    faults = [*wrong_choices(ruleset, answers, rules), *printed_faults(ruleset, values, rules)]
    der, digest, wrong = request_in(cells.get(KEY, ""), rules)
    faults += wrong
    if faults:
        return None, faults
    name = next((answers[asked.key] for asked in ruleset.fields if asked.source == "account.name"), cells.get(NAME, ""))
    return Filed(cells[EMAIL].lower(), name, answers, identity_of(ruleset, values), der, digest), []


def wrong_choices(ruleset: RuleSet, answers: Mapping[str, str], rules: LineRules) -> Iterable[Fault]:
    """Choices that the rules do not know."""
    for asked in ruleset.fields:
        value = answers.get(asked.key, "")
        if value and asked.choices and value not in {choice.value for choice in asked.choices}:
            yield Fault(rules.place(asked.key), "choice", in_both(lambda: _("Please choose one of these.")))


def printed_faults(ruleset: RuleSet, values: Mapping[str, str], rules: LineRules) -> list[Fault]:
    """What keeps the certificate from saying what the line says, at the column to correct."""
    found = check_printed(ruleset, values)
    return [Fault(rules.place(row.field), row.code, in_both(partial(said_now, ruleset, values, row))) for row in found]


def said_now(ruleset: RuleSet, values: Mapping[str, str], wanted: Violation) -> str:
    """The message of a violation in the language of now."""
    same = [row for row in check_printed(ruleset, values) if (row.field, row.code) == (wanted.field, wanted.code)]
    return str(same[0].message) if same else str(wanted.message)


def request_in(cell: str, rules: LineRules) -> tuple[bytes | None, str, list[Fault]]:
    """The request of a line: DER and digest of its key, or why it can't be used. It stands in one line, in Base64."""
    if not cell:
        return None, "", []
    data = cell.encode("ascii", "replace")
    try:
        if not data.startswith(REQUEST_HEAD):
            data = base64.b64decode(data, validate=True)
        facts = csr.read(data, key_types=rules.ruleset.profile.key_types)
    except binascii.Error:
        text = in_both(lambda: _("This is not a certificate signing request that can be read."))
        return None, "", [Fault(rules.place(KEY), "unreadable", text)]
    except RuleViolated as refused:
        row = refused.violations[0]
        return None, "", [Fault(rules.place(KEY), row.code, in_both(lambda: row.message))]
    return facts.der, facts.spki_digest, []
