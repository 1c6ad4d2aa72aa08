"""What staff do with a request: check who asks, put it before an approver, approve or deny.

Four eyes: whoever asked, or wrote the request down, does not decide, nor does the certificate's holder.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Violation
from audit.services import transition
from certificates.models import Certificate
from certificates.services.revocations import clear_revocation_requested, mark_revocation_requested
from revocation import rules
from revocation.grounds import GROUNDS
from revocation.models import RevocationRequest
from revocation.services import telling
from revocation.services.requests import OPEN, locked, named_certificate
from revocation.services.revoking import revoke, siblings
from revocation.states import REQUEST


@transaction.atomic
def verify(*, case: RevocationRequest, note: str, actor: Actor, at: datetime) -> RevocationRequest:
    """Begin to check who asks and what is so; `note` says how (call back, evidence seen)."""
    actor = authorise(actor=actor, act=Act.REVOCATION_VERIFY)
    checked = {**case.verification, "note": note.strip(), "by": str(actor.person_id), "at": at.isoformat()}
    return transition(
        machine=REQUEST,
        row=case,
        act=Act.REVOCATION_VERIFY,
        actor=actor,
        at=at,
        details={"note": note.strip()},
        columns={"verification": checked},
    )


@transaction.atomic
def submit(
    *, case: RevocationRequest, named: str, ground: str, note: str, actor: Actor, at: datetime
) -> RevocationRequest:
    """Put a request before an approver with the certificate found and the ground chosen by staff.

    `named` is a management number or serial; empty keeps the certificate that the request has.
    Raises RuleViolated with what is missing.
    """
    actor = authorise(actor=actor, act=Act.REVOCATION_SUBMIT)
    certificate = case.certificate or named_certificate(named)
    chosen = ground or case.ground
    found = rules.of_submission(certificate_known=certificate is not None, ground=chosen)
    if certificate and not case.certificate:
        found += _taken(locked(certificate))
    if found:
        raise RuleViolated(found)
    columns: dict[str, Any] = {"certificate": certificate, "ground": chosen, "recorded_by_id": actor.person_id}
    if certificate:
        columns["story"] = certificate.story
        mark_revocation_requested(certificate=certificate, at=at)
    if note.strip():
        columns["verification"] = {**case.verification, "finding": note.strip()}
    details = {"ground": chosen, "note": note.strip()}
    return transition(
        machine=REQUEST, row=case, act=Act.REVOCATION_SUBMIT, actor=actor, at=at, details=details, columns=columns
    )


@transaction.atomic
def approve(*, case: RevocationRequest, note: str, actor: Actor, at: datetime) -> RevocationRequest:
    """Decide that the certificate is revoked, and revoke it in the same transaction (O-15.1.1).

    Raises RuleViolated for somebody who asked, wrote the request down or holds the certificate, Stale when
    somebody has decided before.
    """
    actor = authorise(actor=actor, act=Act.REVOCATION_APPROVE)
    _refuse_involved(case, actor)
    certificate = case.certificate
    if certificate is None:
        raise RuleViolated(rules.of_submission(certificate_known=False, ground=case.ground))
    certificate = locked(certificate)  # before the request's own row, as everywhere, so that nobody waits in a circle
    case = transition(
        machine=REQUEST,
        row=case,
        act=Act.REVOCATION_APPROVE,
        actor=actor,
        at=at,
        details=_decision(case, note),
        columns={"decided_by_id": actor.person_id, "decided_at": at, "decision_note": note.strip()},
    )
    revoke(certificate=certificate, ground=case.ground, actor=actor, at=at, invalid_since=case.invalidity_date)
    case.refresh_from_db()
    telling.tell_concerned(case=case, step=telling.APPROVED, at=at)
    return case


@transaction.atomic
def deny(*, case: RevocationRequest, note: str, actor: Actor, at: datetime) -> RevocationRequest:
    """Turn a request down with a reason that the requester reads; downloads are possible again."""
    actor = authorise(actor=actor, act=Act.REVOCATION_DENY)
    _refuse_involved(case, actor)
    if found := rules.of_note(note):
        raise RuleViolated(found)
    if case.certificate:
        locked(case.certificate)
    case = transition(
        machine=REQUEST,
        row=case,
        act=Act.REVOCATION_DENY,
        actor=actor,
        at=at,
        details=_decision(case, note),
        columns={"decided_by_id": actor.person_id, "decided_at": at, "decision_note": note.strip()},
    )
    if case.certificate:
        clear_revocation_requested(certificate=case.certificate)
    telling.tell_concerned(case=case, step=telling.DENIED, at=at)
    return case


def may_decide(case: RevocationRequest, actor: Actor) -> bool:
    """Whether this person stands outside the request, so that the page can say so before a button is pressed."""
    return not _involved(case, actor)


def _decision(case: RevocationRequest, note: str) -> dict[str, Any]:
    ground = GROUNDS.get(case.ground)
    # The ground on which the office acts beside the one that the requester named.
    basis = "lra:accepted_request" if case.channel in ("subscriber", "agent", "contract") else case.ground
    same_key = [other.management_number for other in siblings(case.certificate)] if case.certificate else []
    return {
        "ground": case.ground,
        "basis": basis,
        "reason_code": ground.reason if ground else None,
        "note": note.strip(),
        "same_key": same_key,
    }


def _involved(case: RevocationRequest, actor: Actor) -> bool:
    involved = {case.requester_id, case.recorded_by_id}
    if case.certificate:
        involved |= {person.pk for person in telling.concerned(case.certificate)}
    return actor.person_id is None or actor.person_id in involved


def _refuse_involved(case: RevocationRequest, actor: Actor) -> None:
    if _involved(case, actor):
        message = _("You asked for this, wrote it down or hold the certificate. Another approver has to decide.")
        raise RuleViolated([Violation(None, "four_eyes", message)])


def _taken(certificate: Certificate) -> list[Violation]:
    if not RevocationRequest.objects.filter(certificate=certificate, status__in=OPEN).exists():
        return []
    return [Violation("named", "open", _("A request for this certificate is open already: decide that one."))]
