"""What weighs most wants a sign-in of the last minutes: a browser left open approves, revokes and releases nothing."""

import time

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User


def is_fresh(request: HttpRequest, user: User) -> bool:
    """Tell whether the person has shown who they are within the last minutes of this session."""
    times = [float(record["at"]) for record in get_authentication_records(request, user)]
    return bool(times) and time.time() - max(times) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def ask_again(request: HttpRequest, user: User) -> HttpResponse:
    """Lead to the page that asks again who it is; what was sent is kept in the session and done afterwards.

    Somebody with a second factor is asked for that. A part of a page asks for the whole page, which is then sent anew.
    """
    ways = get_adapter(request).get_reauthentication_methods(user)
    page = next((way["url"] for way in ways if way["id"] == "mfa_reauthenticate"), reverse("account_reauthenticate"))
    if request.headers.get("HX-Request"):
        here = request.headers.get("HX-Current-URL", "").removeprefix(settings.SITE_URL)
        response = HttpResponse(status=204)
        response["HX-Redirect"] = f"{page}?{urlencode({'next': here if here.startswith('/') else '/'})}"
        return response
    kept: HttpResponse = suspend_request(request, page)
    return kept
