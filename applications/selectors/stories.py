"""The auditor's reads: one story from application to revocation, and the search through all records (O-16.2.7)."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from accounts.models import User
from accounts.roles import STAFF, Role
from applications.models import Application, ExaminationItem
from applications.rules.masking import mask_name
from applications.rules.words import word_of
from applications.selectors.watching import sheet_for
from audit.models import Event
from audit.proving import UNSEALED, Standing, places, standings
from audit.verification import details_are_true
from audit.words import ASIDES, detail_word, words_of
from certificates.models import Certificate
from regulations.calendar import TOKYO
from regulations.models import Consent

PAGE = 50
FOUND = 30
LONGEST_WORD = 160
RECOMMENDATIONS: dict[str, str | Promise] = {
    "approve": pgettext_lazy("recommendation", "approve"),
    "refuse": pgettext_lazy("recommendation", "refuse"),
}
HEXADECIMAL = re.compile(r"[0-9a-f]{32,}")
KINDS = {
    "applications.application": "application",
    "certificates.order": "order",
    "revocation.revocationrequest": "revocation",
    "support_desk.ticket": "ticket",
    "regulations.subscription": "subscription",
}
STAFF_ROLES = {role.value for role in STAFF}
PHASES: tuple[tuple[str, str | Promise], ...] = (
    ("revocation:", _("Revocation")),
    ("crl:", _("Revocation")),
    ("certificate:revoke", _("Revocation")),
    ("ticket:", pgettext_lazy("phase", "Inquiries")),
    ("caller:", pgettext_lazy("phase", "Inquiries")),
    ("desk:", pgettext_lazy("phase", "Inquiries")),
    ("certificate:", _("Issue and receipt")),
    ("service_notice:", _("Issue and receipt")),
    ("subscription:", _("Issue and receipt")),
    ("intent:", _("Issue and receipt")),
)


@dataclass(frozen=True)
class Line:
    """One event as the auditor reads it."""

    event: Event
    kind: str
    words: str | Promise
    details: list[tuple[str | Promise, str]]
    who: str
    role: str
    phase: str | Promise
    is_true: bool | None
    is_alarm: bool
    standing: Standing = UNSEALED


@dataclass(frozen=True)
class Story:
    """Everything that happened around one application or certificate."""

    key: UUID
    application: Application | None
    certificates: list[Certificate]
    lines: list[Line]
    total: int
    untrue: int
    unsealed: int
    sealed_up_to: int
    consents: list[Consent]
    items: list[tuple[str, ExaminationItem]]


@dataclass(frozen=True)
class Search:
    """What an auditor looks for among all records."""

    act: str = ""
    person: str = ""
    about: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None
    before: str = ""


@dataclass(frozen=True)
class Found:
    """One page of records and the key of the next."""

    lines: list[Line]
    next_key: str


def stories_named(text: str) -> list[Application]:
    """Return applications by receipt number, management number or serial; newest first without a text."""
    rows = Application.objects.filter(submitted_at__isnull=False).select_related(
        "applicant", "rules", "order__certificate"
    )
    text = text.replace("\x00", "").strip()
    if text:
        plain = text.replace(":", "").lower()
        rows = rows.filter(
            Q(receipt_number__iexact=text)
            | Q(order__certificate__management_number__iexact=text)
            | Q(order__certificate__serial__in=[plain, plain.lstrip("0"), text])
        )
    return list(rows.order_by("-submitted_at")[:FOUND])


def story_of(key: UUID, *, everything: bool) -> Story | None:
    """Return a story in the order in which it was written; `everything` shows looks and the machinery as well."""
    events = list(Event.objects.of_story(key).select_related("details"))
    if not events:
        return None
    application = Application.objects.filter(pk=key).select_related(
        "applicant", "examiner", "decided_by", "order", "rules__target_system", "contract"
    )
    found = application.first()
    labels = labels_of(found)
    lines = lines_of(events, labels, standings(event.pk for event in events))
    shown = lines if everything else [line for line in lines if line.event.act not in ASIDES]
    stories = found.consent_stories if found is not None else [key]
    consents = Consent.objects.filter(story__in=stories).select_related("document_version__document")
    return Story(
        key=key,
        application=found,
        certificates=list(Certificate.objects.filter(story=key).select_related("authority", "holder")),
        lines=shown,
        total=len(lines),
        untrue=sum(line.is_true is False or not line.standing.holds for line in lines),
        unsealed=sum(not line.standing.seal for line in lines),
        sealed_up_to=max(line.standing.seal for line in lines),
        consents=list(consents.order_by("pk")),
        items=[(labels.get(row.key, row.key), row) for row in _items(key)],
    )


def records_found(search: Search) -> Found:
    """Return one page of records, newest first."""
    rows = _matching(search).select_related("details").order_by("-pk")
    if search.before.isdecimal():
        rows = rows.filter(pk__lt=int(search.before))
    events = list(rows[: PAGE + 1])
    next_key = str(events[PAGE - 1].pk) if len(events) > PAGE else ""
    return Found(lines_of(events[:PAGE], places=places(event.pk for event in events)), next_key)


def record_of(key: int) -> Line | None:
    """Return one record with its place in the seals, checked; None where there is none."""
    events = list(Event.objects.filter(pk=key).select_related("details"))
    application = Application.objects.filter(pk=events[0].story).first() if events and events[0].story else None
    found = lines_of(events, labels_of(application), standings([key]))
    return found[0] if found else None


def labels_of(application: Application | None) -> dict[str, str]:
    """Return the names of the items of an application's sheet, by key."""
    if application is None:
        return {}
    return {item.key: str(item.label) for item in sheet_for(application)}


def _items(key: UUID) -> QuerySet[ExaminationItem]:
    return ExaminationItem.objects.filter(application=key).select_related("person").order_by("at")


def lines_of(
    events: Sequence[Event], labels: Mapping[str, str] | None = None, places: Mapping[int, Standing] | None = None
) -> list[Line]:
    """Return events with words and names; people on the applicant's side are masked (O-9)."""
    people = {person.pk: person for person in User.objects.filter(pk__in={row.person_id for row in events})}
    return [
        Line(
            event=event,
            kind=KINDS.get(event.subject_type, ""),
            words=words_of(event.act),
            details=_details(event, labels or {}),
            who=_who(event, people.get(event.person_id) if event.person_id else None),
            role=event.role,
            phase=_phase(event.act),
            is_true=details_are_true(event),
            is_alarm=event.outcome == "refused" or event.act == "revocation:report",
            standing=(places or {}).get(event.pk, UNSEALED),
        )
        for event in events
    ]


def _matching(search: Search) -> QuerySet[Event]:
    rows = Event.objects.all()
    if search.act:
        rows = rows.filter(act=search.act)
    if search.outcome:
        rows = rows.filter(outcome=search.outcome)
    if search.person:
        named = User.objects.filter(Q(email__iexact=search.person) | Q(name__icontains=search.person))
        rows = rows.filter(person_id__in=list(named.values_list("pk", flat=True)[:FOUND]))
    if search.about:
        rows = rows.filter(_about(search.about))
    if search.since:
        rows = rows.filter(at__gte=_midnight(search.since))
    if search.until:
        rows = rows.filter(at__lt=_midnight(search.until + timedelta(days=1)))
    return rows


def _about(text: str) -> Q:
    """Return what finds records by a receipt, management or serial number, or by the key of a story or subject."""
    stories = [application.pk for application in stories_named(text)[:FOUND]]
    with suppress(ValueError):
        stories.append(UUID(text))
    return Q(story__in=stories) | Q(subject_id__in=[text, *map(str, stories)])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), TOKYO)


def _who(event: Event, person: User | None) -> str:
    if person is None:
        return event.role.removeprefix("system:") if event.role.startswith("system:") else ""
    if event.role in STAFF_ROLES:
        return person.name
    return mask_name(person.name or person.email)


def _phase(act: str) -> str | Promise:
    return next((words for start, words in PHASES if act.startswith(start)), _("Application and examination"))


def _details(event: Event, labels: Mapping[str, str]) -> list[tuple[str | Promise, str]]:
    with suppress(Event.details.RelatedObjectDoesNotExist):
        body = event.details.body
        told = {key: value for key, value in body.items() if value not in (None, "", [], {})}
        return [(detail_word(key), _shown(value, labels)) for key, value in told.items()]
    return []


def _shown(value: object, labels: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return pgettext("detail value", "yes") if value else pgettext("detail value", "no")
    if isinstance(value, list):
        text = "、".join(_shown(part, labels) for part in value)
    elif isinstance(value, dict):
        text = "　".join(_shown(part, labels) for part in value.values())
    else:
        text = labels.get(str(value)) or str(_word(str(value)))
    text = HEXADECIMAL.sub(lambda found: f"{found[0][:8]}…{found[0][-4:]}", text)
    return text if len(text) <= LONGEST_WORD else f"{text[:LONGEST_WORD]}…"


def _word(value: str) -> str | Promise:
    """Return the word of a role, a recommendation or a result; anything else as it is."""
    if value in Role.values:
        return Role(value).label
    return RECOMMENDATIONS.get(value) or word_of(value)
