"""The call center's reads: finding a person, what there is about them, what waits (O-8.2 to O-8.4, O-9)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.models import User
from applications.models import Application
from applications.rules.masking import mask_name
from certificates.models import Certificate
from regulations.calendar import tokyo
from support_desk.models import Ticket

OPEN = "open"
ALARM_BEFORE = timedelta(minutes=30)


@dataclass(frozen=True)
class PersonPage:
    """What the desk knows of one person."""

    person: User
    name: str
    company: str
    certificates: list[Certificate]
    applications: list[Application]
    tickets: list[Ticket]


def _submitted() -> QuerySet[Application]:
    return Application.objects.filter(submitted_at__isnull=False)


def company_of(person: User) -> str:
    """Return the corporation for which the person applied last."""
    latest = _submitted().filter(applicant=person).order_by("-submitted_at").first()
    return str(latest.values.get("corporation_name", "")) if latest else ""


def page_of(person: User) -> PersonPage:
    """Return everything the desk shows of a person."""
    applications = _submitted().filter(applicant=person).select_related("order__certificate", "rules")
    return PersonPage(
        person=person,
        name=mask_name(person.name or person.email),
        company=company_of(person),
        certificates=list(Certificate.objects.held_by(person).select_related("subscription__target_system")[:20]),
        applications=list(applications.order_by("-submitted_at")[:10]),
        tickets=list(person.tickets.order_by("-received_at")[:20]),
    )


def registered_answers(person: User) -> dict[str, list[str]]:
    """Return what is registered, by item of verification. It is compared in the service and shown nowhere."""
    found: dict[str, list[str]] = {
        "call_back": [person.phone],
        "name_reading": [person.name_reading],
        "email": [person.email],
    }
    for application in _submitted().filter(applicant=person).select_related("contract"):
        for key in ("corporate_number", "member_number", "title"):
            found.setdefault(key, []).append(str(application.values.get(key, "")))
        if application.contract is not None:
            found.setdefault("contract_number", []).append(application.contract.number)
    issued = Certificate.objects.filter(holder=person).values_list("issued_at", flat=True)
    found["issued_month"] = [tokyo(at).strftime("%Y-%m") for at in issued]
    return {item: [value for value in values if value] for item, values in found.items()}


def waiting() -> QuerySet[Ticket]:
    """Return open tickets, due first."""
    rows = Ticket.objects.filter(status=OPEN).select_related("person", "agent", "certificate")
    return rows.order_by("due_at", "pk")


def near(at: datetime) -> int:
    """Return how many open tickets have little time left: the alarm before it passes (O-8.4)."""
    return Ticket.objects.filter(status=OPEN, due_at__gte=at, due_at__lte=at + ALARM_BEFORE).count()


def overdue(at: datetime) -> int:
    """Return how many open tickets have passed their time."""
    return Ticket.objects.filter(status=OPEN, due_at__lt=at).count()


def matched_items(ticket: Ticket) -> list[str]:
    """Return the items of the caller's that matched, oldest first."""
    return list(ticket.checks.filter(matched=True).order_by("pk").values_list("item", flat=True))
