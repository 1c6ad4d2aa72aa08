"""The door: who may visit which page, and what a refusal looks like. One place each."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NoReturn

import structlog
from allauth.account.adapter import get_adapter
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import is_valid_path
from django.utils import timezone

from accounts.actors import actor_of, roles_of
from accounts.models import User
from accounts.roles import STAFF, roles_for
from audit.acts import Act
from audit.refusals import NotFound, Refused
from audit.services import record_refusal
from lra_portal.access import Rule, rule_for
from lra_portal.freshness import ask_again, is_fresh
from lra_portal.logs import without_secrets

log = structlog.get_logger(__name__)
Handler = Callable[[HttpRequest], HttpResponse]
# Pages that a person of the office may use before a second factor is set up.
SECOND_FACTOR_PAGES = {"account_logout", "set_language", "account_reauthenticate", "account_email_verification_sent"}
NOTED_EVERY = timedelta(minutes=1)
MOST_NOTED = 10_000


class SecurityHeadersMiddleware:
    """Headers that the framework has no setting for."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.setdefault("Cache-Control", "no-store")
        return response


class SessionActivityMiddleware:
    """Note once a minute when and from where a session was used; the list of one's own sessions needs no more."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.noted: dict[str, datetime] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key, at = request.session.session_key, timezone.now()
        if request.user.is_authenticated and key and self._is_due(f"{key} {request.META.get('REMOTE_ADDR')}", at):
            facts = {"last_seen_at": at, "ip": get_adapter(request).get_client_ip(request)}
            if not UserSession.objects.filter(session_key=key, user=request.user).update(**facts):
                UserSession.objects.create_from_request(request)
        return self.get_response(request)

    def _is_due(self, client: str, at: datetime) -> bool:
        last = self.noted.get(client)
        if last is not None and timedelta(0) <= at - last < NOTED_EVERY:
            return False
        if len(self.noted) >= MOST_NOTED:
            self.noted.clear()
        self.noted[client] = at
        return True


def page_above(path: str) -> str:
    """Return the nearest address above `path` that somebody serves; "/" at the last."""
    above = path.rstrip("/").rpartition("/")[0]
    while above and not is_valid_path(f"{above}/"):
        above = above.rpartition("/")[0]
    return f"{above}/"


class AccessMiddleware:
    """Deny by default: a page without a line in the table of access is visited by nobody."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Lead a reader of an address that only takes forms to the page above it: they came by reload or by a link."""
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
            return redirect(page_above(request.path))
        return response

    def process_view(
        self, request: HttpRequest, view: object, arguments: tuple[object, ...], names: dict[str, object]
    ) -> HttpResponse | None:
        """Let the visitor in, send them to sign in, or refuse."""
        match = request.resolver_match
        rule = rule_for(match.view_name if match else "")
        if rule is None:
            raise PermissionDenied
        if rule.public:
            return None
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        roles = roles_of(request)
        if match and roles & STAFF and self._lacks_second_factor(user, match.view_name):
            return redirect("mfa_index")
        if not roles & {role.value for role in roles_for(rule.act)}:
            self._turn_away(request, rule)
        if rule.fresh and request.method == "POST" and not is_fresh(request, user):
            return ask_again(request, user)
        return None

    def _turn_away(self, request: HttpRequest, rule: Rule) -> NoReturn:
        """Raise Http404: a page of another role does not exist for the visitor; the attempt is on record."""
        where = without_secrets(request.path)
        record_refusal(refused=NotFound(), act=rule.act, actor=actor_of(request), at=timezone.now(), where=where)
        raise Http404

    def _lacks_second_factor(self, user: User, view_name: str) -> bool:
        if view_name in SECOND_FACTOR_PAGES or view_name.startswith("mfa_"):
            return False
        return not is_mfa_enabled(user)


class RefusalMiddleware:
    """Catch what services refuse: record it in a transaction of its own, and tell the visitor."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a refusal with its page and a reference number for the call center."""
        if not isinstance(error, Refused):
            return None
        match = request.resolver_match
        rule = rule_for(match.view_name if match else "")
        event = record_refusal(
            refused=error,
            act=rule.act if rule else Act.PAGE_VISIT,
            actor=actor_of(request),
            at=timezone.now(),
            where=without_secrets(request.path),
        )
        if isinstance(error, NotFound):
            return render(request, "errors/404.html", status=404)
        page = {"refused": error, "reference": str(event.uid)[:8].upper()}
        return render(request, "errors/refused.html", page, status=error.status)
