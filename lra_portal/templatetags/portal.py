"""Template tags that every page shares: dates and waits in words, status badges, the frame, fields."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import forms, template
from django.conf import settings
from django.forms import BoundField
from django.template.context import Context
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.roles import Role
from lra_portal import frame as frames
from lra_portal import instants
from lra_portal.instants import DueText
from lra_portal.statuses import StatusWord, status_word
from regulations.calendar import Calendar
from regulations.selectors import business_calendar

register = template.Library()
CHOICE_WIDGETS = (forms.RadioSelect, forms.CheckboxSelectMultiple)


@register.simple_tag(takes_context=True)
def frame(context: Context) -> frames.Frame:
    """Return navigation, name and language of the page around the content."""
    return frames.frame_of(context.get("request"))


@register.simple_tag
def where(name: str, *args: object) -> str:
    """Return the path of a URL name, or "" where this process does not serve it."""
    return frames.where(name, *args)


@register.filter
def day(value: date | datetime | None) -> str:
    """Show a day: 11月24日(火), with the year where it is not this year's; 24 Nov 2026."""
    return instants.day_in_words(value) if value else ""


@register.filter
def full_day(value: date | datetime | str | None) -> str:
    """Show a day with its year and without its weekday: 2026年11月24日. Notices keep days as ISO text."""
    if isinstance(value, str):
        value = date.fromisoformat(value) if value else None
    return instants.day_in_words(value, year=True, weekday=False) if value else ""


@register.filter
def instant(value: datetime | str | None) -> str:
    """Show day and time: 11月24日(火) 18:00; 24 Nov 2026, 18:00 JST. Notices keep instants as ISO text."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) and value else value
    return instants.instant_in_words(moment) if isinstance(moment, datetime) else ""


@register.filter
def clock(value: datetime | None) -> str:
    """Show the time of day in Tokyo: 18:00."""
    return instants.clock_in_words(value) if value else ""


@register.filter
def exact(value: datetime | None) -> str:
    """Show an instant to the second, for records: 2026-11-24 18:00:05 (Tokyo)."""
    return instants.local(value).strftime("%Y-%m-%d %H:%M:%S") if value else ""


@register.filter
def era(value: date | datetime | None) -> str:
    """Show a day by the Japanese era, for paper."""
    return instants.era_in_words(value) if value else ""


@register.filter
def machine(value: date | datetime | None) -> str:
    """Return the value of a time element's datetime attribute, on Tokyo's clock."""
    if value is None:
        return ""
    return instants.local(value).isoformat() if isinstance(value, datetime) else value.isoformat()


@register.simple_tag
def status(kind: str, code: str) -> StatusWord:
    """Return words and shape of a status, from the one table."""
    return _status_said(str(kind), str(code), get_language() or "ja")


@lru_cache(maxsize=1000)
def _status_said(kind: str, code: str, _language: str) -> StatusWord:
    """Return a status whose word is translated once, not at each of a list's rows."""
    found = status_word(kind, code)
    return replace(found, word=str(found.word))


@register.simple_tag(takes_context=True)
def due(context: Context, until: datetime, at: datetime | None = None, business_left: int | None = None) -> DueText:
    """Return the words of a limit, seen now or at instant `at`; business days left are counted unless given."""
    seen = at or timezone.now()
    if business_left is None:
        business_left = _calendar(context).business_days_left(seen, until)
    return instants.due_text(until, at=seen, business_left=business_left)


@register.simple_tag
def due_in_days(until: datetime, at: datetime | None = None) -> DueText:
    """Return the words of a limit that counts every day, such as the end of a certificate."""
    return instants.due_text(until, at=at or timezone.now())


def _calendar(context: Context) -> Calendar:
    """Return the business calendar, read once for a page."""
    request = context.get("request")
    known: Calendar | None = getattr(request, "_calendar", None)
    if known is None:
        known = business_calendar()
        if request is not None:
            request._calendar = known  # noqa: SLF001 — a note on our own request
    return known


@register.filter
def localised(texts: Mapping[str, str] | str | None) -> str:
    """Return the reader's language out of {"ja": …, "en": …}; Japanese where the other is missing."""
    if not isinstance(texts, Mapping):
        return str(texts or "")
    language = (get_language() or "ja")[:2]
    return texts.get(language) or texts.get("ja") or next(iter(texts.values()), "")


@register.filter
def control(field: BoundField, width: str = "") -> SafeString:
    """Render the control of a form field with the skin's classes and its aria attributes."""
    widget = field.field.widget
    widget.attrs.pop("placeholder", None)  # a label stands above; a placeholder would vanish while typing
    attrs: dict[str, Any] = {}
    if not isinstance(widget, (*CHOICE_WIDGETS, forms.CheckboxInput)):
        base = "form-select" if isinstance(widget, forms.Select) else "form-control"
        attrs["class"] = " ".join(filter(None, [base, f"w-{width}" if width else "", widget.attrs.get("class")]))
    described = [
        f"{field.auto_id}_helptext" if field.help_text else "",
        f"{field.auto_id}_error" if field.errors else "",
    ]
    if any(described):
        attrs["aria-describedby"] = " ".join(filter(None, described))
    if field.errors:
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)


@register.filter
def control_kind(field: BoundField) -> str:
    """Tell a component how to lay a field out: hidden, picks, tick, file, date3 or plain."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, CHOICE_WIDGETS):
        return "picks"
    if isinstance(widget, forms.CheckboxInput):
        return "tick"
    if isinstance(widget, forms.FileInput):
        return "file"
    return "date3" if getattr(widget, "three_parts", False) else "plain"


@register.filter
def date_parts(field: BoundField) -> list[dict[str, Any]]:
    """Return the three inputs of a date field: name, id and value of year, month and day."""
    context = field.field.widget.get_context(field.html_name, field.value(), {"id": field.auto_id})
    parts = context["widget"]["subwidgets"]
    return [{"name": p["name"], "id": p["attrs"]["id"], "value": p["value"]} for p in parts]


@register.filter
def anchor(field: BoundField) -> str:
    """Return the id that a link in the error summary jumps to: the control, or the first of several."""
    kind = control_kind(field)
    if kind == "picks":
        return f"{field.auto_id}_0"
    return date_parts(field)[0]["id"] if kind == "date3" else field.id_for_label or field.auto_id


@register.simple_tag
def bars(values: list[float], target: float | None = None) -> dict[str, Any]:
    """Return the rectangles of a small bar chart of 320 by 52, with the line of what is promised."""
    top = max([*values, target or 0, 1])
    step = 320 / max(len(values), 1)

    def height(value: float) -> int:
        return round(44 * value / top)

    rows = [{"x": round(n * step + 4), "y": 48 - height(v), "h": height(v)} for n, v in enumerate(values)]
    line = 48.5 - height(target) if target else None
    return {"bars": rows, "width": max(round(step - 10), 3), "target": line}


@register.filter
def marked(names: Iterable[Any], current: int | str) -> list[dict[str, Any]]:
    """Number the steps of a way and mark each as done, now or ahead; `current` counts from 1."""
    here = int(current)
    return [
        {
            "n": n,
            "name": name,
            "state": "done" if n < here else "now" if n == here else "",
        }
        for n, name in enumerate(names, start=1)
    ]


@register.filter
def masked(value: str, keep: int = 1) -> str:
    """Hide all but the first `keep` characters, one dot each, so that enough is left to talk."""
    text = str(value or "")
    return text[:keep] + "●" * max(len(text) - keep, 2) if text else ""


@register.filter
def octets(value: bytes | str, group: int = 2) -> str:
    """Write bytes or hexadecimal digits in pairs: 5f:3a:91."""
    text = value.hex() if isinstance(value, (bytes, memoryview)) else str(value)
    return ":".join(text[i : i + group] for i in range(0, len(text), group))


@register.filter
def kilobytes(size: int) -> str:
    """Show a size in kilobytes or megabytes."""
    if size >= 1024 * 1024:
        return f"{size / 1024 / 1024:.1f} MB"
    return f"{max(1, round(size / 1024))} KB"


@register.simple_tag
def demo_people() -> dict[str, Any] | None:
    """Return whom a newcomer may sign in as; None outside the quick start."""
    if not settings.QUICKSTART:
        return None
    from lra_portal.demo.people import PASSWORD, PEOPLE  # noqa: PLC0415 — unknown to production

    rows = [
        {"email": person.email, "name": person.name, "roles": [Role(role).label for role in person.roles]}
        for person in PEOPLE
    ]
    return {"password": PASSWORD, "rows": rows}


@register.simple_tag
def demo_code() -> str:
    """Return the present code of the demo staff's second factor; empty outside the quick start."""
    if not settings.QUICKSTART:
        return ""
    from lra_portal.demo.people import TOTP_SECRET  # noqa: PLC0415 — unknown to production
    from lra_portal.demo.second_factor import code_now  # noqa: PLC0415

    return code_now(TOTP_SECRET)
