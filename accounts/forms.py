"""What people fill in about themselves."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class SignupForm(forms.Form):
    """What is asked beside address and password when somebody signs up."""

    name = forms.CharField(label=_("Name"), max_length=80)

    def signup(self, request: HttpRequest, user: User) -> None:
        """Store what was asked on the new account."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
