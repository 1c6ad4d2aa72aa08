"""What stands around every page: navigation by role, who is signed in, and the way to the desk.

The tables hold names of URLs. A process that serves only part of them (the repository has no
session and no staff pages) shows the entries that it can reach and leaves out the rest.
"""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise
Row = tuple[Text, str]

PUBLIC: tuple[Row, ...] = (
    (_("Announcements"), "announcements"),
    (_("Terms and regulations"), "documents"),
    (pgettext_lazy("nav", "Manuals"), "manuals"),
    (_("Certificates and CRLs"), "authorities"),
    (_("Contact"), "contact"),
)
PERSON: tuple[Row, ...] = (
    (_("Home"), "home"),
    (pgettext_lazy("nav", "Apply"), "application_new"),
    (pgettext_lazy("nav", "Certificates"), "certificates"),
    (pgettext_lazy("nav", "Manuals"), "manuals"),
    (_("Contact"), "contact"),
)
FOOTER: tuple[Row, ...] = (
    (_("Terms and regulations"), "documents"),
    (_("Permitted use and statement of business"), "statement"),
    (_("Certificates and CRLs"), "authorities"),
    (pgettext_lazy("nav", "Manuals"), "manuals"),
    (_("Contact"), "contact"),
)
STAFF: tuple[tuple[Text, str, frozenset[str]], ...] = (
    (_("Examination"), "queue", frozenset({"examiner", "approver"})),
    (_("Revocation requests"), "revocation_queue", frozenset({"examiner", "approver"})),
    (_("Issue orders"), "orders", frozenset({"examiner", "approver", "key_officer"})),
    (_("Telephone and mail"), "tickets", frozenset({"agent"})),
    (_("Records"), "audit_search", frozenset({"auditor"})),
    (_("Staff"), "staff_people", frozenset({"administrator"})),
)
ROLE_WORDS: dict[str, Text] = {
    "applicant": _("Applicant"),
    "contract_admin": _("Contract administrator"),
    "examiner": _("Examiner"),
    "approver": _("Approver"),
    "rules_manager": _("Rules manager"),
    "key_officer": _("Key officer"),
    "agent": _("Call-center agent"),
    "auditor": _("Auditor"),
    "administrator": _("Administrator"),
    "system": _("System"),
}
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


def where(name: str, *args: object) -> str:
    """Return the path of a URL name, or "" where this process does not serve it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _entries(rows: tuple[Row, ...], path: str) -> list[Entry]:
    places = [(label, where(name)) for label, name in rows]
    here = [url for _label, url in places if url and path.startswith(url)]
    longest = max(here, key=len, default="")
    return [Entry(label, url, url == longest) for label, url in places if url]


def roles_of(request: HttpRequest | None) -> frozenset[str]:
    """Return the roles of the person who asks; nobody signed in has none."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or request is None:
        return frozenset()
    return frozenset(str(role) for role in user.actor().roles)


def frame_of(request: HttpRequest | None) -> Frame:
    """Return what stands around the page that answers `request` (None on the last-resort page)."""
    path = request.path if request else "/"
    user = getattr(request, "user", None)
    signed_in = bool(user is not None and user.is_authenticated)
    roles = roles_of(request)
    staff = bool(roles - OUTSIDE)
    if staff:
        rows: tuple[Row, ...] = tuple((label, name) for label, name, who in STAFF if roles & who)
    else:
        rows = PERSON if signed_in else PUBLIC
    english = (get_language() or "ja").startswith("en")
    return Frame(
        home=where("home") if signed_in else where("top") or "/",
        nav=_entries(rows, path),
        footer=_entries(FOOTER, path),
        staff=staff,
        name=str(getattr(user, "name", "")) if signed_in else "",
        roles=[ROLE_WORDS.get(role, role) for role in sorted(roles)],
        language="en" if english else "ja",
        other=("ja", "日本語") if english else ("en", "English"),
        quickstart=bool(getattr(settings, "QUICKSTART", False)),
        path=request.get_full_path() if request else "/",
    )
