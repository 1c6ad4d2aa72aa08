"""Where the login library is told about our house: sealed second factors, people who may sign up."""

from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from vault.models import Purpose, SealedBlob
from vault.services import decrypt, seal


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Sign-up is open to applicants; staff are invited."""


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # the library has no types
    """Second-factor secrets rest in the vault; the library's row holds the blob's id only."""

    def encrypt(self, text: str) -> str:
        """Seal a secret and return what the library may store in its place."""
        return str(seal(purpose=Purpose.SECOND_FACTORS, plaintext=text.encode()).pk)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret behind `encrypted_text`."""
        return decrypt(SealedBlob.objects.get(pk=UUID(encrypted_text))).decode()
