"""Mass revocation: a dry run that stays as rows, another person's approval, and batches that the worker claims.

Each batch is one transaction; a worker that dies loses none of what was committed and repeats nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.nudges import nudge
from accounts.services import authorise
from audit.actors import Actor
from audit.acts import Act
from audit.refusals import RuleViolated, Violation
from audit.services import record, transition
from certificates.models import Certificate
from regulations.models import TargetSystem
from regulations.numbers import mass_revocation_number
from revocation import mass_rules as rules
from revocation.mass_models import MassMember, MassRevocation
from revocation.models import RevocationRequest
from revocation.services import telling
from revocation.services.requests import OPEN, locked
from revocation.services.revoking import revoke
from revocation.states import MASS

BATCH = 50
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Selection:
    """Which certificates are meant: numbers of a list or file, or all valid ones of a target system or contract."""

    numbers: Sequence[str] = ()
    source: str = ""
    target_system: TargetSystem | None = None
    contract: str = ""


@transaction.atomic
def propose(*, selection: Selection, ground: str, statement: str, actor: Actor, at: datetime) -> MassRevocation:
    """Look at every certificate meant and keep what would be revoked and what is left out; nothing is revoked.

    Raises RuleViolated with what is wrong.
    """
    actor = authorise(actor=actor, act=Act.MASS_PROPOSE)
    members = _named(selection, ground, at) if selection.numbers else _selected(selection, ground, at)
    named = selection.numbers or None
    if found := rules.of_proposal(ground=ground, statement=statement, named=named, count=len(members)):
        raise RuleViolated(found)
    mass = MassRevocation.objects.create(
        number=mass_revocation_number(at.year),
        ground=ground,
        statement=statement.strip(),
        selection=words_of(selection),
        status_since=at,
        made_by=User.objects.get(pk=str(actor.person_id)),
        made_at=at,
    )
    for member in members:
        member.mass = mass
    MassMember.objects.bulk_create(members, batch_size=CHUNK)
    chosen = sum(member.status == "chosen" for member in members)
    details = {"ground": ground, "selection": mass.selection, "chosen": chosen, "left_out": len(members) - chosen}
    record(act=Act.MASS_PROPOSE, actor=actor, at=at, subject=mass, details=details)
    return mass


@transaction.atomic
def approve(*, mass: MassRevocation, actor: Actor, at: datetime) -> MassRevocation:
    """Another person lets it run. Raises RuleViolated for who proposed it or holds one of them, Stale when decided."""
    actor = authorise(actor=actor, act=Act.MASS_APPROVE)
    own = mass.members.filter(status="chosen", certificate__holder_id=actor.person_id).exists()
    if own or mass.made_by_id == actor.person_id:
        message = _("You proposed this or hold one of the certificates. Another approver has to decide.")
        raise RuleViolated([Violation(None, "four_eyes", message)])
    columns = {"approved_by_id": actor.person_id, "approved_at": at}
    mass = transition(machine=MASS, row=mass, act=Act.MASS_APPROVE, actor=actor, at=at, columns=columns)
    nudge("revocation.mass")
    return mass


@transaction.atomic
def discard(*, mass: MassRevocation, actor: Actor, at: datetime) -> MassRevocation:
    """Throw a proposal away; it stays on record. Raises Stale when it was approved already."""
    actor = authorise(actor=actor, act=Act.MASS_DISCARD)
    return transition(machine=MASS, row=mass, act=Act.MASS_DISCARD, actor=actor, at=at)


@transaction.atomic
def stop(*, mass: MassRevocation, actor: Actor, at: datetime) -> MassRevocation:
    """Stop before the next batch; what is revoked stays revoked. Raises Stale when it does not run."""
    actor = authorise(actor=actor, act=Act.MASS_STOP)
    return transition(machine=MASS, row=mass, act=Act.MASS_STOP, actor=actor, at=at)


@transaction.atomic
def resume(*, mass: MassRevocation, actor: Actor, at: datetime) -> MassRevocation:
    """Go on where it stopped. Raises Stale when it is not stopped."""
    actor = authorise(actor=actor, act=Act.MASS_RESUME)
    mass = transition(machine=MASS, row=mass, act=Act.MASS_RESUME, actor=actor, at=at)
    nudge("revocation.mass")
    return mass


@transaction.atomic
def revoke_batch(*, actor: Actor, at: datetime) -> int:
    """Revoke the next certificates of one running mass revocation; returns how many lines were done, 0 at the end."""
    actor = authorise(actor=actor, act=Act.MASS_FINISH)
    running = MassRevocation.objects.select_for_update(skip_locked=True).filter(status="running")
    mass = running.order_by("approved_at").first()
    if mass is None:
        return 0
    members = list(mass.members.filter(status="chosen").order_by("id")[:BATCH])
    for member in members:
        _revoke_one(mass, member, actor, at)
    nudge("revocation.publish")
    if len(members) < BATCH:
        transition(machine=MASS, row=mass, act=Act.MASS_FINISH, actor=actor, at=at)
    return len(members)


def words_of(selection: Selection) -> str:
    """What was selected, in words for people."""
    if selection.numbers:
        return f"{selection.source} ({len(selection.numbers)})".strip()
    slug = selection.target_system.slug if selection.target_system else ""
    return " / ".join(part for part in (slug, selection.contract) if part)[:200]


def _revoke_one(mass: MassRevocation, member: MassMember, actor: Actor, at: datetime) -> None:
    if member.certificate is None:
        raise AssertionError("the database lets no chosen line be without a certificate")
    certificate = locked(member.certificate)
    done = revoke(certificate=certificate, ground=mass.ground, actor=actor, at=at, nudging=False)
    if done:
        telling.tell_revoked(certificate=certificate, at=at)
    outcome = {"status": "revoked"} if done else {"status": "skipped", "why": "revoked"}
    MassMember.objects.filter(pk=member.pk).update(**outcome, done_at=at)


def _named(selection: Selection, ground: str, at: datetime) -> list[MassMember]:
    """The lines of a list: numbers are looked up together, by management number and then by serial."""
    numbers = list(selection.numbers)[: rules.MOST + 1]
    found: dict[str, Certificate] = {}
    for start in range(0, len(numbers), CHUNK):
        part = numbers[start : start + CHUNK]
        serials = [rules.serial_of(name) for name in part]
        for row in Certificate.objects.filter(serial__in=serials).defer("der"):
            found[row.serial] = row
        for row in Certificate.objects.filter(management_number__in=[name.upper() for name in part]).defer("der"):
            found[row.management_number] = row
    rows = [(name, found.get(name.upper()) or found.get(rules.serial_of(name))) for name in numbers]
    return _looked_at(rows, ground, at)


def _selected(selection: Selection, ground: str, at: datetime) -> list[MassMember]:
    """Everything valid of a target system, of a contract, or of both together; nothing where neither is named."""
    if selection.target_system is None and not selection.contract:
        return []
    rows = Certificate.objects.valid(at).defer("der").order_by("management_number")
    if selection.target_system is not None:
        rows = rows.filter(subscription__target_system=selection.target_system)
    if selection.contract:
        rows = rows.filter(subscription__contract__number=selection.contract)
    return _looked_at([(row.management_number, row) for row in rows[: rules.MOST + 1]], ground, at)


def _looked_at(rows: Sequence[tuple[str, Certificate | None]], ground: str, at: datetime) -> list[MassMember]:
    keys = [row.pk for _name, row in rows if row is not None]
    waiting = set(
        RevocationRequest.objects.filter(certificate__in=keys, status__in=OPEN).values_list("certificate", flat=True)
    )
    seen: set[UUID] = set()
    members = []
    for name, row in rows:
        why = _why(row, ground, at, waiting, seen)
        kept = None if why in ("unknown", "twice") else row
        members.append(MassMember(named=name, certificate=kept, status="left_out" if why else "chosen", why=why))
    return members


def _why(row: Certificate | None, ground: str, at: datetime, waiting: set[UUID], seen: set[UUID]) -> str:
    if row is None:
        return "unknown"
    if row.pk in seen:
        return "twice"
    seen.add(row.pk)
    revoked_on = row.ground if row.revoked_at is not None else None
    return rules.why_left_out(revoked_on=revoked_on, ground=ground, over=row.not_after < at, is_open=row.pk in waiting)
