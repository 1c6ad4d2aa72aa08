"""What every page knows about the site and its reader."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.actors import roles_of


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the template variables of the frame: quick start or not, and the reader's roles."""
    return {"quickstart": settings.QUICKSTART, "roles": roles_of(request)}
