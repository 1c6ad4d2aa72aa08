"""The office's queue: what waits, for whom, until when; by tab, by target system, by search, page by page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.paging import Order, Page, Place, turned
from applications.models import UNDECIDED, Application, ExaminationItem
from applications.rules import finding, sheet
from applications.rules.kinds import KIND_WORDS
from applications.selectors.pinned import SystemInForce, pinned_rules
from applications.selectors.searching import found
from audit.models import Event
from audit.words import ACT_WORDS
from regulations.calendar import end_of_day, tokyo
from regulations.ruleset import RuleSet

OPEN_STATES = tuple(UNDECIDED)
RUNNING = ("submitted", "examining", "awaiting_approval")
DECIDED_STATES = ("approved", "refused", "withdrawn", "lapsed")
SCOPES = ("all", "overdue", "today", "mine", "unclaimed", "waiting", "approval")
PAGE = 50
LONG_PAGE = 500
# Tabs into which applications come by a move; into the others they come when they are received.
MOVED_INTO = ("mine", "unclaimed", "waiting", "approval")
ORDERS = {
    "due": Order("due_at"),
    "received": Order("submitted_at"),
    "newest": Order("submitted_at", descending=True),
    "name": Order("sort_name", text=True),
}
_ACTS = {act.value: words for act, words in ACT_WORDS.items()}
LATEST = Order("status_since", descending=True)
COLUMNS = (
    "receipt_number", "kind", "status", "status_since", "submitted_at", "due_at", "sort_name", "rules_id", "values",
    "recommendation", "return_note", "applicant", "examiner",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What the reader looks at; empty says anything."""

    scope: str = "all"
    text: str = ""
    status: str = ""
    system: SystemInForce | None = None
    sort: str = "due"
    place: Place = field(default_factory=Place)

    @property
    def order(self) -> Order:
        """Return the order of the list; what is decided has no due time, so the latest comes first."""
        return LATEST if self.status in DECIDED_STATES else ORDERS.get(self.sort, ORDERS["due"])

    @property
    def narrowed(self) -> bool:
        """Tell whether something is filtered beyond the tab."""
        return bool(self.text or self.status or self.system)

    @property
    def tab(self) -> str:
        """Return the tab that the list is; a search goes through everything, and so does what is decided."""
        return "" if self.text or self.status in DECIDED_STATES else self.scope


@dataclass(frozen=True)
class Happened:
    """The last act on record."""

    words: str
    at: datetime
    today: bool


@dataclass(frozen=True)
class Said:
    """What the lines of one page share: rules, numbers of items, words by kind and act, and where cases lie."""

    rules: dict[UUID, RuleSet]
    items: dict[UUID, int]
    words: dict[str, str]
    below: str
    today: date


@dataclass(frozen=True)
class Line:
    """One application in the list, as the page writes it; `open` until it is decided, `examiner` has it till then."""

    application: Application
    url: str
    system: str
    kind: str
    company: str
    person: str
    left: int
    items: int
    last: Happened | None
    open: bool
    examiner: str

    @property
    def number(self) -> str:
        """Return the receipt number."""
        return str(self.application.receipt_number)

    @property
    def status(self) -> str:
        """Return the state of the application."""
        return self.application.status

    @property
    def runs(self) -> bool:
        """Tell whether its clock runs: nothing is asked of the applicant."""
        return self.application.status in RUNNING

    @property
    def progress(self) -> str:
        """Return how many items are left to examine, of how many; nothing is left of what is decided."""
        return f"{self.left} / {self.items}" if self.open else "—"

    def held_by(self, person: User) -> bool:
        """Tell whether `person` has it now."""
        return self.open and self.application.examiner_id == person.pk

    @property
    def sent_back(self) -> bool:
        """Tell whether an approver gave it back to its examiner."""
        return self.application.status == "examining" and bool(self.application.return_note)

    @property
    def refusal_proposed(self) -> bool:
        """Tell whether its examiner proposes to refuse it."""
        return self.application.status == "awaiting_approval" and self.application.recommendation == "refuse"


def page_of(*, wanted: Wanted, person: User, at: datetime, size: int = 0) -> tuple[Page[Application], bool]:
    """Return one page of the list that is wanted, in its order, and whether its search was given up on the way.

    What a text finds comes newest receipt first, whatever its state.
    """
    if not wanted.text:
        rows = shown(listed(wanted, person, at))
        return turned(rows, order=wanted.order, place=wanted.place, size=size or PAGE), False
    hits = found(text=wanted.text, only=narrowing(wanted), place=wanted.place, size=size or PAGE)
    known = {row.pk: row for row in shown(Application.objects.filter(pk__in=hits.applications))}
    page = Page([known[pk] for pk in hits.applications if pk in known], hits.next_key, hits.previous_key)
    return page, hits.partly


def all_lines(*, wanted: Wanted, person: User, at: datetime, most: int) -> Iterator[Line]:
    """Yield the lines of the whole list, from its beginning up to `most`, page by page."""
    place, left = Place(), most
    while left > 0:
        page, _partly = page_of(wanted=replace(wanted, place=place), person=person, at=at, size=min(left, LONG_PAGE))
        yield from lines_of(page.rows)
        left -= len(page.rows)
        if not page.next_key:
            return
        place = Place(after=page.next_key)


def arrived(*, wanted: Wanted, person: User, at: datetime, since: datetime) -> int:
    """Return how many rows came into the list after `since`, up to a page; a search waits for nothing."""
    if wanted.tab == "":
        return 0
    came = "status_since" if wanted.tab in MOVED_INTO else "submitted_at"
    return listed(wanted, person, at).filter(**{f"{came}__gt": since}).order_by(came)[:PAGE].count()


def listed(wanted: Wanted, person: User, at: datetime) -> QuerySet[Application]:
    """Return the applications of a tab, narrowed down by state and target system."""
    rows = Application.objects.filter(scope_of(wanted.scope, person, at))
    if wanted.status in DECIDED_STATES:
        rows = Application.objects.filter(submitted_at__isnull=False)
    return rows.filter(**narrowing(wanted))


def narrowing(wanted: Wanted) -> dict[str, Any]:
    """Return the filters beside tab and text, by column."""
    filters = {"status": wanted.status, "target_system": wanted.system.pk if wanted.system else None}
    return {name: value for name, value in filters.items() if value}


def scope_of(scope: str, person: User, at: datetime) -> Q:
    """Return what a tab holds; each of them is one range of an index."""
    return {
        "mine": Q(examiner=person, status__in=["examining", "waiting_information"]),
        "unclaimed": Q(status="submitted"),
        "approval": Q(status="awaiting_approval"),
        "overdue": Q(status__in=RUNNING, due_at__lt=at),
        "today": Q(status__in=RUNNING, due_at__gte=at, due_at__lte=close_of_today(at)),
        "waiting": Q(status="waiting_information"),
    }.get(scope, Q(status__in=OPEN_STATES))


def close_of_today(at: datetime) -> datetime:
    """Return the end of the day in Tokyo."""
    return end_of_day(tokyo(at).date())


def shown(rows: QuerySet[Application]) -> QuerySet[Application]:
    """Return `rows` with what a line shows, in the same question: the items judged and the last act."""
    judged = ExaminationItem.objects.filter(application=OuterRef("pk"), person__isnull=False)
    judged = judged.filter(result__in=sheet.SETTLED)
    counted = judged.order_by().values("application").annotate(n=Count("pk")).values("n")
    acts = Event.objects.filter(story=OuterRef("pk"), outcome="done", act__startswith="application:").order_by("-pk")
    last = acts.values(said=JSONObject(act=F("act"), at=F("at")))[:1]
    # Of the two people only the names: a hundred objects more would cost as much as the question itself.
    names = {"applicant_name": F("applicant__name"), "examiner_name": F("examiner__name")}
    return rows.only(*COLUMNS).annotate(**names, judged=Subquery(counted), last=Subquery(last))


def lines_of(rows: Sequence[Any]) -> list[Line]:
    """Return the lines of a page of `shown` applications."""
    rules = pinned_rules(row.rules_id for row in rows)
    said = Said(
        rules=rules,
        items={pk: number_of_items(ruleset) for pk, ruleset in rules.items()},
        words={word: str(KIND_WORDS.get(word) or _ACTS.get(word) or word) for word in _words_of(rows)},
        # A case lies below the queue; asking for fifty addresses one by one costs more than all else here.
        below=reverse("applications:queue"),
        today=tokyo(timezone.now()).date(),
    )
    return [_line(row, said) for row in rows]


def _words_of(rows: Sequence[Any]) -> set[str]:
    """Return the kinds and acts that lines speak of; each is translated once."""
    return {row.kind for row in rows} | {row.last["act"] for row in rows if row.last}


def _line(row: Any, said: Said) -> Line:
    ruleset, items, is_open = said.rules[row.rules_id], said.items[row.rules_id], row.status in UNDECIDED
    values = finding.by_source(ruleset, row.values)
    return Line(
        application=row,
        url=f"{said.below}{row.pk}/",
        system=str(ruleset.name),
        kind=said.words[row.kind],
        company=values.get("contract.corporation_name", ""),
        person=values.get("account.name") or row.applicant_name,
        left=max(items - (row.judged or 0), 0),
        items=items,
        last=_happened(row.last, said) if row.last else None,
        open=is_open,
        examiner=(row.examiner_name or "") if is_open else "",
    )


def _happened(last: dict[str, str], said: Said) -> Happened:
    at = datetime.fromisoformat(last["at"])
    return Happened(said.words[last["act"]], at, today=tokyo(at).date() == said.today)


def number_of_items(ruleset: RuleSet) -> int:
    """Return how many items of the sheet people examine: those of the rules, and every printed part beside them."""
    blank = {"subject": [(part.type, "") for part in ruleset.subject], "san": {"email": [""] * bool(ruleset.san_email)}}
    items = sheet.sheet_of(ruleset, sheet.printed_of(ruleset, blank))
    return sum(item.kind != "automatic" for item in items)
