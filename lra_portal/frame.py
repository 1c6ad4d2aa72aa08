"""What stands around every page: navigation by role, who is signed in, pauses of the service.

The tables hold names of URLs. A process that serves only part of them (the repository has no
session and no staff pages) shows the entries that it can reach and leaves out the rest.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.actors import roles_of
from accounts.models import User
from accounts.roles import Role
from regulations.models import Suspension
from regulations.register_selectors import administered_by
from regulations.selectors import coming_suspensions

Text = str | Promise
Row = tuple[Text, str]

PUBLIC: tuple[Row, ...] = (
    (_("Announcements"), "repository:announcements"),
    (_("Terms and regulations"), "repository:documents"),
    (pgettext_lazy("nav", "Manual"), "repository:manual"),
    (_("Certificates and CRLs"), "repository:certificates"),
    (_("Contact"), "repository:contact"),
)
PERSON: tuple[Row, ...] = (
    (_("Home"), "applications:home"),
    (pgettext_lazy("nav", "Applications"), "applications:list"),
    (pgettext_lazy("nav", "Certificates"), "certificates:list"),
    (pgettext_lazy("nav", "Manual"), "repository:manual"),
    (_("Contact"), "repository:contact"),
)
ADMINISTERED: Row = (pgettext_lazy("nav", "Contracts"), "applications:own_contracts")
FOOTER: tuple[Row, ...] = (
    (_("Terms and regulations"), "repository:documents"),
    (_("Permitted use"), "repository:usage"),
    (_("Statement of business"), "repository:business"),
    (_("Certificates and CRLs"), "repository:certificates"),
    (_("State of the service"), "repository:service_status"),
    (pgettext_lazy("nav", "Manual"), "repository:manual"),
    (_("Common questions"), "repository:questions"),
    (_("Contact"), "repository:contact"),
)
OFFICE = frozenset({"examiner", "approver"})
STAFF: tuple[tuple[Text, str, frozenset[str]], ...] = (
    (_("Examination"), "applications:queue", OFFICE),
    (_("Notices of change"), "applications:changes", OFFICE),
    (_("Figures"), "applications:dashboard", frozenset({"auditor"})),
    (_("Applications by file"), "applications:batches", OFFICE),
    (_("Revocation requests"), "revocation:queue", OFFICE | {"agent"}),
    (_("Register"), "certificates:register", OFFICE | {"key_officer", "auditor"}),
    (_("Start-of-service notices"), "certificates:start_notices", OFFICE | {"agent"}),
    (_("Issue orders"), "certificates:orders", OFFICE | {"key_officer"}),
    (_("PIN letters"), "certificates:pin_letters", frozenset({"key_officer", "auditor"})),
    (_("Key recovery"), "certificates:recoveries", frozenset({"key_officer"})),
    (_("Telephone and mail"), "support_desk:workplace", frozenset({"agent"})),
    (_("Inquiries"), "support_desk:tickets", frozenset({"agent"})),
    (_("Contracts"), "applications:contracts", OFFICE | {"rules_manager", "auditor"}),
    (_("Parent services"), "applications:parent_services", frozenset({"administrator"})),
    (_("Business calendar"), "applications:calendar", frozenset({"agent", "administrator", "key_officer"})),
    (_("Watch list"), "applications:watch_list", OFFICE | {"rules_manager", "auditor"}),
    (_("Target systems"), "applications:rule_systems", frozenset({"rules_manager", "auditor"})),
    (_("Campaigns"), "applications:campaigns", frozenset({"rules_manager", "auditor"})),
    (_("Texts of the site"), "applications:texts", frozenset({"rules_manager", "auditor"})),
    (_("Follow a story"), "applications:stories", frozenset({"auditor"})),
    (_("All records"), "applications:events", frozenset({"auditor"})),
    (pgettext_lazy("nav", "Seals"), "applications:seals", frozenset({"auditor"})),
    (_("By criterion"), "applications:criteria", frozenset({"auditor"})),
    (_("People of the office"), "accounts:staff", frozenset({"administrator"})),
    (_("Report on roles"), "accounts:review", frozenset({"auditor"})),
)
OUTSIDE = frozenset({"applicant", "contract_admin"})


@dataclass(frozen=True)
class Entry:
    """One link of a navigation."""

    label: Text
    url: str
    current: bool


@dataclass(frozen=True)
class Frame:
    """Everything that the base templates show around a page."""

    home: str
    nav: list[Entry]
    footer: list[Entry]
    staff: bool
    name: str
    roles: list[Text]
    language: str
    other: tuple[str, str]
    quickstart: bool
    path: str
    at: datetime
    suspensions: list[Suspension]


def where(name: str, *args: object) -> str:
    """Return the path of a URL name, or "" where this process does not serve it."""
    return _served(name, args) if args else _address(name, str(get_urlconf() or settings.ROOT_URLCONF))


@cache
def _address(name: str, _urls: str) -> str:
    """Return the path of a name in the table `_urls`, looked up once: every page asks for two dozen of them."""
    return _served(name, ())


def _served(name: str, args: tuple[object, ...]) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _entries(rows: tuple[Row, ...], path: str) -> list[Entry]:
    places = [(label, where(name)) for label, name in rows]
    here = [url for _label, url in places if url and path.startswith(url)]
    longest = max(here, key=len, default="")
    return [Entry(label, url, url == longest) for label, url in places if url]


def frame_of(request: HttpRequest | None) -> Frame:
    """Return what stands around the page that answers `request` (None on the last-resort page).

    Kept with the request, because several parts of a page ask for it.
    """
    known: Frame | None = getattr(request, "_frame", None)
    if known is None or known.language != (get_language() or "ja")[:2]:
        known = _frame_of(request)
        if request is not None:
            request._frame = known  # type: ignore[attr-defined]  # noqa: SLF001 — a note on our own request
    return known


def _frame_of(request: HttpRequest | None) -> Frame:
    path, at = request.path if request else "/", timezone.now()
    user = getattr(request, "user", None)
    signed_in = bool(user is not None and user.is_authenticated)
    roles = roles_of(request)
    staff = bool(roles - OUTSIDE)
    if staff:
        rows: tuple[Row, ...] = tuple((label, name) for label, name, who in STAFF if roles & who)
    else:
        rows = PERSON if signed_in else PUBLIC
        if isinstance(user, User) and administered_by(user).exists():
            rows = (*PERSON[:-2], ADMINISTERED, *PERSON[-2:])
    english = (get_language() or "ja").startswith("en")
    return Frame(
        home=where("accounts:landing") if signed_in else where("repository:top") or "/",
        nav=_entries(rows, path),
        footer=_entries(FOOTER, path),
        staff=staff,
        name=str(getattr(user, "name", "")) if signed_in else "",
        roles=[Role(role).label for role in sorted(roles - OUTSIDE)],
        language="en" if english else "ja",
        other=("ja", "日本語") if english else ("en", "English"),
        quickstart=bool(getattr(settings, "QUICKSTART", False)),
        path=request.get_full_path() if request else "/",
        at=at,
        # The last-resort page asks nothing of what may be broken.
        suspensions=coming_suspensions(at) if request else [],
    )
