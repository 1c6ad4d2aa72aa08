"""How a request ends: the list says so, the people concerned are told, and their notices have gone out.

Sweeps, each idempotent: they look at rows, not at what happened before.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Notice
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.services import transition
from certificates.models import Certificate
from certificates.reminders import UNACCEPTED
from certificates.superseding import superseded
from regulations.models import TargetSystemVersion
from revocation import selectors
from revocation.models import RevocationRequest
from revocation.services import telling
from revocation.services.revoking import revoke
from revocation.states import REQUEST

BATCH = 500


@transaction.atomic
def complete_published(*, actor: Actor, at: datetime) -> int:
    """Complete every approved request whose entry the current list contains; returns how many."""
    actor = authorise(actor=actor, act=Act.REVOCATION_COMPLETE)
    waiting = RevocationRequest.objects.filter(status="processing").select_for_update(skip_locked=True, of=("self",))
    count = 0
    for case in waiting.select_related("certificate__authority")[:BATCH]:
        if case.certificate and selectors.is_published(case.certificate):
            transition(machine=REQUEST, row=case, act=Act.REVOCATION_COMPLETE, actor=actor, at=at)
            telling.tell_concerned(case=case, step=telling.COMPLETED, at=at)
            count += 1
    return count


@transaction.atomic
def note_told(*, actor: Actor, at: datetime) -> int:
    """Mark requests whose completion notices have all been handed over; returns how many."""
    actor = authorise(actor=actor, act=Act.REVOCATION_NOTIFY)
    count = 0
    for case in RevocationRequest.objects.filter(status="revoked").select_for_update(skip_locked=True)[:BATCH]:
        notices = Notice.objects.filter(dedupe__startswith=f"revocation:completed:{case.pk}:")
        if not notices.filter(handed_over_at=None).exists():
            transition(machine=REQUEST, row=case, act=Act.REVOCATION_NOTIFY, actor=actor, at=at)
            count += 1
    return count


def revoke_superseded(*, actor: Actor, at: datetime) -> int:
    """Revoke what a reissue replaced: once the new certificate was accepted, or when its time is over (O-15.1.2)."""
    return _revoke_each(superseded(at), "lra:superseded", actor, at)


def revoke_ended(*, actor: Actor, at: datetime) -> int:
    """Revoke what is left of a subscription that has ended with its contract (O-15.1.6, O-18.3)."""
    left = Certificate.objects.filter(subscription__status="ended", revoked_at=None, not_after__gt=at)
    return _revoke_each(left, "lra:service_ended", actor, at)


def revoke_unaccepted(*, actor: Actor, at: datetime) -> int:
    """Revoke what was not accepted in time, where the pinned rules say so (O-16.2.2, J-5.3); returns how many.

    What is reported as wrong, or waits for a decision about its revocation, is left to people.
    """
    count = 0
    for days, versions in lapsing_rules().items():
        late = Certificate.objects.filter(
            delivery__in=UNACCEPTED,
            revoked_at=None,
            revocation_requested_at=None,
            not_after__gt=at,
            issued_at__lte=at - timedelta(days=days),
            order__frozen__rules_version__in=versions,
        )
        for key in list(late.order_by("issued_at").values_list("pk", flat=True)[:BATCH]):
            count += _revoke_unaccepted(key, actor, at)
    return count


def lapsing_rules() -> dict[int, list[str]]:
    """The rules by which an unaccepted certificate is revoked, by their days of acceptance."""
    found: dict[int, list[str]] = defaultdict(list)
    rules = TargetSystemVersion.objects.exclude(status="draft").filter(rules__acceptance_lapse="revoke")
    for key, days in rules.values_list("pk", "rules__acceptance_days"):
        found[days].append(str(key))
    return found


@transaction.atomic
def _revoke_unaccepted(certificate_id: UUID, actor: Actor, at: datetime) -> bool:
    """Revoke one, unless its holder accepts it, or another worker revokes it, at this moment."""
    rows = Certificate.objects.select_for_update(of=("self",), skip_locked=True)
    certificate = rows.filter(pk=certificate_id, delivery__in=UNACCEPTED, revoked_at=None).first()
    if certificate is None or not revoke(certificate=certificate, ground="lra:not_accepted", actor=actor, at=at):
        return False
    telling.tell_revoked(certificate=certificate, at=at)
    return True


def _revoke_each(certificates: QuerySet[Certificate], ground: str, actor: Actor, at: datetime) -> int:
    """Revoke one after the other, each in a transaction of its own, and tell the people concerned."""
    count = 0
    for certificate in certificates.select_related("holder")[:BATCH]:
        with transaction.atomic():
            if revoke(certificate=certificate, ground=ground, actor=actor, at=at):
                telling.tell_revoked(certificate=certificate, at=at)
                count += 1
    return count


@transaction.atomic
def alarm_half_time(*, at: datetime) -> int:
    """Tell the approvers of undecided requests whose time is half gone; returns how many such there are."""
    late = selectors.past_half_time(at)
    for case in late:
        telling.tell_approvers(case=case, step=telling.HALF_TIME, at=at)
    return len(late)
