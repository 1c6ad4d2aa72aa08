"""The outbox: every mail that the quick start would have sent. Production has no such page."""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lra_portal.quickstart.outbox import find_mail, list_mail


@require_safe
@never_cache
def outbox(request: HttpRequest) -> HttpResponse:
    """List the mail that was sent, newest first, all of it or that to one address."""
    to = request.GET.get("to", "").strip()[:254]
    mails = list_mail(_folder(), to)
    return render(request, "quickstart/outbox.html", {"mails": mails, "to": to})


@require_safe
@never_cache
def message(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail as its reader would see it."""
    mail = find_mail(_folder(), name)
    if mail is None:
        raise Http404
    return render(request, "quickstart/message.html", {"mail": mail})


def _folder() -> Path:
    if not settings.QUICKSTART:
        raise Http404
    return Path(settings.EMAIL_FILE_PATH)
