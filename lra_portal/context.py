"""What every page knows about the site and its reader."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the template variables of the frame: quick start or not, and the reader's roles."""
    user = getattr(request, "user", None)
    roles = user.role_names() if isinstance(user, User) else frozenset()
    return {"quickstart": settings.QUICKSTART, "roles": roles}
