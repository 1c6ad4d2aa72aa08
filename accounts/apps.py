"""Django's handle on the app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The room of accounts."""

    name = "accounts"

    def ready(self) -> None:
        """Let every form say what is wrong in our own words."""
        from accounts.sentences import speak_plainly  # noqa: PLC0415 — translations must be ready first

        speak_plainly()
