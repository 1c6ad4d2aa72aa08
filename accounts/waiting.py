"""Accounts that wait for their person: made when somebody acts for an address that has none yet.

Nobody can sign in to such an account. It belongs to whoever shows that they read the address: by a link in a mail
to it they set a password and move in. Somebody who signs up in the usual way gets there by setting a new password.
"""

from collections.abc import Mapping
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.invitations import Newcomer
from accounts.models import User
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import Stale
from audit.services import Entry, record, record_many


@transaction.atomic
def account_for(*, email: str, name: str, language: str, actor: Actor, at: datetime) -> User:
    """Return the account of `email`, made now without a password where there is none.

    `email` is one that `regulations.text.normalise` let through. What is said about the person here is kept
    only where the account is new: nobody changes somebody else's name.
    """
    actor = authorise(actor=actor, act=Act.ACCOUNT_PREPARE)
    found = User.objects.filter(email=email.lower()).first()
    if found is not None:
        return found
    user = User.objects.create_user(email, None, name=name, language=language)
    record(act=Act.ACCOUNT_PREPARE, actor=actor, at=at, subject=user)
    return user


@transaction.atomic
def accounts_for(*, people: Mapping[str, str], language: str, actor: Actor, at: datetime) -> dict[str, User]:
    """Return the accounts of many addresses, given with names, making with few statements those that are missing.

    The addresses are in lower case. As for one: what is said about a person is kept only where the account is new.
    """
    actor = authorise(actor=actor, act=Act.ACCOUNT_PREPARE)
    known = {user.email: user for user in User.objects.filter(email__in=list(people))}
    missing = [email for email in people if email not in known]
    nobody = make_password(None)
    made = [User(email=email, name=people[email], language=language, password=nobody) for email in missing]
    User.objects.bulk_create(made)
    record_many(actor=actor, at=at, entries=[Entry(Act.ACCOUNT_PREPARE, user) for user in made])
    return known | {user.email: user for user in made}


def waits(user: User) -> bool:
    """Tell whether nobody has moved in yet: no password, and no address that was shown to be read."""
    return not user.has_usable_password() and not EmailAddress.objects.filter(user=user, verified=True).exists()


@transaction.atomic
def move_in(*, user: User, newcomer: Newcomer, origin: str, at: datetime) -> User:
    """Give the account to whoever came by a link that was mailed to its address.

    Raises Stale where somebody has moved in meanwhile.
    """
    held = User.objects.select_for_update().get(pk=user.pk)
    if not waits(held):
        raise Stale(account=str(held.pk))
    held.set_password(newcomer.password)
    for column in ("name", "name_reading", "phone", "language"):
        setattr(held, column, getattr(newcomer, column))
    held.save(update_fields=["password", "name", "name_reading", "phone", "language"])
    EmailAddress.objects.update_or_create(user=held, email=held.email, defaults={"verified": True, "primary": True})
    actor = authorise(actor=held.actor(origin), act=Act.ACCOUNT_SIGN_UP)
    record(act=Act.ACCOUNT_SIGN_UP, actor=actor, at=at, subject=held)
    return held
