"""Reads of the watch list: what an application carries of it, and what an entry touches (O-11.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Lower, Replace

from applications.models import OPEN, Application, WatchedName
from applications.rules import sheet
from applications.rules.filing import proxy_item
from applications.rules.masking import MASKED_KEYS
from applications.rules.sheet import Printed, SheetItem, Watched
from applications.rules.watching import PART, WHOLE, form_of, found_in, whole_forms
from certificates.models import Certificate
from regulations.ruleset import RuleSet

NAMING_GROUPS = frozenset({"company", "person", "certificate"})
NAMING_KINDS = frozenset({"text", "kana", "latin"})
MOST_LOOKED_AT = 2000
MOST_SHOWN = 50
UNDECIDED = ("submitted", "examining", "waiting_information", "awaiting_approval")


@dataclass(frozen=True)
class Touched:
    """What carries a watched name now: open applications and valid certificates."""

    applications: list[Application]
    certificates: list[Certificate]


def entries(*, text: str = "", ended: bool = False) -> QuerySet[WatchedName]:
    """Return the list, newest first; with `text`, the entries whose name it holds or is part of."""
    rows = WatchedName.objects.select_related("added_by", "ended_by").order_by("-added_at", "pk")
    rows = rows.filter(ended_at__isnull=not ended)
    form = form_of(text)
    if not form:
        return rows
    return rows.annotate(typed=Value(form, TextField())).filter(Q(form__contains=form) | Q(typed__contains=F("form")))


def names_in(ruleset: RuleSet, printed: Sequence[Printed], values: Mapping[str, str]) -> list[str]:
    """Return every text of an application in which a name may stand: what is printed, and what it is made of."""
    said = [
        values.get(field.key, "")
        for field in ruleset.fields
        if field.group in NAMING_GROUPS and field.kind in NAMING_KINDS and field.key not in MASKED_KEYS
    ]
    return list(dict.fromkeys(text for text in (*(part.value for part in printed if part.field_keys), *said) if text))


def watched_among(texts: Sequence[str], kept: Iterable[UUID] = (), *, look: bool = True) -> list[Watched]:
    """Return the entries that stand in `texts`, and those of `kept`, which were judged before.

    With `look` False nothing new is looked for: a case that was decided stays as it was examined.
    """
    wanted = Q(pk__in=list(kept))
    if look and texts:
        forms = sorted({form for text in texts for form in whole_forms(text)})
        wanted |= Q(ended_at=None, matching=WHOLE, form__in=forms)
        wanted |= Q(ended_at=None, matching=PART, typed__contains=F("form"))
    joined = Value("\n".join(form_of(text) for text in texts), TextField())
    rows = WatchedName.objects.annotate(typed=joined).filter(wanted).order_by("added_at", "pk")
    return [
        Watched(row.pk, row.name, row.reason, tuple(found_in(row.form, row.matching, texts)), row.ended_at is None)
        for row in rows
    ]


def watched_in(application: Application) -> list[Watched]:
    """Return the entries of the list that concern one application."""
    if application.order is None:
        return []
    ruleset = application.rules.ruleset
    printed = sheet.printed_of(ruleset, application.order.frozen)
    judged = [row.key for row in application.items.all() if row.key.startswith(sheet.RIGHTS_PREFIX)]
    kept = [UUID(key.removeprefix(sheet.RIGHTS_PREFIX)) for key in judged]
    texts = names_in(ruleset, printed, application.values)
    return watched_among(texts, kept, look=application.status in UNDECIDED)


def sheet_for(application: Application, watched: Sequence[Watched] | None = None) -> list[SheetItem]:
    """Return the whole sheet: the rules' items, what is printed, right-holder items, and the letter of proxy."""
    if application.order is None:
        return []
    ruleset = application.rules.ruleset
    found = watched_in(application) if watched is None else watched
    items = sheet.sheet_of(ruleset, sheet.printed_of(ruleset, application.order.frozen), found)
    return [*items, *proxy_item(ruleset, by_proxy=application.by_proxy)]


def touched_by(entry: WatchedName, at: datetime) -> Touched:
    """Return what carries a name now: the applications that are open, and valid certificates.

    Certificates say it in one line of letters, so that the database finds candidates and the rule decides.
    """
    rows = Application.objects.filter(status__in=OPEN).select_related("order", "rules").order_by("due_at", "pk")
    carrying = [row for row in rows[:MOST_LOOKED_AT] if any(hit.key == entry.pk for hit in _would_hit(row, entry))]
    bare = Replace(Lower("subject_text"), Value(" "), Value(""))
    likely = Certificate.objects.valid(at).annotate(bare=bare).filter(bare__contains=entry.form)
    rows_of_certificates = likely.select_related("order__application")[:MOST_SHOWN]
    held = [row for row in rows_of_certificates if found_in(entry.form, entry.matching, [row.subject_text])]
    return Touched(carrying[:MOST_SHOWN], held)


def _would_hit(application: Application, entry: WatchedName) -> list[Watched]:
    if application.order is None:
        return []
    ruleset = application.rules.ruleset
    texts = names_in(ruleset, sheet.printed_of(ruleset, application.order.frozen), application.values)
    where = found_in(entry.form, entry.matching, texts)
    return [Watched(entry.pk, entry.name, entry.reason, tuple(where))] if where else []
