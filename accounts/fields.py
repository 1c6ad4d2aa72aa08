"""Form fields that every workplace shares: a date in three inputs, and digits in either width."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Whatever lies outside is a slip of the pen, and instants of such days fall off the end of time.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
LONGEST_DAY: Final = 30


def half_width(text: str) -> str:
    """Return digits and signs in half width, as typed numbers are kept; for numbers only, not for names."""
    return unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip()


@dataclass(frozen=True)
class TypedDay:
    """A day out of the filters of a list: as typed, as a day where it is one, and otherwise what is wrong with it."""

    name: str
    typed: str = ""
    day: date | None = None
    fault: str | Promise = ""

    @classmethod
    def read(cls, name: str, typed: str) -> "TypedDay":
        """Return what was typed into the filter `name`, in either width."""
        text = half_width(typed.replace("\x00", ""))[:LONGEST_DAY]
        if not text:
            return cls(name)
        said = {"said": text}
        try:
            day = date(*(int(part) for part in text.replace("/", "-").split("-", 2)))
        except (ValueError, TypeError, OverflowError):
            return cls(name, text, fault=_("%(said)s is not a day of the calendar.") % said)
        if not FIRST_DAY <= day <= LAST_DAY:
            return cls(name, text, fault=_("%(said)s can't be right. Please check the year.") % said)
        return cls(name, day.isoformat(), day)

    def until(self, last: "TypedDay") -> "TypedDay":
        """Return `last`, with a fault where it lies before this day."""
        if self.day is None or last.day is None or self.day <= last.day:
            return last
        return replace(last, fault=_("The last day lies before the first one."))


class ThreePartDate(forms.MultiWidget):
    """Year, month and day as three inputs; the component c-date3 lays them out."""

    three_parts = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Make the three inputs; `attrs` go to each."""
        super().__init__(
            {"y": forms.TextInput(), "m": forms.TextInput(), "d": forms.TextInput()},
            attrs,
        )

    def decompress(self, value: date | None) -> list[Any]:
        """Return year, month and day of a date that the form starts with."""
        return [value.year, value.month, value.day] if value else [None, None, None]


class DateField(forms.MultiValueField):
    """A date of the western calendar, typed as three numbers in either width."""

    widget = ThreePartDate

    def __init__(self, **kwargs: Any) -> None:
        """Take what a form field takes; `required` is of the whole date."""
        parts = [forms.CharField(max_length=4, required=False) for _part in range(3)]
        super().__init__(parts, require_all_fields=False, **kwargs)

    def compress(self, data_list: Sequence[str]) -> date | None:
        """Return the date, or raise ValidationError with the part that can't be."""
        typed = [half_width(part) for part in data_list]
        if not any(typed):
            return None
        if not all(typed):
            raise ValidationError(_("Enter year, month and day."), code="incomplete")
        said = {"said": "-".join(typed)}
        try:
            day = date(*(int(part) for part in typed))
        except ValueError:
            raise ValidationError(_("%(said)s is not a day of the calendar.") % said, code="invalid") from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValidationError(_("%(said)s can't be right. Please check the year.") % said, code="far_day")
        return day


def refuse_unseen(text: str) -> None:
    """Raise ValidationError where `text` holds a character that does not show (controls, bidirectional marks)."""
    for place, sign in enumerate(text, start=1):
        if unicodedata.category(sign)[0] == "C":
            said = {"place": place, "code": f"U+{ord(sign):04X}"}
            raise ValidationError(_("Character %(place)d (%(code)s) can't be used here.") % said, code="unseen")


class LineField(forms.CharField):
    """One line of text as people write it: composed, trimmed, without characters that do not show."""

    def to_python(self, value: Any) -> str:
        """Return the text in composed form."""
        return unicodedata.normalize("NFC", super().to_python(value) or "")

    def validate(self, value: str) -> None:
        """Refuse what does not show."""
        super().validate(value)
        refuse_unseen(value)


class PhoneField(LineField):
    """A telephone number, typed in either width, kept as digits and hyphens."""

    def to_python(self, value: Any) -> str:
        """Return the number in half width."""
        return half_width(super().to_python(value)).replace("ー", "-").replace("‐", "-")

    def validate(self, value: str) -> None:
        """Refuse what is no telephone number."""
        super().validate(value)
        digits = value.replace("-", "").replace(" ", "").removeprefix("+")
        if value and not (digits.isascii() and digits.isdigit() and 9 <= len(digits) <= 15):
            raise ValidationError(
                _("Enter the telephone number with its area code, such as 03-0000-0000."), code="phone"
            )
