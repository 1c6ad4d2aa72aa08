"""Other applications that are open and may be for the same person or device."""

from __future__ import annotations

from itertools import chain

from django.db.models import QuerySet

from applications.models import OPEN, Application
from applications.rules.findings import Rival
from regulations.models import Contract, Subscription, TargetSystem

MOST = 5


def rivals_of(application: Application) -> list[Rival]:
    """Return open applications of the same subject elsewhere, or for the same name from the same side.

    The same side is the same corporation, or without one the same account. What the rules allow beside this
    application, further subscriptions of the same subject, is no rival.
    """
    rows = {row.pk: row for row in chain(_of_same_subject(application), _of_same_name(application))}
    target = application.rules.target_system_id
    found = [Rival(str(row.receipt_number), row.rules.target_system_id == target) for row in rows.values()]
    return sorted(found, key=lambda rival: rival.number)


def _open_besides(application: Application) -> QuerySet[Application]:
    rows = Application.objects.filter(status__in=OPEN).exclude(pk=application.pk).select_related("rules")
    return rows.exclude(order__status__in=["issued", "cancelled"]).order_by("submitted_at", "pk")


def _of_same_subject(application: Application) -> list[Application]:
    subscription = application.subscription
    if subscription is None:
        return []
    # Named target by target, so that the index on target and subject is of use.
    targets = TargetSystem.objects.exclude(pk=subscription.target_system_id).values_list("pk", flat=True)
    same = Subscription.objects.filter(target_system__in=list(targets), subject_key=subscription.subject_key)
    keys = list(same.exclude(status="ended").values_list("pk", flat=True)[:MOST])
    return list(_open_besides(application).filter(subscription__in=keys)[:MOST]) if keys else []


def _of_same_name(application: Application) -> list[Application]:
    ruleset, subscription = application.rules.ruleset, application.subscription
    keys = next((part.field_keys for part in ruleset.subject if part.type == "CN"), ())
    said = {f"values__{key}": application.values.get(key, "") for key in keys}
    if not said or not all(said.values()) or subscription is None:
        return []
    rows = _open_besides(application).filter(**said)
    if application.contract is None:
        rows = rows.filter(applicant=application.applicant_id)
    else:
        own = Contract.objects.filter(corporation=application.contract.corporation_id)
        rows = rows.filter(contract__in=list(own.values_list("pk", flat=True)))
    if ruleset.subscriptions_per_subject > 1:
        rows = rows.exclude(subscription__subject_key=subscription.subject_key)
    return list(rows[:MOST])
