"""The login library's forms that ask for a code of the second factor, with a guard that fits the tolerance of clocks.

A code is taken for one period before and after its own (RFC 6238 5.2: people type slowly, telephones go wrong), and the
library forgets a used code after one period. Here it is remembered for as long as it could be taken again.
"""

import hashlib
from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.app_settings import TOTP_PERIOD, TOTP_TOLERANCE
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django.core.cache import cache


class OnceForm:
    """A form whose code of an authenticator app opens the door once."""

    user: Any
    authenticator: Any
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        """Return the code; a used one is refused before the library looks, so that it never clears the throttle."""
        used = self._used_key()
        if cache.get(used):
            raise get_adapter().validation_error("incorrect_code")
        code = str(super().clean_code())  # type: ignore[misc]  # the library's form stands behind this one
        lifetime = TOTP_PERIOD * (2 * TOTP_TOLERANCE + 1)
        if self.authenticator.type == Authenticator.Type.TOTP and not cache.add(used, True, timeout=lifetime):
            raise get_adapter().validation_error("incorrect_code")
        return code

    def _used_key(self) -> str:
        code = normalize_user_code(self.cleaned_data["code"])
        return "accounts:used_code:" + hashlib.sha256(f"{self.user.pk}:{code}".encode()).hexdigest()


class SignInCodeForm(OnceForm, AuthenticateForm):  # type: ignore[misc]  # the library has no types
    """Ask for the second factor at the door."""


class FreshCodeForm(OnceForm, ReauthenticateForm):  # type: ignore[misc]  # the library has no types
    """Ask for the second factor again, before an act that wants a fresh sign-in."""
