"""The office's queue: what waits, for whom, until when; pages by key, so that depth costs nothing."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from applications.models import Application
from regulations.calendar import Calendar, closing_of, tokyo
from regulations.text import TextError, kana

OPEN_STATES = ("submitted", "examining", "waiting_information", "awaiting_approval")
RUNNING = ("submitted", "examining", "awaiting_approval")
DECIDED_STATES = ("approved", "refused", "withdrawn", "lapsed")
SCOPES = ("mine", "unclaimed", "approval", "overdue", "today", "waiting", "all")
PAGE = 50
SEARCHED = (
    "corporation_name",
    "corporation_reading",
    "corporation_latin",
    "corporate_number",
    "person_name",
    "person_reading",
    "person_latin",
    "member_number",
)


@dataclass(frozen=True)
class Wanted:
    """What the reader filters by; empty says anything."""

    scope: str = "all"
    text: str = ""
    status: str = ""
    target_system: str = ""
    after: str = ""


@dataclass(frozen=True)
class Tallies:
    """Counts over what is open; small, because decided applications are not looked at."""

    overdue: int
    today: int
    mine: int
    unclaimed: int
    approval: int
    waiting: int


@dataclass(frozen=True)
class Page:
    """One page of the queue and the key of the next."""

    rows: list[Application]
    next_key: str


def tallies(*, person: User, at: datetime) -> Tallies:
    """Return the counts above the queue in one query."""
    counted = Application.objects.filter(status__in=OPEN_STATES).aggregate(
        overdue=Count("pk", filter=Q(status__in=RUNNING, due_at__lt=at)),
        today=Count("pk", filter=_today(at)),
        mine=Count("pk", filter=Q(status="examining", examiner=person)),
        unclaimed=Count("pk", filter=Q(status="submitted")),
        approval=Count("pk", filter=Q(status="awaiting_approval")),
        waiting=Count("pk", filter=Q(status="waiting_information")),
    )
    return Tallies(**counted)


def queue_page(*, wanted: Wanted, person: User, at: datetime) -> Page:
    """Return one page in order of due time, and the key from which the next one starts."""
    rows = _filtered(wanted, person, at).select_related(
        "applicant", "examiner", "rules__target_system", "contract__corporation", "order"
    )
    after = _key(wanted.after)
    if after:
        due_at, pk = after
        rows = rows.filter(Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=pk))
    found = list(rows.annotate(judged=Count("items")).order_by("due_at", "pk")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page([*found[:PAGE]], f"{last.due_at.isoformat()}~{last.pk}" if last and last.due_at else "")


def business_left(calendar: Calendar, at: datetime, until: datetime) -> int:
    """Return how many business days are left, today's not counted."""
    return calendar.business_days_left(at, until)


def _today(at: datetime) -> Q:
    day = tokyo(at).date()
    return Q(status__in=RUNNING, due_at__gte=at, due_at__lte=closing_of(day) + timedelta(hours=6))


def _filtered(wanted: Wanted, person: User, at: datetime) -> QuerySet[Application]:
    scopes = {
        "mine": Q(status="examining", examiner=person),
        "unclaimed": Q(status="submitted"),
        "approval": Q(status="awaiting_approval"),
        "overdue": Q(status__in=RUNNING, due_at__lt=at),
        "today": _today(at),
        "waiting": Q(status="waiting_information"),
    }
    everything = Q(status__in=OPEN_STATES) if not (wanted.status or wanted.text) else Q(submitted_at__isnull=False)
    rows = Application.objects.filter(scopes.get(wanted.scope, everything))
    if wanted.status:
        rows = rows.filter(status=wanted.status)
    if wanted.target_system:
        rows = rows.filter(rules__target_system__slug=wanted.target_system)
    return rows.filter(_matches(wanted.text)) if wanted.text else rows


def _matches(text: str) -> Q:
    text = text.replace("\x00", "").strip()
    spellings = {text}
    with suppress(TextError):
        spellings.add(kana(text))
    found = Q()
    for spelling in spellings:
        found |= Q(receipt_number__icontains=spelling)
        for key in SEARCHED:
            found |= Q(**{f"values__{key}__icontains": spelling})
    return found


def _key(after: str) -> tuple[datetime, UUID] | None:
    due_at, _sign, pk = after.partition("~")
    try:
        return datetime.fromisoformat(due_at), UUID(pk)
    except ValueError:
        return None
