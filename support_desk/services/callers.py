"""Who is on the telephone: answers are typed and matched, failures are counted before anything is judged.

Only a verified caller hears personal data or starts something (O-9, O-15.3). The right answers are never shown.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import NotAllowed, NotFound, RuleViolated, Throttled, Violation
from audit.services import record
from certificates.models import Certificate
from revocation.models import RevocationRequest
from revocation.services import requests
from revocation.services.requests import Caller, Wish
from support_desk import rules
from support_desk.models import CallerCheck, CallerGuard, Ticket, TicketEntry
from support_desk.selectors import matched_items, registered_answers

LOCKED_FOR = timedelta(hours=24)
LONGEST_REASON = 200
LOOKABLE = ("name", "name_reading", "email", "phone")
LOCKED = _("Five answers about this person were wrong. Matching is locked for 24 hours. Please call the person back.")


def check(*, ticket: Ticket, item: str, typed: str, actor: Actor, at: datetime) -> CallerCheck:
    """Match one answer of the caller with what is registered; only whether it matched is kept.

    Raises Throttled after five wrong answers about the same person within a day, whoever typed them and
    in however many tickets: the counter is committed before the answer is judged.
    """
    actor = authorise(actor=actor, act=Act.CALLER_VERIFY)
    person = _person_of(ticket)
    if actor.person_id is None:
        raise NotAllowed
    if actor.person_id == person.pk:
        raise NotAllowed(_("Nobody verifies themselves."))
    if item not in rules.ITEM_WORDS or not typed.strip():
        raise RuleViolated([Violation("answer", "answer_missing", _("Please type what the caller said."))])
    _count(person, at)
    matched = rules.answers_match(item, typed, registered_answers(person).get(item, []))
    with transaction.atomic():
        made = _keep(ticket, item, matched, actor, at)
        if matched:
            CallerGuard.objects.filter(person=person, failures__gt=0).update(failures=F("failures") - 1)
        details = {"item": item, "matched": matched}
        record(act=Act.CALLER_VERIFY, actor=actor, at=at, subject=ticket, details=details)
    return made


def is_locked(person: User, at: datetime) -> bool:
    """Tell whether answers about `person` are refused now."""
    guards = CallerGuard.objects.filter(person=person, failures__gte=rules.MOST_FAILURES, since__gt=at - LOCKED_FOR)
    return guards.exists()


@transaction.atomic
def look(*, ticket: Ticket, field: str, reason: str, actor: Actor, at: datetime) -> str:
    """Return one masked value of the person; who looked and why is recorded, never the value (O-9)."""
    actor = authorise(actor=actor, act=Act.PERSONAL_DATA_LOOK)
    person = _person_of(ticket)
    reason = reason.strip()[:LONGEST_REASON]
    if field not in LOOKABLE:
        raise NotFound
    if not reason:
        raise RuleViolated([Violation("reason", "reason_missing", _("Please write why you need to see this."))])
    verified = rules.is_verified(matched_items(ticket))
    details = {"field": field, "reason": reason, "verified": verified}
    record(act=Act.PERSONAL_DATA_LOOK, actor=actor, at=at, subject=ticket, details=details)
    return str(getattr(person, field))


@transaction.atomic
def start_revocation(
    *, ticket: Ticket, certificate: Certificate, wish: Wish, actor: Actor, at: datetime
) -> RevocationRequest:
    """Ask for a revocation on behalf of a verified caller; an approver decides, never the desk.

    Raises NotFound for a certificate that is not the person's, RuleViolated while fewer than three items match.
    """
    actor = authorise(actor=actor, act=Act.REVOCATION_REQUEST_FOR_CALLER)
    person, items = _person_of(ticket), matched_items(ticket)
    if certificate.holder_id != person.pk:
        raise NotFound
    caller = Caller(name=ticket.caller_name, call_back=ticket.callback_number, items=items)
    case = requests.request_for_caller(certificate=certificate, caller=caller, wish=wish, actor=actor, at=at)
    Ticket.objects.filter(pk=ticket.pk).update(certificate=certificate, story=certificate.story)
    text = f"{case.number}"
    TicketEntry.objects.create(ticket=ticket, kind="system", text=text, author_id=actor.person_id, at=at)
    return case


def _person_of(ticket: Ticket) -> User:
    if ticket.person is None:
        message = _("Please find the person first and tie the call to them.")
        raise RuleViolated([Violation("person", "person_missing", message)])
    return ticket.person


def _count(person: User, at: datetime) -> None:
    """Count a failure in advance, in a transaction of its own; raises Throttled when there are five."""
    with transaction.atomic():
        CallerGuard.objects.get_or_create(person=person, defaults={"since": at})
        CallerGuard.objects.filter(person=person, since__lte=at - LOCKED_FOR).update(failures=0, since=at)
        open_guard = CallerGuard.objects.filter(person=person, failures__lt=rules.MOST_FAILURES)
        counted = open_guard.update(failures=F("failures") + 1)
    if not counted:
        raise Throttled(LOCKED, person=str(person.pk))


def _keep(ticket: Ticket, item: str, matched: bool, actor: Actor, at: datetime) -> CallerCheck:  # noqa: FBT001
    try:
        with transaction.atomic():
            return CallerCheck.objects.create(
                ticket=ticket, item=item, matched=matched, agent_id=str(actor.person_id), at=at
            )
    except IntegrityError:
        return CallerCheck.objects.get(ticket=ticket, item=item, matched=True)
