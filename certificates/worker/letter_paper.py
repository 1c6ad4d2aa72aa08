"""What a PIN letter says, and its PDF: a window envelope's address, both calendars, the PIN in groups of four."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from certificates import paper
from certificates.models import PinLetter
from certificates.worker.printing import NotPrintedError
from regulations.calendar import tokyo
from regulations.eras import era_in_words
from regulations.models import ContactPoint

SOURCE: Final = Path(__file__).with_name("pin_letter.typ")


def made(letter: PinLetter, pin: str, *, desk: ContactPoint | None, at: datetime) -> bytes:
    """Return the letter as PDF, in the holder's language. Raises NotPrintedError without the letters to set it in."""
    if not paper.has_letters():
        raise NotPrintedError("no_fonts")
    with translation.override(letter.certificate.holder.language):
        return paper.pdf(SOURCE, said(letter, pin, desk, at))


def said(letter: PinLetter, pin: str, desk: ContactPoint | None, at: datetime) -> dict[str, Any]:
    """Return everything that stands in the letter, in the language that is set."""
    certificate = letter.certificate
    to: Mapping[str, str] = certificate.order.frozen["pin_to"]
    day = tokyo(at).date()
    facts = {"number": letter.number, "management_number": certificate.management_number}
    return {
        "title": _("PIN of your certificate file"),
        "day": f"{date_format(day, 'DATE_FORMAT')}（{era_in_words(day)}）",
        "number": _("%(management_number)s, letter %(number)d") % facts,
        "to": [f"〒{to['postal_code']}", to["address"], to.get("company", ""), f"{to['name']} 様"],
        "from": sender(desk),
        "opening": _("This PIN opens the file that you fetched, or will fetch, by the link in our mail."),
        "facts": [
            [_("Management number"), certificate.management_number],
            [_("Certificate for"), certificate.common_name],
        ],
        "pin_label": _("PIN"),
        "pin": pin.split("-"),
        "advice": advice(letter),
        "call": call(desk),
    }


def advice(letter: PinLetter) -> list[str]:
    """Return what the reader has to know, one thought each."""
    lines = [
        _("Type the PIN with its dashes. It has neither the letters I and O nor the digits 0 and 1."),
        _("Keep this letter apart from the file, and give the PIN to nobody. The office never asks for it."),
        _("If the envelope was open, or somebody else has seen the PIN, please report that at once, day or night."),
    ]
    if letter.number > 1:
        lines.append(_("We sent you an earlier letter with this PIN. If it never arrived, please tell us."))
    return lines


def sender(desk: ContactPoint | None) -> list[str]:
    """Return who writes, line by line."""
    if desk is None:
        return []
    return [local(desk.operator), local(desk.name), local(desk.address)]


def call(desk: ContactPoint | None) -> str:
    """Return how the call center is reached, and when."""
    if desk is None:
        return ""
    facts = {"phone": desk.phone, "opens": f"{desk.opens:%-H:%M}", "closes": f"{desk.closes:%-H:%M}"}
    return _("Call center: %(phone)s, on business days from %(opens)s to %(closes)s.") % facts


def local(text: Mapping[str, str]) -> str:
    """Return a text of the calendar's data in the language that is set."""
    language = (translation.get_language() or "ja")[:2]
    return text.get(language) or text.get("ja", "")
