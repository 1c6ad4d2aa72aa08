"""What people fill in about themselves, and what the administrator fills in about the office."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.fields import LineField, PhoneField
from accounts.models import User
from accounts.roles import GIVEN, Role

ROLES = [(role.value, role.label) for role in Role if role in GIVEN]


class PersonFields(forms.Form):
    """Name, reading and telephone of a person."""

    name = LineField(label=_("Name"), max_length=80, help_text=_("Family name and given name, as on official papers."))
    name_reading = LineField(label=_("Reading (katakana)"), max_length=120, required=False)
    phone = PhoneField(label=_("Telephone"), max_length=20, required=False, help_text=_("Either width is accepted."))


class SignupForm(PersonFields):
    """What is asked beside address and password when somebody signs up."""

    field_order = ["email", "name", "name_reading", "phone", "password1", "password2"]

    def signup(self, request: HttpRequest, user: User) -> None:
        """Store what was asked on the new account, with the language that the person reads."""
        for column in ("name", "name_reading", "phone"):
            setattr(user, column, self.cleaned_data[column])
        user.language = (get_language() or "ja")[:2]
        user.save(update_fields=["name", "name_reading", "phone", "language"])


class ProfileForm(PersonFields):
    """What a person may change about themselves."""

    name_latin = LineField(label=_("Name in Latin letters"), max_length=64, required=False)
    language = forms.ChoiceField(
        label=_("Language of our mails"), choices=[("ja", "日本語"), ("en", "English")], widget=forms.RadioSelect
    )


class InvitationForm(forms.Form):
    """Whom the administrator invites to the office, with which roles."""

    email = forms.EmailField(label=_("Mail address"))
    name = LineField(label=_("Name"), max_length=80)
    roles = forms.MultipleChoiceField(label=_("Roles"), choices=ROLES, widget=forms.CheckboxSelectMultiple)
    reason = LineField(label=_("Reason"), max_length=300, help_text=_("The other administrator reads it."))


class LeavingForm(forms.Form):
    """Why somebody is locked out."""

    reason = LineField(label=_("Reason"), max_length=300)


class WayBackForm(forms.Form):
    """Whose account needs a way back, and how it was checked that it is theirs."""

    email = forms.EmailField(label=_("Mail address of the account"))
    kind = forms.ChoiceField(
        label=_("What is lost"),
        choices=[
            ("second_factor", _("The second factor: all of them are removed")),
            ("address", _("The mail address: another one takes its place")),
        ],
        widget=forms.RadioSelect,
    )
    new_email = forms.EmailField(label=_("New mail address"), required=False)
    how_checked = LineField(
        label=_("How it was checked"),
        max_length=300,
        help_text=_("Such as: called back on the number on file; identity document seen in person."),
    )


class JoinForm(PersonFields):
    """What somebody who was invited fills in: name and password."""

    password1 = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters."),
    )
    password2 = forms.CharField(
        label=_("Password (again)"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """Check that both passwords agree and that the password is none that is guessed."""
        cleaned = super().clean() or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords differ."))
        elif first:
            try:
                validate_password(first, User(email=self.email, name=cleaned.get("name", "")))
            except ValidationError as error:
                self.add_error("password1", error)
        return cleaned
