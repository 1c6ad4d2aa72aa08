"""Everything that one examination page shows about one application, read once (O-4.2, J-3.2)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from accounts.models import User
from accounts.roles import Role
from applications.models import (
    Application,
    Contact,
    ExaminationItem,
    HandOver,
    InformationRequest,
    ItemWords,
    Override,
)
from applications.rules import deciding, sheet
from applications.rules.deciding import Missing
from applications.rules.findings import Finding
from applications.rules.masking import PersonalValue, personal_values
from applications.rules.sheet import Printed, SheetItem
from applications.rules.viewing import ViewState
from applications.rules.words import Option, options_of, word_of
from applications.selectors.background import Background, background_of
from applications.selectors.facts import findings_about, involved_in
from applications.selectors.history import Entry, history_of
from applications.selectors.succession import Follows, application_of, follows_of
from applications.selectors.viewing import Tie, Viewer, viewer_of
from applications.selectors.watching import sheet_for, watched_in
from audit.refusals import NotFound
from regulations.ruleset import LocalText, RuleSet
from regulations.text import corporate_check_digit


@dataclass(frozen=True)
class Powers:
    """What the reader may do with the case now."""

    involved: bool
    examines: bool
    may_claim: bool
    may_decide: bool
    may_contact: bool
    examined: bool


@dataclass(frozen=True)
class Earlier:
    """How an item of a reissue or renewal was found last time; information, never a result of this time."""

    receipt: str
    result: str
    at: datetime

    @property
    def word(self) -> str:
        """Return the result in words."""
        return str(word_of(self.result))


@dataclass(frozen=True)
class SheetRow:
    """One line of the sheet as the page shows it."""

    item: SheetItem
    says: list[tuple[LocalText, str]]
    judged: ExaminationItem | None
    finding: Finding | None
    is_open: bool
    earlier: Earlier | None = None
    tie: Tie | None = None
    mark_query: str = ""
    draft: ItemWords | None = None

    @cached_property
    def words(self) -> Mapping[str, str]:
        """Return what the fields of the row begin with: what was written since, else what was kept with the result."""
        if self.draft is not None:
            return dict(self.draft.typed)
        if self.judged is None:
            return {}
        return {"evidence": self.judged.evidence, "note": self.judged.note} | dict(self.judged.telephone)

    @property
    def result(self) -> str:
        """Return the result so far, or ""."""
        return self.judged.result if self.judged else ""

    @property
    def options(self) -> tuple[Option, ...]:
        """Return the choices."""
        return options_of(self.item.kind)

    @property
    def form_id(self) -> str:
        """Return the id of the row's form."""
        return f"form-{self.item.key}"


@dataclass(frozen=True)
class Case:
    """The page."""

    application: Application
    ruleset: RuleSet
    seen: str
    printed: list[Printed]
    rows: list[SheetRow]
    findings: list[Finding]
    missing: list[Missing]
    viewer: Viewer
    personal: list[PersonalValue]
    contacts: list[Contact]
    requests: list[InformationRequest]
    history: list[Entry]
    background: Background
    powers: Powers
    follows: Follows | None = None
    handed: HandOver | None = None

    @property
    def ground_word(self) -> str:
        """Return the ground of refusal in words, proposed or decided."""
        ground = self.application.refusal_ground
        return str(deciding.GROUNDS.get(ground, ground))

    @property
    def compare(self) -> list[SheetRow]:
        """Return the rows that hold the documents beside the certificate."""
        return [row for row in self.rows if row.item.kind == "compare"]

    @property
    def checks(self) -> list[SheetRow]:
        """Return the other rows."""
        return [row for row in self.rows if row.item.kind != "compare"]

    @property
    def compared(self) -> int:
        """Return how many rows of the comparison are done."""
        return sum(not row.is_open for row in self.compare)

    @property
    def checked(self) -> int:
        """Return how many of the other rows are done."""
        return sum(not row.is_open for row in self.checks)

    @property
    def speaks_against(self) -> bool:
        """Tell whether an item or a finding speaks against the application."""
        return deciding.speaks_against({row.item.key: row.result for row in self.rows}) or any(
            finding.stops for finding in self.findings
        )


def case_rows() -> Any:
    """Return the applications that the office sees (never a draft), with what every page about one needs.

    Who filed or decided it, and what it follows, is read when there is such a thing: few cases have it. The rules are
    known to the process, and the examiner is nearly always who reads: two tables more here would cost more to plan
    than all else to read.
    """
    related = ("applicant", "order", "rules", "contract__corporation", "subscription")
    rows = Application.objects.filter(submitted_at__isnull=False).select_related(*related)
    return rows.defer("rules__rules", "rules__source", "rules__what_changed")


def case_of(
    *,
    application: Application,
    person: User,
    roles: Collection[str],
    at: datetime,
    view: ViewState | None = None,
    opened: Mapping[str, str] | None = None,
) -> Case:
    """Return the page about `application` for `person`, who holds `roles`; `opened` are values that a reason opened.

    Raises NotFound for an application without an order, which the office never gets.
    """
    if application.order is None:
        raise NotFound
    if application.examiner_id == person.pk:
        application.examiner = person
    read_once(application)
    ruleset = application.rules.ruleset
    printed = sheet.printed_of(ruleset, application.order.frozen)
    watched = watched_in(application)
    findings = findings_about(application, at, watched)
    items = sheet_for(application, watched)
    contacts = list(application.contacts.select_related("person").order_by("-at"))
    requests = list(application.information_requests.select_related("asked_by").order_by("-asked_at"))
    given = list(application.hand_overs.select_related("giver", "taker", "person"))
    viewer = viewer_of(application, items, requests, view or ViewState())
    powers = powers_of(application, person, roles)
    drafts = drafts_of(application) if powers.examines else {}
    rows = _rows(application, items, findings, viewer, drafts)
    results = {row.item.key: row.result for row in rows}
    return Case(
        application=application,
        ruleset=ruleset,
        seen=application.order.seen,
        printed=printed,
        rows=rows,
        findings=findings,
        missing=deciding.missing_for_recommendation([row.item for row in rows], results, findings),
        viewer=viewer,
        personal=personal_values(ruleset, application.values, opened or {}),
        contacts=contacts,
        requests=requests,
        history=history_of(application, contacts, requests, given),
        background=background_of(application, at),
        powers=powers,
        follows=follows_of(application),
        handed=handed_to(application, given),
    )


def handed_to(application: Application, given: Sequence[HandOver]) -> HandOver | None:
    """Return how the case came to its examiner, where a colleague handed it over and it is still in their hands."""
    if not given or application.status not in ("examining", "waiting_information"):
        return None
    return given[-1] if given[-1].taker_id == application.examiner_id else None


def read_once(application: Application) -> None:
    """Read what several parts of the page look at, each with one question."""
    prefetch_related_objects(
        [application],
        Prefetch("items", ExaminationItem.objects.select_related("person")),
        Prefetch("overrides", Override.objects.select_related("person")),
        "uploads__pages",
    )


def powers_of(application: Application, person: User, roles: Collection[str]) -> Powers:
    """Return what `person`, who holds `roles`, may do; services and database say the same again."""
    involved = person.pk in involved_in(application)
    examined = application.examiner_id == person.pk
    examiner, approver = Role.EXAMINER.value in roles, Role.APPROVER.value in roles
    alone = examined and application.rules.ruleset.four_eyes
    nobody_has_it = application.status == "examining" and application.examiner_id is None
    return Powers(
        involved=involved,
        examines=examiner and not involved and application.status == "examining" and examined,
        may_claim=examiner and not involved and (application.status == "submitted" or nobody_has_it),
        may_decide=approver and not involved and application.status == "awaiting_approval" and not alone,
        may_contact=(examiner or approver) and not involved,
        examined=examined,
    )


def _rows(
    application: Application,
    items: Sequence[SheetItem],
    findings: Sequence[Finding],
    viewer: Viewer,
    drafts: Mapping[str, ItemWords],
) -> list[SheetRow]:
    ruleset = application.rules.ruleset
    judged = {row.key: row for row in application.items.all()}
    found = {finding.code: finding for finding in reversed(findings)}
    before = earlier_results(application)
    rows = []
    for item in items:
        answer, finding = judged.get(item.key), found.get(item.key) if item.kind == "automatic" else None
        settled = answer is not None and answer.result in sheet.SETTLED
        is_open = finding.stops if finding else not settled
        says = _says(item, ruleset, application.values)
        tie, query = viewer.ties.get(item.key), viewer.state.query(mark=item.key, turn=0)
        last, draft = before.get(item.key), drafts.get(item.key)
        rows.append(SheetRow(item, says, answer, finding, is_open, last, tie, query, draft))
    return rows


def drafts_of(application: Application) -> dict[str, ItemWords]:
    """Return what was written about items without a result that could be kept, by item."""
    return {row.key: row for row in application.item_words.select_related("person")}


def earlier_results(application: Application) -> dict[str, Earlier]:
    """Return, for a reissue or renewal, the items that were found right for the certificate that it follows."""
    before = application_of(application.previous) if application.previous is not None else None
    if before is None:
        return {}
    right = before.items.filter(result__in=sheet.SETTLED)
    return {row.key: Earlier(str(before.receipt_number), row.result, row.at) for row in right}


def _says(item: SheetItem, ruleset: RuleSet, values: Mapping[str, str]) -> list[tuple[LocalText, str]]:
    if item.kind != "compare":
        return []
    said = [(ruleset.field(key).label, values.get(key, "")) for key in item.says if values.get(key)]
    # What the certificate prints letter by letter stands in its own column.
    printed = {part.value for part in item.printed}
    return [row for row in said if row[1] not in printed] or said


def check_digit_is_right(number: str) -> bool:
    """Tell whether a corporate number's check digit fits; the page says so beside the number."""
    return len(number) == 13 and number.isdigit() and corporate_check_digit(number[1:]) == number[0]
