"""Forms of the applicant: made from the rules; they carry what was typed, the rules judge it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import DateField, ThreePartDate
from audit.refusals import Violation
from regulations.ruleset import DocumentRule, Field

WIDTHS = ((13, "s"), (40, "m"))
INPUT_MODES = {"corporate_number": "numeric", "postal_code": "numeric", "tel": "tel", "email": "email"}
AUTOCOMPLETE = {"account.name": "name", "account.email": "email", "account.phone": "tel"}


class AskedText(forms.CharField):
    """One field of the rules; takes whatever is typed, so that nothing is lost."""

    def clean(self, value: Any) -> str:
        """Return what was typed."""
        return value if isinstance(value, str) else ""


class TypedDate(ThreePartDate):
    """Three inputs that show again what was typed, be it a date or not."""

    def decompress(self, value: Any) -> list[Any]:
        """Return the three parts of `value`, which is kept as year-month-day."""
        if isinstance(value, str):
            parts = value.split("-", 2)
            return [*parts, *([""] * (3 - len(parts)))]
        return super().decompress(value)


class AskedDate(DateField):
    """A date of the rules, kept as it was typed."""

    widget = TypedDate

    def clean(self, value: Any) -> str:
        """Return the three parts with hyphens, or nothing when all are empty."""
        parts = [part or "" for part in value] if isinstance(value, list) else []
        return "-".join(parts) if any(parts) else ""


class AskedChoice(forms.ChoiceField):
    """One of the rules' choices; another value is kept until it is put right."""

    def clean(self, value: Any) -> str:
        """Return what was chosen."""
        return value if isinstance(value, str) else ""


class StepForm(forms.Form):
    """The fields of one step. Judge them with the rules, then `mark` what is wrong."""

    use_required_attribute = False

    def __init__(self, asked: Sequence[Field], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        self._typed: dict[str, str] | None = None
        for field in asked:
            self.fields[field.key] = form_field(field)

    def typed(self) -> dict[str, str]:
        """What was typed, by field key; the same before and after `mark`."""
        if self._typed is None:
            self.full_clean()
            self._typed = {field.key: str(self.cleaned_data.get(field.key, "")) for field in self.asked}
        return self._typed

    def mark(self, violations: Iterable[Violation]) -> None:
        """Put each violation at its field; what belongs to none stands on top."""
        for violation in violations:
            place = violation.field if violation.field in self.fields else None
            self.add_error(place, str(violation.message))

    def rows(self) -> list[tuple[forms.BoundField, str]]:
        """The bound fields with the width that tells the length expected."""
        return [(self[field.key], width_of(field)) for field in self.asked]


def form_field(field: Field) -> forms.Field:
    """The form's field for a field of the rules."""
    facts: dict[str, Any] = {"label": str(field.label), "help_text": str(field.help), "required": field.required}
    if field.kind == "date":
        return AskedDate(**facts)
    if field.kind == "choice":
        choices = [(choice.value, str(choice.label)) for choice in field.choices]
        return AskedChoice(choices=choices, widget=forms.RadioSelect, **facts)
    attributes = {"lang": "en", "spellcheck": "false"} if field.kind in ("latin", "email") else {}
    attributes |= {"inputmode": INPUT_MODES[field.kind]} if field.kind in INPUT_MODES else {}
    attributes |= {"autocomplete": AUTOCOMPLETE.get(field.source, "off")}
    return AskedText(widget=forms.TextInput(attrs=attributes), **facts)


def width_of(field: Field) -> str:
    """How wide the control is: as long as what goes into it."""
    return next((width for limit, width in WIDTHS if field.max_length <= limit), "l")


def initial_of(asked: Sequence[Field], typed: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """What a form starts with: the stored spelling, or what was typed where that could not be used."""
    return {field.key: values.get(field.key) or typed.get(field.key, "") for field in asked}


class RequestForm(forms.Form):
    """The certificate signing request: pasted, or as a file."""

    use_required_attribute = False
    csr = forms.CharField(
        label=_("Certificate signing request (CSR)"),
        help_text=_(
            "Paste the text from “-----BEGIN CERTIFICATE REQUEST-----” to the end. Never send the private key."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "class": "mono", "lang": "en", "spellcheck": "false"}),
    )
    csr_file = forms.FileField(label=_("or choose the file"), required=False)


class DocumentForm(forms.Form):
    """One document of the rules: a file and, where its age matters, the day of issue."""

    use_required_attribute = False

    def __init__(self, document: DocumentRule, data: Any = None, files: Any = None, initial: Any = None) -> None:
        super().__init__(data, files, prefix=document.key, initial=initial)
        self.document = document
        if document.max_age_days:
            self.fields["issued_on"] = DateField(
                label=_("Day of issue"), help_text=_("As it is printed on the document."), required=False
            )
        self.fields["file"] = forms.FileField(
            label=_("File"), help_text=_("PDF, JPEG or PNG, up to 10 MB."), required=False
        )


def anchor_of(bound: forms.BoundField) -> str:
    """The id that a link to a field jumps to: its control, the first of several."""
    if isinstance(bound.field, DateField):
        return f"{bound.auto_id}_0"
    return f"{bound.auto_id}_0" if isinstance(bound.field, AskedChoice) else bound.auto_id
