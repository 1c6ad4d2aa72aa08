"""What an agent types while somebody speaks."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import half_width
from audit.refusals import RuleViolated
from regulations.calendar import TOKYO
from revocation.grounds import Party, choices, cited_by
from revocation.services.requests import Wish
from support_desk.rules import CHOOSABLE, ENTRY_KINDS, TYPED_KINDS
from support_desk.services.tickets import Call


class CallForm(forms.Form):
    """A new call."""

    caller_name = forms.CharField(label=_("Caller's name"), max_length=120)
    callback_number = forms.CharField(label=_("Number to call back"), max_length=30, required=False)
    kind = forms.ChoiceField(
        label=_("What is it about?"), choices=[(kind.key, kind.label) for kind in CHOOSABLE],
        widget=forms.RadioSelect,
    )  # fmt: skip
    matter = forms.CharField(label=_("What the caller says"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))

    def call(self) -> Call:
        """Return the call as typed."""
        return Call(**self.cleaned_data)


class EntryForm(forms.Form):
    """Something to add to a ticket."""

    kind = forms.ChoiceField(
        label=_("This is"), choices=[(key, word) for key, word in ENTRY_KINDS.items() if key in TYPED_KINDS]
    )
    text = forms.CharField(label=_("Text"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class AnswerForm(forms.Form):
    """The answer that the caller got."""

    text = forms.CharField(
        label=_("Answer to the caller"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}), required=False
    )


class MomentField(forms.DateTimeField):
    """A day and a time of it, typed in one line in either width."""

    widget = forms.TextInput
    default_error_messages: ClassVar = {"invalid": _("Enter day and time as in 2026-11-20 18:30.")}

    def __init__(self, **kwargs: Any) -> None:
        """Take what a form field takes; a few ways of writing are understood."""
        super().__init__(input_formats=["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y/%m/%d %H:%M"], **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        """Return the instant."""
        return super().to_python(half_width(value) if isinstance(value, str) else value)


class RevocationForm(forms.Form):
    """What a verified caller wants revoked, and why."""

    ground = forms.ChoiceField(
        label=_("Ground"), choices=lambda: choices(cited_by(Party.AGENT)), widget=forms.RadioSelect
    )
    compromised_at = MomentField(
        label=_("Since when (for a lost or leaked key)"),
        help_text=_(
            "As year-month-day hour:minute, for example 2026-11-20 18:30. Empty when the caller does not know."
        ),
        required=False,
    )
    statement = forms.CharField(
        label=_("The caller's words"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def wish(self) -> Wish:
        """Return what the caller wants."""
        since: datetime | None = self.cleaned_data["compromised_at"]
        if since is not None and since.tzinfo is None:
            since = since.replace(tzinfo=TOKYO)
        return Wish(self.cleaned_data["ground"], self.cleaned_data["statement"], since)


def put_at_fields(form: forms.Form, refused: RuleViolated, **renamed: str) -> None:
    """Show violations where they belong; `renamed` maps a violation's field to the form's."""
    for violation in refused.violations:
        name: Any = renamed.get(violation.field or "", violation.field)
        form.add_error(name if name in form.fields else None, str(violation.message))
