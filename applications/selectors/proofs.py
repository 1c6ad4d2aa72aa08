"""What an auditor wants to know first about a story, worked out from the rows themselves (J-3.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from applications.models import Application
from applications.selectors.facts import involved_in
from applications.selectors.stories import Story
from certificates.models import Certificate

WITHIN = timedelta(hours=24)
LIFE_WIDTH, LIFE_LEFT = 1160, 20


@dataclass(frozen=True)
class Proof:
    """One question with its answer."""

    title: str | Promise
    text: str
    holds: bool


@dataclass(frozen=True)
class Knot:
    """One moment on the line of a certificate's life; `x` is its place in the drawing."""

    title: str | Promise
    at: datetime
    x: int
    is_bad: bool = False


def proofs_of(story: Story) -> list[Proof]:
    """Return the questions that can be answered for this story so far."""
    found = list(_people(story.application)) if story.application else []
    for certificate in story.certificates:
        found += [*_period(story.application, certificate), *_speed(certificate)]
    return found


def life_of(story: Story) -> list[Knot]:
    """Return the moments of a life in order, evenly spaced; the drawing says that it is not to scale."""
    moments: list[tuple[str | Promise, datetime | None, bool]] = []
    if story.application:
        moments.append((pgettext_lazy("life", "Submitted"), story.application.submitted_at, False))
    for certificate in story.certificates[:1]:
        moments += [
            (pgettext_lazy("life", "Issued"), certificate.issued_at, False),
            (pgettext_lazy("life", "Accepted"), certificate.accepted_at, False),
            (pgettext_lazy("life", "Revoked"), certificate.revoked_at, True),
            (_("Planned end"), certificate.not_after, False),
        ]
    known = sorted([(at, title, bad) for title, at, bad in moments if at], key=lambda moment: moment[0])
    step = LIFE_WIDTH // max(len(known) - 1, 1)
    return [Knot(title, at, LIFE_LEFT + n * step, bad) for n, (at, title, bad) in enumerate(known)]


def _people(application: Application) -> Iterable[Proof]:
    if application.order is None:
        return
    current = application.order.approvals.filter(round=application.order.round).select_related("person")
    by_role = {row.role: row.person for row in current if row.role != "applicant"}
    examiner, approver = by_role.get("examiner"), by_role.get("approver")
    if examiner and approver:
        names = f"{examiner.name}／{approver.name}"
        yield Proof(_("Examined and approved by two people"), names, examiner != approver)
    handled: set[User] = {person for person in (application.examiner, application.decided_by) if person}
    handled |= set(by_role.values())
    involved = involved_in(application)
    clean = all(person.pk not in involved for person in handled)
    names = "、".join(sorted(person.name for person in handled))
    yield Proof(_("Nobody handled their own application"), names, clean)


def _period(application: Application | None, certificate: Certificate) -> Iterable[Proof]:
    if application is None or application.contract is None or application.contract.ends_at is None:
        return
    ends_at = application.contract.ends_at
    last_day = (ends_at - timedelta(seconds=1)).date().isoformat()
    yield Proof(_("Does not outlast the contract (O-18.1)"), last_day, certificate.not_after <= ends_at)


def _speed(certificate: Certificate) -> Iterable[Proof]:
    asked, revoked = certificate.revocation_requested_at, certificate.revoked_at
    if asked and revoked:
        taken = revoked - asked
        minutes = int(taken.total_seconds()) // 60
        yield Proof(_("Revoked within 24 hours of the request"), f"{minutes // 60}:{minutes % 60:02d}", taken <= WITHIN)
