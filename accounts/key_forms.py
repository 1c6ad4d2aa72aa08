"""The login library's forms of passkeys and security keys, with labels that the catalogue knows."""

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django.utils.translation import gettext_lazy as _

from accounts.fields import LineField


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]  # the library has no types
    """Register a key under a name; with a passkey no password is asked."""

    name = LineField(label=_("Name of the key"), max_length=60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].label = _("Use it as a passkey: sign in with it alone")
        self.fields["passwordless"].help_text = _("The device then asks for fingerprint, face or its PIN each time.")


class RenameKeyForm(EditWebAuthnForm):  # type: ignore[misc]  # the library has no types
    """Give a key another name."""

    name = LineField(label=_("Name of the key"), max_length=60)
