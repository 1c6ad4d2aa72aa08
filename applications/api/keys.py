"""Who calls: a parent service by its key, and what the key may do."""

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from accounts.actors import origin_of
from audit.actors import Actor
from audit.refusals import NotAllowed
from regulations.models import ApiToken
from regulations.services.api_tokens import token_behind


class Key(HttpBearer):
    """Lets a call in whose key is usable and has the scope."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Return the key's row; raises NotAllowed for a key without the scope."""
        found = token_behind(key=token, at=timezone.now())
        if found is None:
            return None
        request.api_token = found  # type: ignore[attr-defined]
        if self.scope not in found.scopes:
            raise NotAllowed(_("This key may not do that (%(scope)s).") % {"scope": self.scope}, scope=self.scope)
        return found


def token_of_call(request: HttpRequest) -> ApiToken:
    """Return the key of a call that was let in."""
    token = getattr(request, "api_token", None)
    if not isinstance(token, ApiToken):
        raise TypeError("no key let this call in")
    return token


def actor_of_call(request: HttpRequest) -> Actor:
    """Return who acts: the parent service's system, known by the first signs of its key; else anyone."""
    token = getattr(request, "api_token", None)
    if not isinstance(token, ApiToken):
        return Actor.anyone(origin_of(request))
    return Actor.client(token.prefix, origin_of(request))
