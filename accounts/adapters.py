"""Where the login library is told about our house: sealed second factors, mail by the outbox, acts on record."""

from typing import Any
from uuid import UUID, uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import throttling
from accounts.actors import actor_of, origin_of
from accounts.guessing import judge_guess
from accounts.models import User
from accounts.notices import notify
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.services import record
from vault.models import Purpose, SealedBlob
from vault.services import decrypt, seal

# The mails by which the library tells about a change of second factors, and the act that each stands for.
FACTOR_ACTS = {
    "mfa/email/totp_activated": Act.ACCOUNT_SECOND_FACTOR_ADD,
    "mfa/email/webauthn_added": Act.ACCOUNT_SECOND_FACTOR_ADD,
    "mfa/email/recovery_codes_generated": Act.ACCOUNT_SECOND_FACTOR_ADD,
    "mfa/email/totp_deactivated": Act.ACCOUNT_SECOND_FACTOR_REMOVE,
    "mfa/email/webauthn_removed": Act.ACCOUNT_SECOND_FACTOR_REMOVE,
}


# Letters that somebody who is not signed in can cause by typing an address.
BY_STRANGERS = {
    "account/email/password_reset_key",
    "account/email/unknown_account",
    "account/email/account_already_exists",
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
}
LETTERS = throttling.LETTERS


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Sign-up is open to applicants; staff are invited. What happens at the door is on record."""

    def format_email_subject(self, subject: str) -> str:
        """Return the subject as it is; the sender says who writes."""
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put the mail into the outbox, its text sealed: it may hold a link that opens an account.

        Nobody fills a mailbox that is not theirs: of what strangers can cause, the sixth one in an hour is not written.

        The page answers the same, and as fast, whether the address has an account or not.
        """
        if template_prefix in BY_STRANGERS and throttling.count(LETTERS, email, timezone.now()) > LETTERS.most:
            return
        message = self.render_mail(template_prefix, email, {**context, "site_url": settings.SITE_URL})
        user = context.get("user")
        with transaction.atomic():
            notify(
                kind="accounts/letter",
                to=user if isinstance(user, User) else None,
                email=email,
                context={"subject": message.subject},
                secret=seal(purpose=Purpose.DOCUMENTS, plaintext=message.body.encode()),
                at=timezone.now(),
                dedupe=f"letter:{uuid4()}",
            )

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: FBT001, FBT002 — the library's signature
        """Store a new account and put it on record."""
        user = super().save_user(request, user, form, commit)
        if commit:
            actor = Actor.anyone(origin_of(request))
            record(act=Act.ACCOUNT_SIGN_UP, actor=actor, at=timezone.now(), subject=user)
        return user

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Record who signed in, and greet them in their language."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        actor = authorise(actor=user.actor(origin_of(request)), act=Act.ACCOUNT_SIGN_IN)
        record(act=Act.ACCOUNT_SIGN_IN, actor=actor, at=timezone.now(), subject=user)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
        return response

    def logout(self, request: HttpRequest) -> None:
        """Record who signed out."""
        user = request.user
        if isinstance(user, User):
            actor = authorise(actor=actor_of(request), act=Act.ACCOUNT_SIGN_OUT)
            record(act=Act.ACCOUNT_SIGN_OUT, actor=actor, at=timezone.now(), subject=user)
        super().logout(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt before it is judged, for the address and for where it comes from."""
        at, typed = timezone.now(), str(credentials.get("email", ""))
        judge_guess(throttling.PASSWORD_FROM, origin_of(request), None, at)
        judge_guess(throttling.PASSWORD, typed, User.objects.filter(email__iexact=typed).first(), at)
        super().pre_authenticate(request, **credentials)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return who gave the right password; their attempts are forgotten then."""
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            throttling.forgive(throttling.PASSWORD, str(credentials.get("email", "")))
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record that somebody tried in vain; the address that they typed stands in the erasable details."""
        details = {"email": str(credentials.get("email", ""))[:254]}
        actor = Actor.anyone(origin_of(request))
        record(act=Act.ACCOUNT_SIGN_IN_FAIL, actor=actor, at=timezone.now(), details=details, outcome="refused")

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that the front server set; a header of the client is not believed."""
        return origin_of(request)

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        """Tell the person about a change of their account; a change of second factors is recorded here."""
        if act := FACTOR_ACTS.get(template_prefix):
            actor = authorise(actor=user.actor(origin_of(self.request)), act=act)
            record(act=act, actor=actor, at=timezone.now(), subject=user, details={"what": template_prefix[10:]})
        super().send_notification_mail(template_prefix, user, *args, **kwargs)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # the library has no types
    """Second-factor secrets rest in the vault; the library's row holds the blob's id only."""

    def encrypt(self, text: str) -> str:
        """Seal a secret and return what the library may store in its place."""
        return str(seal(purpose=Purpose.SECOND_FACTORS, plaintext=text.encode()).pk)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret behind `encrypted_text`."""
        return decrypt(SealedBlob.objects.get(pk=UUID(encrypted_text))).decode()
