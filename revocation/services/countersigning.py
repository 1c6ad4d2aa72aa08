"""A compromise doesn't wait for two people: one approver revokes at once, another one countersigns afterwards.

What was revoked stays revoked. An objection is put on record and alarmed, and the office settles it with the holder.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Stale, Violation
from audit.services import record, transition
from certificates.models import Certificate
from certificates.services.revocations import mark_revocation_requested
from revocation import rules, selectors
from revocation.grounds import GROUNDS, REPORTS
from revocation.models import RevocationRequest
from revocation.services import telling
from revocation.services.requests import OPEN, Wish, locked, named_certificate, request_by_staff
from revocation.services.revoking import revoke, siblings
from revocation.states import REQUEST

COUNTERSIGNED_WITHIN = timedelta(hours=24)


@transaction.atomic
def revoke_at_once(*, case: RevocationRequest, named: str, note: str, actor: Actor, at: datetime) -> RevocationRequest:
    """One approver revokes for a compromise, whoever wrote the request down; another one countersigns afterwards.

    `named` finds the certificate where the request has none. Raises RuleViolated when it is no compromise, when
    nothing says what it rests on, or for somebody on the certificate's own side; Stale when it is decided already.
    """
    actor = authorise(actor=actor, act=Act.REVOCATION_AT_ONCE)
    ground = urgent_ground(case)
    certificate = case.certificate or named_certificate(named)
    if found := rules.of_one_signature(certificate_known=certificate is not None, ground=ground, note=note):
        raise RuleViolated(found)
    if certificate is None:
        raise AssertionError("the rule above wants a certificate")
    certificate = locked(certificate)
    _refuse_own_side(certificate, actor)
    _refuse_other_open(case, certificate)
    columns: dict[str, Any] = {
        "certificate": certificate,
        "story": certificate.story,
        "ground": ground,
        "urgent": True,
        "decided_by_id": actor.person_id,
        "decided_at": at,
        "decision_note": note.strip(),
        "countersign_due_at": at + COUNTERSIGNED_WITHIN,
    }
    details = {"ground": ground, "note": note.strip()}
    act = Act.REVOCATION_AT_ONCE
    case = transition(machine=REQUEST, row=case, act=act, actor=actor, at=at, details=details, columns=columns)
    if certificate.revoked_at is None:
        mark_revocation_requested(certificate=certificate, at=at)
    revoke(certificate=certificate, ground=ground, actor=actor, at=at, invalid_since=case.invalidity_date)
    case.refresh_from_db()
    telling.tell_concerned(case=case, step=telling.APPROVED, at=at)
    telling.tell_approvers(case=case, step=telling.COUNTERSIGN, at=at)
    return case


@transaction.atomic
def revoke_siblings(*, case: RevocationRequest, note: str, actor: Actor, at: datetime) -> list[RevocationRequest]:
    """Revoke at once every other certificate over the key of `case`, each with a request of its own.

    Raises RuleViolated while the key of `case` is not held to be compromised.
    """
    authorise(actor=actor, act=Act.REVOCATION_AT_ONCE)
    ground = GROUNDS.get(case.certificate.ground) if case.certificate and case.certificate.revoked_at else None
    if case.certificate is None or ground is None or not ground.compromise:
        message = _("First revoke this certificate for a compromise. Then those with the same key follow.")
        raise RuleViolated([Violation("note", "not_compromised", message)])
    wish = Wish("lra:key_compromise", note.strip() or case.number, case.invalidity_date)
    made = []
    for other in siblings(case.certificate):
        mine = request_by_staff(certificate=other, wish=wish, actor=actor, at=at)
        made.append(revoke_at_once(case=mine, named="", note=wish.statement, actor=actor, at=at))
    return made


@transaction.atomic
def countersign(*, case: RevocationRequest, note: str, actor: Actor, at: datetime) -> RevocationRequest:
    """Another approver confirms what one person, or a proof of the key, brought about.

    Raises RuleViolated for anybody involved, Stale when somebody was faster.
    """
    actor = authorise(actor=actor, act=Act.REVOCATION_COUNTERSIGN)
    case = _second_signature(case, note, actor, at, objected=False)
    record(act=Act.REVOCATION_COUNTERSIGN, actor=actor, at=at, subject=case, details={"note": note.strip()})
    return case


@transaction.atomic
def object_to(*, case: RevocationRequest, note: str, actor: Actor, at: datetime) -> RevocationRequest:
    """Another approver finds that it should not have been revoked; that stays, is recorded and alarmed.

    Raises RuleViolated for anybody involved or without a reason, Stale when somebody was faster.
    """
    actor = authorise(actor=actor, act=Act.REVOCATION_OBJECT)
    if found := rules.of_note(note, rules.OBJECTION_NEEDED):
        raise RuleViolated(found)
    case = _second_signature(case, note, actor, at, objected=True)
    record(act=Act.REVOCATION_OBJECT, actor=actor, at=at, subject=case, details={"note": note.strip()})
    telling.tell_objection(case=case, at=at)
    return case


def urgent_ground(case: RevocationRequest) -> str:
    """The ground of a request, or the one that the kind of report suggests."""
    report = REPORTS.get(case.report)
    return case.ground or (report.ground if report else "")


def may_revoke_at_once(case: RevocationRequest, actor: Actor) -> bool:
    """Whether this approver may act alone: it is a compromise, and the certificate is not on their own side."""
    ground = GROUNDS.get(urgent_ground(case))
    return bool(ground and ground.compromise) and not (case.certificate and _own_side(case.certificate, actor))


def may_countersign(case: RevocationRequest, actor: Actor) -> bool:
    """Whether this person stands outside of everything that was done so far."""
    involved = {case.requester_id, case.recorded_by_id, case.decided_by_id, None}
    return actor.person_id not in involved and not (case.certificate and _own_side(case.certificate, actor))


@transaction.atomic
def alarm_uncountersigned(*, at: datetime) -> int:
    """Tell the approvers of what nobody has countersigned in time; returns how many such there are."""
    late = selectors.late_countersignatures(at)
    for case in late:
        telling.tell_approvers(case=case, step=telling.COUNTERSIGN_LATE, at=at)
    return len(late)


def _second_signature(
    case: RevocationRequest, note: str, actor: Actor, at: datetime, *, objected: bool
) -> RevocationRequest:
    if not may_countersign(case, actor):
        message = _("You took part in this, or the certificate is on your side. Another approver has to look at it.")
        raise RuleViolated([Violation(None, "four_eyes", message)])
    waiting = selectors.awaiting_countersignature().filter(pk=case.pk)
    columns = {"countersigned_by": actor.person_id, "countersigned_at": at, "countersign_note": note.strip()}
    if not waiting.update(**columns, objected=objected):
        raise Stale(state=case.status)
    case.refresh_from_db()
    return case


def _own_side(certificate: Certificate, actor: Actor) -> bool:
    return actor.person_id in {person.pk for person in telling.concerned(certificate)}


def _refuse_own_side(certificate: Certificate, actor: Actor) -> None:
    if _own_side(certificate, actor):
        message = _("You hold this certificate or applied for it. Another approver has to decide.")
        raise RuleViolated([Violation(None, "four_eyes", message)])


def _refuse_other_open(case: RevocationRequest, certificate: Certificate) -> None:
    others = RevocationRequest.objects.filter(certificate=certificate, status__in=OPEN).exclude(pk=case.pk)
    if others.exists():
        raise RuleViolated(
            [Violation("named", "open", _("A request for this certificate is open already: decide that one."))]
        )
