"""The login library's forms that ask for a code of the second factor, with a guard that fits the tolerance of clocks.

A code is taken for one period before and after its own (RFC 6238 5.2: people type slowly, telephones go wrong), and the
library forgets a used code after one period. Here it is remembered for as long as it could be taken again, in the
database, like the count of attempts: a restart makes nothing of it undone.
"""

from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django.utils import timezone

from accounts import throttling
from accounts.guessing import judge_guess


class OnceForm:
    """A form whose code of an authenticator app opens the door once."""

    user: Any
    authenticator: Any
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        """Return the code; a used one is refused before the library looks, so that it never clears the throttle."""
        at, person = timezone.now(), str(self.user.pk)
        used = f"{person}:{normalize_user_code(self.cleaned_data['code'])}"
        judge_guess(throttling.CODE, person, self.user, at)
        if throttling.is_spent(throttling.USED_CODE, used, at):
            raise get_adapter().validation_error("incorrect_code")
        code = str(super().clean_code())  # type: ignore[misc]  # the library's form stands behind this one
        is_of_app = self.authenticator.type == Authenticator.Type.TOTP
        if is_of_app and throttling.count(throttling.USED_CODE, used, at) > throttling.USED_CODE.most:
            raise get_adapter().validation_error("incorrect_code")
        throttling.forgive(throttling.CODE, person)
        return code


class SignInCodeForm(OnceForm, AuthenticateForm):  # type: ignore[misc]  # the library has no types
    """Ask for the second factor at the door."""


class FreshCodeForm(OnceForm, ReauthenticateForm):  # type: ignore[misc]  # the library has no types
    """Ask for the second factor again, before an act that wants a fresh sign-in."""
