"""Who is told what about a revocation: at receipt, at the decision, at completion (O-16.2.6, J-5.6).

Holder and applicant both read the duty to stop using. Approvers are told at once of what is urgent.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation

from accounts.models import RoleGrant, User
from accounts.notices import notify, say_instead
from accounts.roles import Role
from certificates.models import Certificate
from revocation.grounds import GROUNDS
from revocation.models import RevocationRequest

RECEIVED, APPROVED, DENIED, COMPLETED = "received", "approved", "denied", "completed"
# Requests of people who follow them signed in; those of the office are followed on its own pages.
WITH_ACCOUNT = ("subscriber", "contract")
URGENT, HALF_TIME = "urgent", "half_time"
COUNTERSIGN, COUNTERSIGN_LATE, OBJECTED = "countersign", "countersign_late", "objected"
# The list usually follows a decision within seconds: for so long the mail about the decision waits to say that too.
LIST_FOLLOWS = timedelta(minutes=2)


def concerned(certificate: Certificate) -> list[User]:
    """The holder of a certificate, and everybody on the applicant's side of its order."""
    applied = User.objects.filter(approvals__order=certificate.order_id, approvals__role="applicant")
    people = {person.pk: person for person in (certificate.holder, *applied)}
    return list(people.values())


def tell_concerned(*, case: RevocationRequest, step: str, at: datetime) -> None:
    """Tell holder, applicant and a requester with an account that a request has reached `step`; once each."""
    people = concerned(case.certificate) if case.certificate else []
    if case.requester and case.requester not in people and case.channel in WITH_ACCOUNT:
        people.append(case.requester)
    for person in people:
        words, key = _context(case, person), notice_key(case, step, person)
        decision = notice_key(case, APPROVED, person)
        if step == COMPLETED and say_instead(
            earlier=decision, kind=f"revocation/{step}", context=words, at=at, dedupe=key
        ):
            continue
        wait = LIST_FOLLOWS if step == APPROVED else timedelta(0)
        notify(kind=f"revocation/{step}", to=person, context=words, at=at, dedupe=key, story=case.story, wait=wait)


def tell_approvers(*, case: RevocationRequest, step: str, at: datetime) -> None:
    """Tell every approver that a request is urgent, late or wants a second signature; once each."""
    _tell_staff(case, step, RoleGrant.objects.people(Role.APPROVER), at)


def tell_objection(*, case: RevocationRequest, at: datetime) -> None:
    """Tell approvers and auditors that the second approver objects to what was revoked."""
    people = {person.pk: person for role in (Role.APPROVER, Role.AUDITOR) for person in RoleGrant.objects.people(role)}
    _tell_staff(case, OBJECTED, people.values(), at)


def _tell_staff(case: RevocationRequest, step: str, people: Iterable[User], at: datetime) -> None:
    for person in people:
        notify(
            kind=f"revocation/{step}",
            to=person,
            context=_context(case, person, staff=True),
            at=at,
            dedupe=notice_key(case, step, person),
            story=case.story,
        )


def tell_revoked(*, certificate: Certificate, at: datetime) -> None:
    """Tell holder and applicant that a certificate was revoked without anybody's request."""
    for person in concerned(certificate):
        words = _certificate_words(certificate, certificate.ground, person.language)
        notify(
            kind="revocation/completed",
            to=person,
            context={**words, "number": "", "url": f"{settings.SITE_URL}{certificate_path(certificate)}"},
            at=at,
            dedupe=f"revocation:completed:{certificate.pk}:{person.pk}",
            story=certificate.story,
        )


def notice_key(case: RevocationRequest, step: str, person: User) -> str:
    """What makes a notice one: this request, this step, this person."""
    return f"revocation:{step}:{case.pk}:{person.pk}"


def status_path(case: RevocationRequest) -> str:
    """Where its requester follows a request. Written out, because the publisher knows no addresses of pages."""
    return f"/revocations/{case.pk}/"


def case_path(case: RevocationRequest) -> str:
    """Where staff find a request."""
    return f"/office/revocations/{case.pk}/"


def certificate_path(certificate: Certificate) -> str:
    """Where its holder finds a certificate."""
    return f"/certificates/{certificate.pk}/"


def _context(case: RevocationRequest, person: User, *, staff: bool = False) -> dict[str, str]:
    path = case_path(case) if staff else status_path(case)
    words = _certificate_words(case.certificate, case.ground, person.language) if case.certificate else {}
    return {
        "management_number": case.named,
        "note": (case.countersign_note if staff else "") or case.decision_note,
        "countersign_due_at": case.countersign_due_at.isoformat() if case.countersign_due_at else "",
        **words,
        "number": case.number,
        "due_at": case.due_at.isoformat(),
        "url": f"{settings.SITE_URL}{path}",
    }


def _certificate_words(certificate: Certificate, ground: str, language: str) -> dict[str, str]:
    with translation.override(language):
        label = str(GROUNDS[ground].label) if ground in GROUNDS else ""
    return {
        "management_number": certificate.management_number,
        "subject": certificate.common_name,
        "serial": certificate.serial,
        "ground": label,
        "revoked_at": certificate.revoked_at.isoformat() if certificate.revoked_at else "",
    }
