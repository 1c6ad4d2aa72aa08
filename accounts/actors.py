"""From a request to an actor: who is signed in, with which roles, from which address."""

from uuid import UUID

from django.http import HttpRequest

from accounts.models import User
from audit.actors import Actor


def origin_of(request: HttpRequest) -> str:
    """Return the client's address; the front server must set it, a header of the client is not believed."""
    return str(request.META.get("REMOTE_ADDR", ""))


def actor_of(request: HttpRequest) -> Actor:
    """Return the actor behind `request`: the person signed in, else anyone."""
    user = request.user
    if isinstance(user, User) and user.is_active:
        return Actor(person_id=user.pk, roles=roles_of(request), origin=origin_of(request))
    return Actor.anyone(origin_of(request))


def person_of(request: HttpRequest) -> User:
    """Return the person signed in; only for pages that the table of access keeps for people."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("the table of access let nobody in here")
    return user


def roles_of(request: HttpRequest | None) -> frozenset[str]:
    """Return the roles of the person who asks, read once for a page; nobody signed in has none."""
    user = getattr(request, "user", None)
    if request is None or not isinstance(user, User):
        return frozenset()
    known: tuple[UUID, frozenset[str]] | None = getattr(request, "_roles", None)
    if known is None or known[0] != user.pk:
        known = user.pk, user.role_names()
        request._roles = known  # type: ignore[attr-defined]  # noqa: SLF001 — a note on our own request
    return known[1]
