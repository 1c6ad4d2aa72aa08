"""What is typed to hand an application over; rules are checked by the service."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class HandOverForm(forms.Form):
    """To whom, and what the other has to know."""

    taker = forms.ChoiceField(
        label=_("To whom"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose an examiner who may examine this application."),
            "invalid_choice": _("Please choose an examiner who may examine this application."),
        },
    )
    note = forms.CharField(
        label=_("Handover note"),
        help_text=_("What is done, what is open, what to look at. The other examiner gets it by mail."),
        error_messages={"required": _("Please write what the other examiner has to know.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, examiners: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in examiners}
        self.fields["taker"].choices = [(pk, person.name) for pk, person in self.people.items()]  # type: ignore[attr-defined]

    def chosen(self) -> User | None:
        """Return the examiner that was chosen."""
        return self.people.get(self.cleaned_data.get("taker", ""))
