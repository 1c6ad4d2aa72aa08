"""Other applications that are open and may be for the same person or device."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from applications.models import UNDECIDED, Application
from applications.rules.findings import Rival
from regulations.models import Subscription

MOST = 5
# Approved, but without its certificate yet: its holder or the signer still has the order.
AT_THE_SIGNER = ("awaiting_key", "queued", "signing", "failed")


def rivals_of(application: Application) -> list[Rival]:
    """Return open applications of the same subject elsewhere, or for the same printed name from the same side.

    The same side is the same corporation, or without one the same account. What the rules allow beside this
    application, further subscriptions of the same subject, is no rival.
    """
    subscription = application.subscription
    if subscription is None:
        return []
    same = _same_subject(subscription)
    alike = [Q(subscription__in=same)] if same else []
    alike.append(_same_name(application, subscription))
    first, *others = [part for which in alike for part in _open_besides(application, which)]
    target, own = application.rules.target_system_id, (application.applicant_id, _printed(application))
    rivals = [
        Rival(str(number), of == target, same_subject=applicant == own[0] or subject == own[1])
        for number, of, applicant, subject in first.union(*others)
    ]
    return sorted(rivals, key=lambda rival: rival.number)


def open_with_key(application: Application, digest: str) -> list[str]:
    """Return the receipt numbers of other open applications whose request is for the same key."""
    undecided, approved = _open_besides(application, Q(key_digest=digest))
    return sorted(str(row[0]) for row in undecided.union(approved))


def _printed(application: Application) -> Any:
    """Return the subject as the order freezes it."""
    return application.order.frozen["subject"] if application.order is not None else None


def _open_besides(application: Application, which: Q) -> list[QuerySet[Application, Any]]:
    """Return what is open among `which`: the undecided, and what the signer still has.

    That is number, target system, applicant and subject. Asked apart, so that neither looks at what was decided years
    ago.
    """
    rows = Application.objects.filter(which).exclude(pk=application.pk).order_by("submitted_at", "pk")
    undecided = rows.filter(status__in=UNDECIDED)
    approved = rows.filter(status="approved", order__status__in=AT_THE_SIGNER)
    facts = ("receipt_number", "target_system", "applicant", "order__frozen__subject")
    return [part.values_list(*facts)[:MOST] for part in (undecided, approved)]


def _same_subject(subscription: Subscription) -> list[object]:
    """Return the subscriptions of the same subject to other target systems."""
    same = Subscription.objects.filter(subject_key=subscription.subject_key)
    others = same.exclude(target_system=subscription.target_system_id).exclude(status="ended")
    return list(others.values_list("pk", flat=True)[:MOST])


def _same_name(application: Application, subscription: Subscription) -> Q:
    """Return what others of the same side have in common with an application; nothing where no name is printed."""
    if not application.printed_name:
        return Q(pk__in=[])
    contract = application.contract
    if contract is None:
        side = Q(applicant=application.applicant_id)
    else:
        side = Q(contract__corporation=contract.corporation_id)
    if application.rules.ruleset.subscriptions_per_subject > 1:
        side &= ~Q(subscription__subject_key=subscription.subject_key)
    return side & Q(printed_name=application.printed_name)
