"""How a request to revoke comes in: from the holder, for a caller, from staff, from anyone (O-15.1 to O-15.3).

Whoever it comes from, downloads and PIN stop at once, the people concerned are told, and a clock runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.fields import half_width
from accounts.models import User
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.models import Event
from audit.refusals import NotFound, RuleViolated, Throttled, Violation
from audit.services import record, transition
from certificates.models import Certificate
from certificates.services.revocations import mark_revocation_requested
from regulations.numbers import revocation_number
from regulations.register_selectors import administered_by
from regulations.selectors import governing_manual
from revocation import grounds, rules
from revocation.grounds import GROUNDS, REPORTS, Party
from revocation.models import RevocationRequest
from revocation.services import telling
from revocation.states import REQUEST

OPEN = ("received", "verifying", "awaiting_approval", "processing")
# Reports without an account from one address in an hour: a company's network fits in, a flood does not.
REPORTS_AN_HOUR = 30


_ACTS = {
    Party.SUBSCRIBER: Act.REVOCATION_REQUEST,
    Party.AGENT: Act.REVOCATION_REQUEST_FOR_CALLER,
    Party.CONTRACT: Act.REVOCATION_REQUEST_FOR_CONTRACT,
    Party.STAFF: Act.REVOCATION_REQUEST_BY_STAFF,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: the ground, when the key was compromised, and the requester's own words."""

    ground: str
    statement: str = ""
    invalid_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody on the telephone: name, number called back, and the items that matched what is registered."""

    name: str
    call_back: str
    items: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Tip:
    """What somebody without an account tells us (O-14, O-15.3): kind, certificate as named, and how to reach them."""

    report: str
    named: str
    name: str
    contact: str
    relation: str = "other"
    statement: str = ""
    happened_at: datetime | None = None


@transaction.atomic
def request_own(
    *, certificate: Certificate, wish: Wish, typed_number: str, actor: Actor, at: datetime
) -> RevocationRequest:
    """The holder asks for the revocation of their own certificate (O-15.2).

    They are signed in, so the request goes straight to an approver. Asking again returns the open request.
    Raises NotFound for somebody else's certificate, RuleViolated with what is wrong.
    """
    actor = authorise(actor=actor, act=Act.REVOCATION_REQUEST)
    if certificate.holder_id != actor.person_id:
        raise NotFound
    found = rules.of_number(typed=typed_number, number=certificate.management_number)
    case = _received(certificate, wish, Party.SUBSCRIBER, actor, at, found, requester_id=actor.person_id)
    return _before_approver(case, actor, at)


@transaction.atomic
def request_for_contract(
    *, certificate: Certificate, wish: Wish, typed_number: str, actor: Actor, at: datetime
) -> RevocationRequest:
    """A contract's administrator asks for the certificate of one of the contract's people (O-15.3).

    They are signed in and looked up in the contract, so the request goes straight to an approver. Raises NotFound
    for a certificate under a contract of somebody else, RuleViolated with what is wrong.
    """
    actor = authorise(actor=actor, act=Act.REVOCATION_REQUEST_FOR_CONTRACT)
    person, contract = _person(actor), certificate.subscription.contract_id
    if person is None or contract is None or not administered_by(person).filter(pk=contract).exists():
        raise NotFound
    found = rules.of_number(typed=typed_number, number=certificate.management_number)
    columns = {"requester_id": actor.person_id, "relation": "company"}
    case = _received(certificate, wish, Party.CONTRACT, actor, at, found, **columns)
    return _before_approver(case, actor, at)


@transaction.atomic
def request_for_caller(
    *, certificate: Certificate, caller: Caller, wish: Wish, actor: Actor, at: datetime
) -> RevocationRequest:
    """An agent of the call center asks for a caller whose answers matched what is registered (O-15.3).

    Raises RuleViolated while fewer than three items match: nothing is revoked for an unverified voice.
    """
    actor = authorise(actor=actor, act=Act.REVOCATION_REQUEST_FOR_CALLER)
    case = _received(
        certificate,
        wish,
        Party.AGENT,
        actor,
        at,
        rules.of_caller(caller.items),
        recorded_by_id=actor.person_id,
        requester_name=caller.name,
        requester_contact=caller.call_back,
        relation="caller",
        verification={"items": sorted(set(caller.items)), "call_back": caller.call_back},
    )
    return _before_approver(case, actor, at)


@transaction.atomic
def request_by_staff(*, certificate: Certificate, wish: Wish, actor: Actor, at: datetime) -> RevocationRequest:
    """Staff ask on one of the grounds of the terms (O-15.1, O-11.2, J-5.3); another person decides."""
    actor = authorise(actor=actor, act=Act.REVOCATION_REQUEST_BY_STAFF)
    case = _received(certificate, wish, Party.STAFF, actor, at, [], requester_id=actor.person_id, relation="office")
    return _before_approver(case, actor, at)


@transaction.atomic
def report(*, tip: Tip, actor: Actor, at: datetime) -> RevocationRequest:
    """Anyone reports a loss, a leak or a misuse; day and night, without an account (O-14, O-16.2.8, J-5.5).

    The answer is the same whether the certificate is known or not. Where it is, downloads and PIN stop now.
    Raises RuleViolated with what is missing, Throttled for a flood from one address.
    """
    actor = authorise(actor=actor, act=Act.REVOCATION_REPORT)
    found = rules.of_report(
        report=tip.report,
        named=tip.named,
        contact=tip.contact,
        statement=tip.statement,
        happened_at=tip.happened_at,
        at=at,
    )
    if found:
        raise RuleViolated(found)
    _refuse_flood(actor, at)
    named = named_certificate(tip.named)
    certificate = locked(named) if named else None
    first = _open_case(certificate) if certificate else _open_tip(tip, at)
    case = _stored_tip(tip, None if first else certificate, first, at)
    record(act=Act.REVOCATION_REPORT, actor=actor, at=at, subject=case, details={"report": tip.report})
    if certificate and not certificate.revoked_at:
        mark_revocation_requested(certificate=certificate, at=at)
    if not first:
        telling.tell_concerned(case=case, step=telling.RECEIVED, at=at)
    if case.urgent:
        telling.tell_approvers(case=first or case, step=telling.URGENT, at=at)
    return case


def named_certificate(named: str) -> Certificate | None:
    """The certificate that somebody means by a management number or a serial number (hexadecimal, colons allowed)."""
    text = half_width(named).replace(" ", "")
    by_number = Certificate.objects.filter(management_number__iexact=text).first()
    if by_number:
        return by_number
    serial = text.replace(":", "").lower().removeprefix("0x").lstrip("0")
    alike = list(Certificate.objects.filter(serial=serial)[:2]) if serial else []
    return alike[0] if len(alike) == 1 else None


def _person(actor: Actor) -> User | None:
    return User.objects.filter(pk=actor.person_id).first() if actor.person_id else None


def locked(certificate: Certificate) -> Certificate:
    """The certificate as it is now, held until the transaction ends: one open request, whoever comes at once."""
    return Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)


def certificate_named(named: str) -> Certificate:
    """The certificate that staff mean; raises RuleViolated where there is none."""
    certificate = named_certificate(named)
    if certificate is None:
        raise RuleViolated([Violation("named", "unknown", _("No certificate has this number."))])
    return certificate


def _received(
    certificate: Certificate,
    wish: Wish,
    party: Party,
    actor: Actor,
    at: datetime,
    found: list[Violation],
    **columns: Any,
) -> RevocationRequest:
    found = found + rules.of_request(
        party=party, ground=wish.ground, statement=wish.statement, invalid_since=wish.invalid_since, at=at
    )
    if found:
        raise RuleViolated(found)
    certificate = locked(certificate)
    _refuse_revoked(certificate, wish.ground)
    case = _open_case(certificate)
    if case:
        return _joined(case, wish, actor, at)
    case = _stored(certificate, wish, party, at, {"relation": "holder", **columns})
    record(act=_ACTS[party], actor=actor, at=at, subject=case, details={"ground": wish.ground, "channel": party.value})
    mark_revocation_requested(certificate=certificate, at=at)
    telling.tell_concerned(case=case, step=telling.RECEIVED, at=at)
    if case.urgent:
        telling.tell_approvers(case=case, step=telling.URGENT, at=at)
    return case


def _stored(
    certificate: Certificate, wish: Wish, party: Party, at: datetime, columns: dict[str, Any]
) -> RevocationRequest:
    return RevocationRequest.objects.create(
        number=revocation_number(at.year),
        story=certificate.story,
        certificate=certificate,
        named=certificate.management_number,
        channel=party.value,
        manual=governing_manual("revocation", at, certificate.subscription.target_system),
        ground=wish.ground,
        statement=wish.statement,
        invalidity_date=wish.invalid_since,
        urgent=GROUNDS[wish.ground].compromise,
        status_since=at,
        received_at=at,
        due_at=grounds.due(ground=wish.ground, party=party, received_at=at),
        **columns,
    )


def _before_approver(case: RevocationRequest, actor: Actor, at: datetime) -> RevocationRequest:
    if case.status not in ("received", "verifying"):
        return case
    return transition(machine=REQUEST, row=case, act=Act.REVOCATION_SUBMIT, actor=actor, at=at)


def _joined(case: RevocationRequest, wish: Wish, actor: Actor, at: datetime) -> RevocationRequest:
    """Asking again changes nothing, but a compromise named later makes the open request urgent."""
    raised = not case.ground or grounds.raises(case.ground, wish.ground)
    if raised and case.status != "processing":
        case.ground, case.urgent = wish.ground, case.urgent or GROUNDS[wish.ground].compromise
        case.invalidity_date = wish.invalid_since or case.invalidity_date
        case.due_at = min(case.due_at, at + grounds.URGENT)
        case.save(update_fields=["ground", "urgent", "invalidity_date", "due_at"])
        record(act=Act.REVOCATION_REQUEST, actor=actor, at=at, subject=case, details={"ground": wish.ground})
        telling.tell_approvers(case=case, step=telling.URGENT, at=at)
    return case


def _open_case(certificate: Certificate) -> RevocationRequest | None:
    return RevocationRequest.objects.filter(certificate=certificate, status__in=OPEN).first()


def _open_tip(tip: Tip, at: datetime) -> RevocationRequest | None:
    """An open report of the last day that names the same thing, unknown to us: what comes again joins it."""
    since = at - timedelta(days=1)
    alike = RevocationRequest.objects.filter(certificate=None, joined_to=None, status__in=OPEN, received_at__gt=since)
    return alike.filter(channel=Party.PUBLIC.value, named=tip.named.strip(), report=tip.report).first()


def _refuse_revoked(certificate: Certificate, ground: str) -> None:
    """What is revoked is not revoked again; only a key compromise found later is still heard."""
    if certificate.revoked_at is None or grounds.raises(certificate.ground, ground):
        return
    message = _("This certificate is revoked already. Nothing more needs to be done, but it must not be used.")
    raise RuleViolated([Violation(None, "revoked", message)])


def _stored_tip(
    tip: Tip, certificate: Certificate | None, first: RevocationRequest | None, at: datetime
) -> RevocationRequest:
    kind = REPORTS[tip.report]
    story = certificate.story if certificate else first.story if first else uuid4()
    return RevocationRequest.objects.create(
        number=revocation_number(at.year),
        story=story,
        certificate=certificate,
        joined_to=first,
        named=tip.named.strip(),
        channel=Party.PUBLIC.value,
        manual=governing_manual("revocation", at, certificate.subscription.target_system if certificate else None),
        requester_name=tip.name.strip(),
        requester_contact=tip.contact.strip(),
        relation=tip.relation,
        report=tip.report,
        statement=tip.statement,
        invalidity_date=tip.happened_at,
        urgent=kind.urgent,
        status_since=at,
        received_at=at,
        due_at=grounds.due(ground="", party=Party.PUBLIC, received_at=at, urgent=kind.urgent),
    )


def _refuse_flood(actor: Actor, at: datetime) -> None:
    recent = Event.objects.filter(at__gt=at - timedelta(hours=1), act=Act.REVOCATION_REPORT, origin=actor.origin)
    if actor.person_id is None and recent.count() >= REPORTS_AN_HOUR:
        raise Throttled(
            _("Many reports came from your network within an hour. Please wait a while, or call the emergency number.")
        )
